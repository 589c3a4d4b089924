import { Inject, Injectable } from '@nestjs/common';
import { REPORT_FORMATS, type ReportFormat, type ReportInput } from '#contracts';
import {
  FORMATS,
  forFramework,
  renderAside,
  reportFinding,
  type RenderedFile,
  type ReportFinding,
  type ReportModel,
} from '#reports';
import { Audits, type AuditScores } from '../audits/audits.usecase.js';
import type { AuditAnswer } from '../audits/audit-view.js';
import { CheckCatalogue } from '../audits/check-catalogue.js';
import type { FindingView } from '../audits/finding-view.js';
import { Findings } from '../audits/findings.usecase.js';
import { demandFramework } from '../audits/frameworks.js';

/** A report as a file. */
export interface ReportFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** As `production-12.pdf`. */
  readonly name: string;
}

/** What each format is sent as. */
export const REPORT_MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = Object.fromEntries(
  REPORT_FORMATS.map((format) => [format, FORMATS[format].mediaType]),
) as Record<ReportFormat, string>;

const PAGE = 100;

/** Reports of audits, as files: what the caller may see of the audit, in the form asked for. */
@Injectable()
export class AuditReports {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(Findings) private readonly findings: Findings,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
  ) {}

  /** @throws AppError `audit.not_found`, `request.invalid` (an unknown framework) */
  async render(id: string, input: ReportInput): Promise<ReportFile> {
    const model = await this.modelOf(id, input.framework);
    const { files } = await renderAside(model, [input.format]);
    return fileOf(model, input.format, files[0] as RenderedFile);
  }

  /** Everything that a report says. @throws AppError `audit.not_found`, `request.invalid` */
  async modelOf(id: string, framework?: string): Promise<ReportModel> {
    demandFramework(framework);
    const [audit, scores, findings] = await Promise.all([
      this.audits.get(id),
      this.audits.scores(id),
      this.allFindings(id),
    ]);
    const model = await this.wholeModel(audit, scores, findings);
    return framework === undefined ? model : (forFramework(model, framework) ?? model);
  }

  private async allFindings(id: string): Promise<FindingView[]> {
    const all: FindingView[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.findings.list(id, { limit: PAGE, cursor, state: 'current', suppressed: 'include' });
      all.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return all;
  }

  private async wholeModel(
    audit: AuditAnswer,
    scores: AuditScores,
    findings: readonly FindingView[],
  ): Promise<ReportModel> {
    const known = await this.catalogue.byId();
    const { findings: _, ...overall } = scores.overall;
    return {
      framework: null,
      cluster: audit.asOf.cluster,
      audit: { id: audit.id, number: audit.number },
      snapshot: { seq: audit.asOf.seq, takenAt: audit.asOf.takenAt.toISOString() },
      createdAt: audit.createdAt.toISOString(),
      engineVersion: audit.engineVersion,
      incomplete: audit.completeness.incomplete,
      overall: { name: '', ...overall },
      namespaces: scores.namespaces.map(({ namespace, findings: __, ...score }) => ({ name: namespace, ...score })),
      frameworks: scores.frameworks.map(({ framework, findings: __, ...score }) => ({ name: framework, ...score })),
      checks: audit.checks.flatMap(({ check: id, outcome, reason }) => {
        const check = known.get(id);
        if (check === undefined) return [];
        const { number, title, description, remediation, severity, compliance, references } = check;
        return [{ id, number, title, description, remediation, severity, compliance, references, outcome, reason }];
      }),
      findings: findings.map((finding) => toldFinding(finding, audit.number)),
      resolved: audit.resolved,
    };
  }
}

/** A report in one form. */
export function fileOf(model: ReportModel, format: ReportFormat, { bytes }: RenderedFile): ReportFile {
  const { mediaType, extension } = FORMATS[format];
  return { bytes, mediaType, name: `${model.cluster}-${String(model.audit.number)}.${extension}` };
}

function toldFinding(finding: FindingView, auditNumber: number): ReportFinding {
  const { firstSeenAt, firstNumber, suppression } = finding;
  return reportFinding(finding, {
    firstSeenAt: firstSeenAt.toISOString(),
    isNew: auditNumber > 1 && firstNumber === auditNumber,
    suppression:
      suppression === null
        ? null
        : { owner: suppression.owner, reason: suppression.reason, expiresAt: suppression.expiresAt.toISOString() },
  });
}
