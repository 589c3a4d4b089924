import { z } from 'zod';
import { flag } from './connections.input.js';
import { list } from './drift.input.js';
import { pageInput, sortedPageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

/** How a flow that was seen stands to what policy says of it. */
export const FLOW_STANDINGS = [
  'dropped-though-allowed',
  'forwarded-though-denied',
  'denied',
  'audited',
  'elsewhere',
  'open',
  'allowed',
  'undetermined',
  'not-found',
] as const;

/** Kinds of policy that are written. */
export const POLICY_FORMS = ['kubernetes', 'cilium', 'calico'] as const;

/** Media types of a file of flows. */
export const FLOW_MEDIA_TYPES = ['application/x-ndjson', 'application/json', 'text/csv'] as const;
export const MAX_FLOW_FILE_BYTES = 16 * 1024 * 1024;

/** Flows as their source writes them, one record a line. */
export const flowFile = z.string().min(1).max(MAX_FLOW_FILE_BYTES);

const namespaceName = z.string().trim().min(1).max(253);

/** What becomes of a flow, as its source tells it. */
export const SEEN_VERDICTS = ['forwarded', 'dropped', 'audited', 'unknown'] as const;

const kept = flag.optional().describe('The flows that the cluster keeps, in place of some that are sent');

/** Which policies decide flows that were seen? */
export const explainFlowsInput = z.strictObject({
  at: snapshotAt.optional(),
  kept,
  standing: list(z.enum(FLOW_STANDINGS)).describe('Only flows that stand like this; repeatable'),
  ...pageInput.shape,
});

/** Which policies would let through just what was seen? */
export const suggestFlowsInput = z.strictObject({
  at: snapshotAt.optional(),
  kept,
  form: z
    .enum(POLICY_FORMS)
    .optional()
    .describe('The kind of policy to write; the one that says most of what was seen when left out'),
  namespace: list(namespaceName).describe('Only for workloads of this namespace; repeatable'),
});

/** Which flows does a cluster keep? */
export const keptFlowsInput = z.strictObject({
  namespace: namespaceName.optional().describe('Only flows with this namespace at one of their ends'),
  verdict: z.enum(SEEN_VERDICTS).optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional()
    .describe('Only flows that were seen at this time or later, RFC 3339'),
  ...sortedPageInput(['lastSeen', 'firstSeen', 'count']).shape,
});

export type KeptFlowsInput = z.output<typeof keptFlowsInput>;
export type ExplainFlowsInput = z.output<typeof explainFlowsInput>;
export type SuggestFlowsInput = z.output<typeof suggestFlowsInput>;
