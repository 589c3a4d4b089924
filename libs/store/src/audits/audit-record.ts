import type { KindCompleteness } from '#contracts';

/** What one check came to, as a report keeps it. */
export interface StoredCheckResult {
  /** Id of the check. */
  readonly check: string;
  readonly outcome: string;
  readonly reason: string;
  /** Every namespace that the reason may name. */
  readonly mentions: readonly string[];
}

/** A report to be stored. Its number is given by the store. */
export interface NewAuditReport {
  /** Id of the job that made it. */
  readonly id: string;
  readonly clusterId: string;
  readonly seq: number;
  readonly takenAt: Date;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
  readonly engineVersion: string;
  readonly checks: readonly StoredCheckResult[];
  /** Ids of the checks that came to a result: what they found before and do not find now is resolved. */
  readonly settled: readonly string[];
  /** Ids of the checks that found something. */
  readonly failing: readonly string[];
  readonly requester: string;
}

export interface AuditReportRecord extends Omit<NewAuditReport, 'settled'> {
  /** From 1 in each cluster. */
  readonly number: number;
  readonly createdAt: Date;
}

/** A finding to be stored. */
export interface NewFinding {
  readonly fingerprint: string;
  readonly checkId: string;
  /** 0 is the worst. */
  readonly severity: number;
  /** The namespace it is about, '' for none. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Every namespace that its texts may name. */
  readonly mentions: readonly string[];
  readonly detail: unknown;
}

/** A suppression as far as a finding shows it. */
export interface AppliedSuppression {
  readonly id: string;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: Date;
}

export interface FindingRecord extends NewFinding {
  /** Number of the report that had it first, without a gap since, and when that was. */
  readonly firstNumber: number;
  readonly firstSeenAt: Date;
  /** Null for a finding that counts. */
  readonly suppression: AppliedSuppression | null;
}

/** Which findings of a report. Lists that are left out keep everything. */
export interface FindingFilter {
  readonly clusterId: string;
  readonly number: number;
  readonly state: 'current' | 'new' | 'resolved';
  readonly checks?: readonly string[] | undefined;
  readonly severities?: readonly number[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly fingerprint?: string | undefined;
  readonly suppressed: 'include' | 'exclude' | 'only';
}

/** Findings of a report by check, namespace and weight. */
export interface FindingTally {
  readonly number: number;
  readonly checkId: string;
  readonly namespace: string;
  readonly severity: number;
  /** Those that count, and those that are suppressed. */
  readonly active: number;
  readonly suppressed: number;
}

/** What a report has that the one before had not, and the other way round, by check and namespace. */
export interface FindingChanges {
  readonly number: number;
  readonly checkId: string;
  readonly namespace: string;
  readonly added: number;
  readonly resolved: number;
}

export interface NewSuppression {
  readonly clusterId: string | null;
  readonly fingerprint: string | null;
  readonly checkId: string | null;
  readonly namespace: string | null;
  readonly owner: string;
  readonly reason: string;
  readonly requester: string;
  readonly expiresAt: Date;
}

export interface SuppressionRecord extends NewSuppression {
  readonly id: string;
  readonly createdAt: Date;
}
