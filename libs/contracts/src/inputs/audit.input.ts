import { z } from 'zod';
import { sortedPageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

const cluster = z.string().trim().min(1).max(63);
const checkId = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be the id of a check, as `dns-egress-missing`');
const namespace = z.string().min(1).max(253);
const MAX_SUPPRESSION_DAYS = 366;
const DAY_MS = 86_400_000;

/** An audit to run: of one cluster, of several, or of all when none is named. */
export const auditInput = z.strictObject({
  clusters: z.array(cluster).min(1).max(1000).optional().describe('Names or ids; every cluster when left out'),
  checks: z.array(checkId).min(1).max(200).optional().describe('Ids of the checks to run; all when left out'),
  at: snapshotAt.optional(),
});
export type AuditInput = z.output<typeof auditInput>;

/** One value, or several of them in a query string. */
const some = <T extends z.ZodType>(value: T) =>
  z.union([value.transform((one) => [one]), z.array(value).min(1)]).optional();

export const FINDING_STATES = ['current', 'new', 'resolved'] as const;
export const SUPPRESSION_FILTERS = ['include', 'exclude', 'only'] as const;
const severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);

/** Which findings of a report to list. */
export const findingsInput = z.strictObject({
  severity: some(severity).describe('Only findings of this weight; repeatable'),
  check: some(checkId).describe('Only findings of this check; repeatable'),
  namespace: some(namespace).describe('Only findings about this namespace; repeatable'),
  framework: z.string().min(1).max(64).optional().describe('Only findings that are evidence for this framework'),
  state: z
    .enum(FINDING_STATES)
    .default('current')
    .describe('`new`: not in the report before; `resolved`: in the report before and not in this one'),
  suppressed: z.enum(SUPPRESSION_FILTERS).default('exclude').describe('What to do with findings that are suppressed'),
  ...sortedPageInput(['severity', 'check', 'namespace', 'kind', 'name', 'firstSeenAt']).shape,
});
export type FindingsInput = z.output<typeof findingsInput>;

export const auditsInput = z.strictObject({ cluster: cluster.optional(), ...sortedPageInput(['createdAt']).shape });
export type AuditsInput = z.output<typeof auditsInput>;

/** How the scores of a cluster went from audit to audit. */
export const auditTrendInput = z.strictObject({
  namespace: some(namespace).describe('Only the scores of this namespace; repeatable'),
  framework: some(z.string().min(1).max(64)).describe('Only the scores of this framework; repeatable'),
  ...sortedPageInput(['createdAt']).shape,
});
export type AuditTrendInput = z.output<typeof auditTrendInput>;

/** An RFC 3339 time that is still to come, at most a year ahead. */
const expiry = z.iso.datetime({ offset: true }).transform((text, context): Date => {
  const expiresAt = new Date(text);
  const aheadMs = expiresAt.getTime() - Date.now();
  if (aheadMs > 0 && aheadMs <= MAX_SUPPRESSION_DAYS * DAY_MS) return expiresAt;
  context.addIssue({ code: 'custom', message: 'must lie ahead, and at most a year' });
  return z.NEVER;
});

/** Says that findings are known and accepted for a time, who answers for it, and why. */
export const suppressionInput = z
  .strictObject({
    cluster: cluster.optional().describe('Name or id; every cluster when left out'),
    fingerprint: z.string().min(8).max(64).optional().describe('One finding'),
    check: checkId.optional().describe('Every finding of this check'),
    namespace: namespace.optional().describe('Only what is about this namespace'),
    owner: z.string().trim().min(1).max(128).describe('Who answers for it'),
    reason: z.string().trim().min(10).max(1000).describe('Why it is accepted'),
    expiresAt: expiry.describe('When the findings come back, at most a year from now'),
  })
  .refine(({ fingerprint, check }) => (fingerprint === undefined) !== (check === undefined), {
    message: 'give either `fingerprint` (one finding) or `check` (all of its findings), not both and not none',
  });
export type SuppressionInput = z.output<typeof suppressionInput>;

export const suppressionsInput = z.strictObject({
  cluster: cluster.optional(),
  expired: z.enum(['include', 'exclude']).default('exclude'),
  ...sortedPageInput(['expiresAt', 'createdAt', 'owner']).shape,
});
export type SuppressionsInput = z.output<typeof suppressionsInput>;
