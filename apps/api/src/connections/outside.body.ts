import { z } from 'zod';
import { named } from '../rest/schema-registry.js';
import { objectRefBody, pageBody, provenanceFields } from '../rest/shared.body.js';
import { answerVerdict, fixFields, reachabilityBody } from '../reachability/reachability.body.js';
import { caveatField, listPeerBody } from './connections.body.js';

const entryPointBody = named(
  'EntryPoint',
  z.strictObject({
    via: z.enum(['LoadBalancer', 'NodePort', 'ExternalIP', 'HostPort', 'Ingress', 'Gateway', 'Route']),
    object: objectRefBody,
    pointer: z.string().describe('JSON Pointer into the object'),
    listens: z.string().describe('Addresses, host names and paths'),
    protocol: z.string(),
    port: z.int().nullable(),
    service: z.string().describe("`namespace/name`, '' when no Service is in between"),
    backends: z.array(z.string()).describe('After translation, as `shop/web-1:8080`'),
    seenAs: z.enum(['client', 'node', 'proxy']).describe('Whose address policy at the backend sees'),
    verdict: answerVerdict,
    why: z.string(),
  }),
);

export const entryPointsBody = named(
  'EntryPoints',
  z.strictObject({ items: z.array(entryPointBody), ...provenanceFields }),
);

const exposureBody = named(
  'Exposure',
  z.strictObject({
    peer: listPeerBody,
    endpoints: z.int(),
    protected: z.strictObject({ ingress: z.boolean(), egress: z.boolean() }).describe('Whether some policy selects it'),
    fromInternet: z.string().describe('What policy lets any address open: `none`, `all`, or ports'),
    fromAnyPod: z.string().describe('What any pod of any namespace may open, present or future'),
    fromSelected: z.array(z.strictObject({ selector: z.string(), connections: z.string() })),
    toInternet: z.string(),
    toAnyPod: z.string(),
  }),
);

export const exposureListBody = named(
  'ExposureList',
  z.strictObject({ items: z.array(exposureBody), page: pageBody, caveat: caveatField, ...provenanceFields }),
);

const leversBody = z.strictObject({
  levers: z.array(
    z.strictObject({
      change: z.enum(['remove', 'add']),
      policy: objectRefBody,
      title: z.string(),
      reached: z.int(),
      difference: z.int().describe('Against now: above 0 for more within reach'),
    }),
  ),
  tried: z.int(),
  candidates: z.int(),
});

export const blastBody = named(
  'BlastRadius',
  z.strictObject({
    direction: z.enum(['from', 'to']),
    hops: z.int().nullable().describe('null for as far as it goes'),
    start: z.string(),
    starts: z.int().describe('Endpoints that are taken over'),
    reached: z.int(),
    of: z.int(),
    weight: z.int().describe('A sensitive endpoint counts 10'),
    sensitive: z.int(),
    byHop: z.array(z.int()),
    byNamespace: z.array(z.strictObject({ namespace: z.string(), reached: z.int(), total: z.int() })),
    landmarks: z.array(
      z.strictObject({
        name: z.string().describe('`internet`, `metadata`, `apiServer`, or a range that was asked about'),
        state: z.enum(['reachable', 'unreachable', 'unknown']),
        hop: z.int().nullable(),
        via: z.array(z.string()),
      }),
    ),
    targets: z.array(
      z.strictObject({
        peer: listPeerBody,
        endpoints: z.int(),
        hop: z.int(),
        sensitive: z.boolean(),
        path: z.array(z.string()),
      }),
    ),
    targetsLeftOut: z.int(),
    caveat: caveatField,
    levers: leversBody
      .nullable()
      .describe('Policies whose removal or addition changes it most; null when not asked for'),
    ...provenanceFields,
  }),
);

export const leverReportBody = named(
  'PolicyLeverReport',
  z.strictObject({
    id: z.string(),
    of: z.string(),
    direction: z.enum(['from', 'to']),
    hops: z.int().nullable().describe('null for as far as it goes'),
    ...leversBody.shape,
    ...provenanceFields,
  }),
);

const predictionBody = z.strictObject({
  opens: z.array(z.string()),
  closes: z.array(z.string()),
  opened: z.int().describe('Pairs of endpoints'),
  closed: z.int(),
});

export const whyBody = named(
  'Why',
  z.strictObject({
    ...reachabilityBody.shape,
    fixes: z.array(z.strictObject({ ...fixFields, prediction: predictionBody.nullable() })),
  }),
);
