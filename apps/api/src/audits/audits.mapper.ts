import type {
  AuditAnswer,
  AuditScores,
  AuditSummary,
  Check,
  FindingAnswer,
  FindingPage,
  FindingView,
  Fix,
  SuppressionRecord,
  TrendPoint,
} from '#analysis';
import { pageToBody } from '../rest/page.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type {
  auditBody,
  auditListBody,
  auditScoresBody,
  auditSummaryBody,
  auditTrendBody,
  checkListBody,
  findingAnswerBody,
  findingBody,
  findingListBody,
  suppressionBody,
  suppressionListBody,
} from './audit.body.js';

export type AuditBody = Body<typeof auditBody>;
export type AuditListBody = Body<typeof auditListBody>;
export type AuditScoresBody = Body<typeof auditScoresBody>;
export type AuditTrendBody = Body<typeof auditTrendBody>;
export type FindingBody = Body<typeof findingBody>;
export type FindingListBody = Body<typeof findingListBody>;
export type FindingAnswerBody = Body<typeof findingAnswerBody>;
export type SuppressionBody = Body<typeof suppressionBody>;
export type SuppressionListBody = Body<typeof suppressionListBody>;
export type CheckListBody = Body<typeof checkListBody>;

export function auditSummaryToBody(audit: AuditSummary): Body<typeof auditSummaryBody> {
  const { id, number, createdAt, requester, outcomes, severities, suppressed, added, resolved, score } = audit;
  const counts = { outcomes, severities, suppressed, added, resolved, score };
  return { id, number, createdAt: createdAt.toISOString(), requester, ...counts, ...provenanceToBody(audit) };
}

export function auditToBody(audit: AuditAnswer): AuditBody {
  return { ...auditSummaryToBody(audit), checks: audit.checks };
}

export function auditScoresToBody(scores: AuditScores): AuditScoresBody {
  const { id, overall, namespaces, frameworks } = scores;
  return { id, overall, namespaces, frameworks, ...provenanceToBody(scores) };
}

export function trendPointToBody(point: TrendPoint): AuditTrendBody['items'][number] {
  const { id, number, createdAt, overall, namespaces, frameworks } = point;
  const scores = { overall, namespaces, frameworks };
  return { id, number, createdAt: createdAt.toISOString(), ...scores, ...provenanceToBody(point) };
}

export function findingToBody(finding: FindingView): FindingBody {
  const { suppression, object } = finding;
  return {
    ...finding,
    object: object === null ? null : pickRef(object),
    related: finding.related.map(pickRef),
    fix: finding.fix === null ? null : fixToBody(finding.fix),
    firstSeenAt: finding.firstSeenAt.toISOString(),
    suppression: suppression === null ? null : { ...suppression, expiresAt: suppression.expiresAt.toISOString() },
  };
}

/** Only what a fix shows, in the order of the description. */
function fixToBody({ action, title, manifest, objects, removes, note }: Fix): NonNullable<FindingBody['fix']> {
  return { action, title, manifest, objects, removes: removes.map(pickRef), note };
}

export function findingPageToBody(page: FindingPage, limit: number): FindingListBody {
  return { ...pageToBody(page, limit, findingToBody), ...provenanceToBody(page) };
}

export function findingAnswerToBody(answer: FindingAnswer): FindingAnswerBody {
  const { finding, prediction } = answer;
  return { finding: findingToBody(finding), prediction, ...provenanceToBody(answer) };
}

export function suppressionToBody({ checkId, ...suppression }: SuppressionRecord): SuppressionBody {
  return {
    ...suppression,
    check: checkId,
    createdAt: suppression.createdAt.toISOString(),
    expiresAt: suppression.expiresAt.toISOString(),
  };
}

export function checksToBody(checks: readonly Check[]): CheckListBody {
  return { items: checks.map(({ run: _, reads: __, ...told }) => told) };
}
