import { z } from 'zod';
import { named } from '../rest/schema-registry.js';
import { pageBody, provenanceFields } from '../rest/shared.body.js';

export const listPeerBody = named(
  'ListPeer',
  z.strictObject({
    kind: z.string().describe('`Pod`, a workload kind, `Namespace`, `Node`, or `Addresses` for what is outside'),
    namespace: z.string().describe("'' for nodes and addresses; of a namespace its own name"),
    name: z.string().describe('Of addresses their ranges'),
  }),
);

export const caveatField = z
  .string()
  .nullable()
  .describe('What is not told because it cannot be, or what the CNI makes less of than it says; null for nothing');

const connectionFields = {
  connections: z.string().describe('`all`, or as `TCP 80, 443; UDP 53`'),
  protocols: z.array(
    z.strictObject({
      protocol: z.string(),
      ports: z.array(z.strictObject({ from: z.int(), to: z.int() })).describe('Inclusive ranges'),
    }),
  ),
  pairs: z.int().describe('Pairs of endpoints with some connection'),
  of: z.int().describe('All pairs that were looked at'),
} as const;

const connectionBody = named(
  'Connection',
  z.strictObject({ source: listPeerBody, destination: listPeerBody, ...connectionFields }),
);

export const connectionListBody = named(
  'ConnectionList',
  z.strictObject({ items: z.array(connectionBody), page: pageBody, caveat: caveatField, ...provenanceFields }),
);

export const connectionMatrixBody = named(
  'ConnectionMatrix',
  z.strictObject({
    peers: z.array(listPeerBody),
    cells: z
      .array(z.strictObject({ source: z.int(), destination: z.int(), ...connectionFields }))
      .describe('By place in `peers`; what has no connection has no cell'),
    caveat: caveatField,
    ...provenanceFields,
  }),
);

const graphFields = {
  title: z.string(),
  groups: z.array(z.strictObject({ id: z.string(), label: z.string() })),
  nodes: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      detail: z.string(),
      kind: z.enum(['namespace', 'workload', 'node', 'outside', 'service', 'policy', 'start', 'more']),
      group: z.string().describe("Id of its group, '' for none"),
      names: z.array(z.string()).optional().describe('The names of several that it stands for'),
    }),
  ),
  edges: z.array(
    z.strictObject({
      from: z.string().describe('Id of a node or a group'),
      to: z.string(),
      label: z.string().describe("'' for every port"),
      state: z.enum(['allowed', 'denied', 'unknown', 'not-reached']),
      both: z.boolean().describe('It goes both ways'),
    }),
  ),
  note: z.string().describe('What is left out or drawn together'),
} as const;

export const connectionGraphBody = named(
  'ConnectionGraph',
  z.strictObject({ ...graphFields, caveat: caveatField, ...provenanceFields }),
);
