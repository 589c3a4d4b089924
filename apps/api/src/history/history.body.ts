import { z } from 'zod';
import { named } from '../rest/schema-registry.js';
import { cniBody, pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

export const snapshotBody = named(
  'Snapshot',
  z.strictObject({
    storedAt: timestamp.describe('When it could first be asked about'),
    digest: z.string().nullable().describe('Equal for equal objects and completeness; null for who sees only a part'),
    objectCount: z.int().min(0).nullable().describe('null for who sees only a part'),
    pinned: z.boolean().describe('Retention leaves it alone'),
    ...provenanceFields,
  }),
);

export const snapshotListBody = named('SnapshotList', z.strictObject({ items: z.array(snapshotBody), page: pageBody }));

const cniChangeBody = named(
  'CniChange',
  z.strictObject({
    number: z.int().min(1),
    seenAt: timestamp,
    seq: z.int().min(0).describe('The newest snapshot at that time, 0 when there was none'),
    cni: cniBody,
    changes: z.array(z.string()).describe('What differs from the one before, a line each; the evidence aside'),
  }),
);

export const cniHistoryBody = named(
  'CniHistory',
  z.strictObject({ items: z.array(cniChangeBody), page: pageBody, ...provenanceFields }),
);

const nodeCniBody = named(
  'NodeCni',
  z.strictObject({
    node: z.string(),
    enforced: z.enum(['yes', 'no', 'unknown']).describe('Whether policy is enforced for pods of this node'),
    agents: z
      .array(
        z.strictObject({
          namespace: z.string(),
          pod: z.string(),
          version: z.string().describe("'' when unknown"),
          ready: z.boolean(),
        }),
      )
      .describe('Pods of the plugin on this node'),
  }),
);

export const cniNodeListBody = named(
  'CniNodeList',
  z.strictObject({ items: z.array(nodeCniBody), total: z.int().min(0), page: pageBody, ...provenanceFields }),
);
