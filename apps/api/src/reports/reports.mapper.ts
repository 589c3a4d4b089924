import type { KeptReport, KeptReportSummary } from '#analysis';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { reportBody, reportListBody, reportSummaryBody } from './report.body.js';

export type ReportBody = Body<typeof reportBody>;
export type ReportListBody = Body<typeof reportListBody>;

export function reportToBody({ comparison, publicKey, ...report }: KeptReport): ReportBody {
  return {
    ...summaryToBody(report),
    comparison:
      comparison === null ? null : { ...comparison, againstCreatedAt: comparison.againstCreatedAt.toISOString() },
    publicKey,
  };
}

export function summaryToBody(report: KeptReportSummary): Body<typeof reportSummaryBody> {
  return { ...report, createdAt: report.createdAt.toISOString(), ...provenanceToBody(report) };
}
