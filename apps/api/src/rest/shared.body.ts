import { z } from 'zod';
import { ERROR_CODES } from '#contracts';
import { named } from './schema-registry.js';

export const timestamp = z.iso.datetime().describe('RFC 3339, UTC');
export const labels = z.record(z.string(), z.string());

export const asOfBody = named(
  'AsOf',
  z.strictObject({
    clusterId: z.uuid(),
    cluster: z.string().describe('The name of the cluster'),
    seq: z.int().min(1).describe('Number of the snapshot'),
    takenAt: timestamp,
    stalenessMs: z.int().min(0).describe('Milliseconds since the cluster was last known to look like this'),
  }),
);

export const completenessBody = named(
  'Completeness',
  z.strictObject({
    complete: z.boolean(),
    incomplete: z
      .array(z.strictObject({ kind: z.string(), reason: z.string() }))
      .describe('Kinds that were not fully listed when the snapshot was taken'),
  }),
);

/** Fields of everything that is derived from a snapshot. */
export const provenanceFields = {
  asOf: asOfBody,
  completeness: completenessBody,
  engineVersion: z.string(),
} as const;

export const pageBody = named(
  'Page',
  z.strictObject({
    limit: z.int().min(1).max(100),
    nextCursor: z.string().nullable().describe('Opaque; null on the last page'),
  }),
);

export const objectRefBody = named(
  'ObjectRef',
  z.strictObject({
    group: z.string().describe("'' for the core group"),
    kind: z.string(),
    namespace: z.string().describe("'' for cluster-scoped kinds"),
    name: z.string(),
  }),
);

export const diagnosticBody = named(
  'Diagnostic',
  z.strictObject({
    code: z.string().describe('Stable, as `networkpolicy.peer_empty`'),
    class: z.enum(['error', 'unsupported', 'suspect', 'note']),
    message: z.string(),
    object: objectRefBody.nullable(),
    pointer: z.string().describe("JSON Pointer into the object, '' for the whole"),
  }),
);

export const cniBody = named(
  'Cni',
  z.strictObject({
    networking: z.string().describe('Stable id, as `cilium`, `flannel`, `unknown`'),
    policyEngine: z.string().describe("What enforces policy; '' when nothing does"),
    title: z.string(),
    version: z.string().describe("'' when unknown"),
    enforced: z.enum(['yes', 'no', 'unknown']),
    confidence: z.number().min(0).max(1),
    evidence: z.array(z.strictObject({ source: z.string(), detail: z.string(), weight: z.number().min(0).max(1) })),
    options: labels,
    unenforcedNodes: z.array(z.string()),
    engines: z
      .array(
        z.strictObject({
          id: z.string(),
          version: z.string().describe("'' when unknown"),
          options: labels,
          unenforcedNodes: z.array(z.string()),
        }),
      )
      .describe('Each engine by itself where several enforce at once: a flow must pass all of them'),
  }),
);

export const problemBody = named(
  'Problem',
  z.strictObject({
    type: z.string().describe('Address of a page that explains the kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(ERROR_CODES),
    requestId: z.string(),
    retryable: z.boolean().describe('Whether the same request may succeed later'),
    errors: z
      .array(z.strictObject({ pointer: z.string().describe('JSON Pointer of the field'), detail: z.string() }))
      .describe('The fields that are wrong'),
    near: z.array(z.string()).optional().describe('Names close to one that was not found'),
    'violated-policies': z.array(z.string()).optional().describe('Policies on rates that the request broke'),
  }),
);
