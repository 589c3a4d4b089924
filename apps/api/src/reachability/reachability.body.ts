import { z } from 'zod';
import { ERROR_CODES } from '#contracts';
import { REASON_CODES } from '#engine';
import { named } from '../rest/schema-registry.js';
import { cniBody, diagnosticBody, labels, objectRefBody, provenanceFields } from '../rest/shared.body.js';

export const answerVerdict = z.enum(['allowed', 'denied', 'mixed', 'undetermined']);
const reason = named('ReasonCode', z.enum(REASON_CODES));

const peerBody = named(
  'Peer',
  z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('name'), namespace: z.string(), name: z.string() }),
      z.strictObject({ type: z.literal('pod'), namespace: z.string(), name: z.string() }),
      z.strictObject({ type: z.literal('workload'), namespace: z.string(), kind: z.string(), name: z.string() }),
      z.strictObject({ type: z.literal('service'), namespace: z.string(), name: z.string() }),
      z.strictObject({ type: z.literal('namespace'), name: z.string() }),
      z.strictObject({ type: z.literal('node'), name: z.string() }),
      z.strictObject({ type: z.literal('address'), address: z.string() }),
      z.strictObject({ type: z.literal('block'), cidr: z.string() }),
      z.strictObject({ type: z.literal('hostName'), name: z.string() }),
      z.strictObject({ type: z.literal('selection'), namespaces: z.string(), pods: z.string() }),
      z.strictObject({
        type: z.literal('hypothetical'),
        namespace: z.string().describe("'' when only the labels of its namespace are given"),
        namespaceLabels: labels.optional(),
        labels,
        serviceAccount: z.string(),
      }),
    ])
    .describe('One side of a question as it was understood'),
);

export const ruleBody = named(
  'Rule',
  z.strictObject({
    policy: objectRefBody,
    pointer: z.string().describe("JSON Pointer of the rule in its object, '' for the policy as a whole"),
    label: z.string().describe('As `shop/web-ingress#0`'),
  }),
);

const stepBody = named(
  'Step',
  z.strictObject({
    hop: z.enum(['source', 'egress', 'translation', 'ingress', 'destination']),
    direction: z.enum(['ingress', 'egress']).nullable(),
    tier: z.string(),
    decision: z.enum(['allow', 'deny', 'pass', 'no-match', 'not-isolated', 'isolated', 'unknown', 'info']),
    rules: z.array(ruleBody),
    why: z.string(),
    nearMisses: z
      .array(z.strictObject({ rule: ruleBody, part: z.string(), why: z.string() }))
      .describe('Rules of which all but one part matched'),
  }),
);

export const endpointBody = named(
  'Endpoint',
  z.strictObject({
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    label: z.string(),
    address: z.string().describe("'' when it has none"),
    workload: z.string(),
    node: z.string(),
  }),
);

const readingBody = named(
  'Reading',
  z.strictObject({ verdict: answerVerdict, reason, summary: z.string().describe('One line') }),
);

const flowBody = named(
  'Flow',
  z.strictObject({
    source: endpointBody,
    destination: endpointBody,
    protocol: z.string(),
    port: z.int().nullable().describe('At the destination, after translation; null for any'),
    ports: z.string().describe("The ports it speaks for: `8080`, `1-79`, `any`, '' for protocols without ports"),
    verdict: z.enum(['allow', 'deny', 'unknown']),
    intended: readingBody,
    enforced: readingBody,
    steps: z.array(stepBody),
    onlyFor: z.array(z.string()).describe('Requests it is limited to; empty when it is not'),
    count: z.int().describe('How many pairs of source and destination it stands for'),
  }),
);

export const fixFields = {
  title: z.string(),
  why: z.string(),
  action: z.enum(['apply', 'change']),
  manifest: z.string().describe('YAML'),
} as const;

const fixBody = named('Fix', z.strictObject(fixFields));

const sideBody = named(
  'Side',
  z.strictObject({
    query: peerBody,
    label: z.string().describe('As resolved: `Deployment shop/web (2 pods)`'),
    endpoints: z.int(),
  }),
);

/** The answer to "can X reach Y?". The verdict is that of the enforced reading. */
export const reachabilityBody = named(
  'Reachability',
  z.strictObject({
    verdict: answerVerdict,
    reason,
    summary: z.string(),
    intended: readingBody.describe('What policy says'),
    enforced: readingBody.describe("What this cluster's CNI makes of it"),
    source: sideBody,
    destination: sideBody,
    protocol: z.string(),
    port: z.string(),
    steps: z.array(stepBody).describe('The way of the flow that decides the verdict'),
    flows: z.array(flowBody),
    fixes: z.array(fixBody),
    assumptions: z.array(z.string()),
    diagnostics: z.array(diagnosticBody),
    cni: cniBody,
    confidence: z.number().min(0).max(1),
    ...provenanceFields,
  }),
);

/** The same without its evidence. */
export const verdictBody = named(
  'ReachabilityVerdict',
  z.strictObject({ verdict: answerVerdict, reason, summary: z.string(), ...provenanceFields }),
);

const batchItemBody = named(
  'ReachabilityBatchItem',
  z.strictObject({
    ref: z.string().nullable().describe("The caller's own name for the question"),
    status: z.int().describe('What the question alone would have been answered with'),
    answer: reachabilityBody.nullable(),
    problem: z
      .strictObject({
        code: z.enum(ERROR_CODES),
        detail: z.string(),
        errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })),
        near: z.array(z.string()).describe('Names close to one that was not found'),
      })
      .nullable(),
  }),
);

/** Answers in the order of the questions. */
export const reachabilityBatchBody = named('ReachabilityBatch', z.strictObject({ items: z.array(batchItemBody) }));
