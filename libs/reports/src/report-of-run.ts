import {
  frameworkScores,
  namespaceScores,
  overallScore,
  worstFirst,
  type AuditReport,
  type FindingCount,
} from '#checks';
import { reportFinding } from './report-finding.js';
import type { ReportModel } from './report-model.js';

/** The report of an audit that was made in this process, of manifests: it has no number and nothing before it. */
export function reportOfRun(
  { results, engineVersion }: AuditReport,
  about: { readonly cluster: string; readonly createdAt: Date; readonly namespaces: readonly string[] },
): ReportModel {
  const checks = results.map(({ check, outcome }) => ({ ...check, outcome }));
  const findings = results.flatMap((result) => result.findings);
  const counts = findings.map((finding): FindingCount => {
    const { check, severity, object } = finding;
    return {
      check,
      severity,
      namespace: object?.kind === 'Namespace' ? object.name : (object?.namespace ?? ''),
      count: 1,
    };
  });
  const { findings: _, ...overall } = overallScore(checks, counts);
  return {
    framework: null,
    cluster: about.cluster,
    audit: { id: '', number: 0 },
    snapshot: null,
    createdAt: about.createdAt.toISOString(),
    engineVersion,
    incomplete: [],
    overall: { name: '', ...overall },
    namespaces: namespaceScores(checks, counts, [...about.namespaces]).map(({ namespace, findings: __, ...score }) => ({
      name: namespace,
      ...score,
    })),
    frameworks: frameworkScores(checks, counts).map(({ framework, findings: __, ...score }) => ({
      name: framework,
      ...score,
    })),
    checks: results.map(({ check, outcome, reason }) => {
      const { id, number, title, description, remediation, severity, compliance, references } = check;
      return { id, number, title, description, remediation, severity, compliance, references, outcome, reason };
    }),
    findings: results
      .flatMap((result) =>
        result.findings.map((finding) =>
          reportFinding(
            { ...finding, number: result.check.number },
            { firstSeenAt: null, isNew: false, suppression: null },
          ),
        ),
      )
      .sort(worstFirst),
    resolved: 0,
  };
}
