import {
  OUTCOMES,
  overallScore,
  SEVERITIES,
  type Check,
  type FindingCount,
  type Outcome,
  type ScoredCheck,
  type Severity,
} from '#checks';
import type { AuditReportRecord, ClusterRecord, FindingChanges, FindingTally } from '#store';
import { provenanceOf, type Provenance } from '../provenance/provenance.js';

/** An audit of one cluster, as far as the caller may see it. Counts leave out what is suppressed now. */
export interface AuditSummary extends Provenance {
  /** Of the job that made it. */
  readonly id: string;
  /** From 1 in each cluster. */
  readonly number: number;
  readonly createdAt: Date;
  readonly requester: string;
  /** How many checks came to what. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Findings that count, by weight. */
  readonly severities: Readonly<Record<Severity, number>>;
  readonly suppressed: number;
  /** Findings that the report before did not have, and those that only it had; suppressed ones included. */
  readonly added: number;
  readonly resolved: number;
  /** 0 to 100; null when no check came to a result. */
  readonly score: number | null;
}

/** What one check came to. */
export interface CheckResultView {
  readonly check: string;
  readonly number: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** '' for a pass, and when it names what the caller may not see. */
  readonly reason: string;
  readonly findings: number;
  readonly suppressed: number;
}

export interface AuditAnswer extends AuditSummary {
  readonly checks: readonly CheckResultView[];
}

/** What a caller may know of a report: its findings by check, namespace and weight. */
export interface VisibleAudit {
  readonly cluster: ClusterRecord;
  readonly report: AuditReportRecord;
  readonly latestSeq: number;
  readonly sees: (namespace: string) => boolean;
  readonly tally: readonly FindingTally[];
  readonly changes: readonly FindingChanges[];
}

export function auditSummary(audit: VisibleAudit, checks: ReadonlyMap<string, Check>): AuditSummary {
  const { cluster, report, tally, changes } = audit;
  const { score, findings } = overallScore(scoredChecks(report, checks), activeCounts(tally));
  return {
    ...provenanceOf(cluster, report, report.seq === audit.latestSeq, new Date()),
    engineVersion: report.engineVersion,
    id: report.id,
    number: report.number,
    createdAt: report.createdAt,
    requester: report.requester,
    outcomes: countOutcomes(report),
    severities: findings,
    suppressed: sum(tally.map((row) => row.suppressed)),
    added: sum(changes.map((row) => row.added)),
    resolved: sum(changes.map((row) => row.resolved)),
    score,
  };
}

export function auditAnswer(audit: VisibleAudit, checks: ReadonlyMap<string, Check>): AuditAnswer {
  const results = audit.report.checks.map(({ check, outcome, reason, mentions }) => {
    const own = audit.tally.filter((row) => row.checkId === check);
    return {
      check,
      number: checks.get(check)?.number ?? '',
      title: checks.get(check)?.title ?? '',
      outcome: outcome as Outcome,
      reason: mentions.every(audit.sees) ? reason : '',
      findings: sum(own.map((row) => row.active)),
      suppressed: sum(own.map((row) => row.suppressed)),
    };
  });
  return { ...auditSummary(audit, checks), checks: results };
}

/** The report's checks with what scores need; those that this version no longer has are left out. */
export function scoredChecks(report: AuditReportRecord, checks: ReadonlyMap<string, Check>): ScoredCheck[] {
  return report.checks.flatMap(({ check: id, outcome }) => {
    const check = checks.get(id);
    if (check === undefined) return [];
    return [{ id, severity: check.severity, compliance: check.compliance, outcome: outcome as Outcome }];
  });
}

/** Findings that count, as scores read them. */
export function activeCounts(tally: readonly FindingTally[]): FindingCount[] {
  return tally
    .filter((row) => row.active > 0)
    .map(({ checkId, namespace, severity, active }) => ({
      check: checkId,
      namespace,
      severity: SEVERITIES[severity] ?? 'info',
      count: active,
    }));
}

function countOutcomes(report: AuditReportRecord): Record<Outcome, number> {
  const count = (outcome: Outcome): number => report.checks.filter((check) => check.outcome === outcome).length;
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
