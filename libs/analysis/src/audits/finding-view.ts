import { SEVERITIES, type Area, type Check, type ComplianceKey, type Finding, type Severity } from '#checks';
import type { AppliedSuppression, FindingRecord } from '#store';

/** What is stored of a finding beside what it is found by. */
export type FindingDetail = Pick<
  Finding,
  'title' | 'confidence' | 'scope' | 'object' | 'pointer' | 'related' | 'evidence' | 'counterexample' | 'fix'
>;

/** A finding as callers see it. */
export interface FindingView extends FindingDetail {
  readonly fingerprint: string;
  /** Id of the check, its number in the catalogue and its area; '' and null when this version has no such check. */
  readonly check: string;
  readonly number: string;
  readonly area: Area | null;
  readonly severity: Severity;
  readonly compliance: readonly ComplianceKey[];
  readonly remediation: string;
  /** Number of the report that had it first, without a gap since, and when that was. */
  readonly firstNumber: number;
  readonly firstSeenAt: Date;
  readonly suppression: AppliedSuppression | null;
  /** True when its texts name what the caller may not see, so that they were left out. */
  readonly redacted: boolean;
}

/** A stored finding for a caller who sees its namespace. Texts that name others are kept to those who see them all. */
export function findingView(
  record: FindingRecord,
  check: Check | undefined,
  sees: (namespace: string) => boolean,
): FindingView {
  const redacted = !record.mentions.every(sees);
  const detail = record.detail as FindingDetail;
  return {
    ...(redacted ? redact(detail, check, sees) : detail),
    fingerprint: record.fingerprint,
    check: record.checkId,
    number: check?.number ?? '',
    area: check?.area ?? null,
    severity: SEVERITIES[record.severity] ?? 'info',
    compliance: check?.compliance ?? [],
    remediation: check?.remediation ?? '',
    firstNumber: record.firstNumber,
    firstSeenAt: record.firstSeenAt,
    suppression: record.suppression,
    redacted,
  };
}

function redact(detail: FindingDetail, check: Check | undefined, sees: (namespace: string) => boolean): FindingDetail {
  return {
    ...detail,
    title: check?.title ?? '',
    related: detail.related.filter((object) => object.namespace !== '' && sees(object.namespace)),
    evidence: [],
    counterexample: null,
    fix: null,
  };
}
