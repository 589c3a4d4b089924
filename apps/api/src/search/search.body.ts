import { z } from 'zod';
import { COLLECTIONS } from '#analysis';
import { objectBody } from '../inventory/inventory.body.js';
import { named } from '../rest/schema-registry.js';
import { asOfBody, objectRefBody, pageBody, provenanceFields } from '../rest/shared.body.js';

const direction = z.enum(['ingress', 'egress']);
const count = z.int().min(0);
const listFields = { total: count, page: pageBody, ...provenanceFields } as const;

export const labelListBody = named(
  'LabelList',
  z.strictObject({
    items: z.array(
      z.strictObject({
        key: z.string(),
        value: z.string().nullable().describe('null where the whole key is counted'),
        objects: count.describe('Objects that carry it'),
        values: count.describe('Different values of the key; 1 for a single one'),
      }),
    ),
    ...listFields,
  }),
);

export const selectedListBody = named(
  'SelectedList',
  z.strictObject({
    items: z.array(
      z.strictObject({
        type: z
          .enum(['pod', 'hostpod', 'node', 'template', 'other'])
          .describe("`hostpod`: on its node's network; `template`: of a workload without pods"),
        namespace: z.string(),
        name: z.string(),
        directions: z.array(direction).describe('In which a policy speaks for it; empty for a Service'),
        certain: z.boolean().describe('false when it cannot be told whether it is selected'),
      }),
    ),
    ...listFields,
  }),
);

export const selectingListBody = named(
  'SelectingPolicyList',
  z.strictObject({
    items: z.array(
      z.strictObject({
        policy: objectRefBody,
        direction,
        tier: z.string(),
        certain: z.boolean().describe('false when it cannot be told whether it selects the pod'),
        isolates: z.boolean().describe('The pod is closed for what no rule of the tier allows'),
        rules: z.array(z.string()).describe('JSON Pointers of its rules, in order of evaluation'),
        enforced: z
          .enum(['yes', 'no', 'unknown'])
          .describe("Whether the cluster's network plugin enforces it for the pod"),
      }),
    ),
    ...listFields,
  }),
);

const countFields = {
  collections: z.record(z.enum(COLLECTIONS), count).describe('By list; `objects` counts everything'),
  kinds: z.record(z.string(), count).describe('By kind'),
} as const;

export const clusterCountsBody = named('ClusterCounts', z.strictObject({ ...countFields, ...provenanceFields }));

export const fleetCountsBody = named(
  'FleetCounts',
  z.strictObject({
    ...countFields,
    clusters: count,
    unread: z.array(z.string()).describe('Clusters that have no snapshot yet'),
  }),
);

export const searchResultBody = named(
  'SearchResult',
  z.strictObject({
    items: z.array(z.strictObject({ asOf: asOfBody, object: objectBody })),
    page: pageBody.describe('A page looks for a short time only: it may be empty and still lead on'),
    unread: z.array(z.string()).describe('Clusters that have no snapshot yet'),
  }),
);
