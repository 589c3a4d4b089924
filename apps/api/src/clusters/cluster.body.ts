import { z } from 'zod';
import { CLUSTER_STATES } from '#contracts';
import { comparedFeatureFields } from '../cnis/cnis.body.js';
import { named } from '../rest/schema-registry.js';
import { cniBody, objectRefBody, pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const sourceBody = named(
  'ClusterSource',
  z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('kubeconfig'),
        path: z.string().nullable(),
        inline: z.boolean().describe('True when the text was given; it is kept sealed and never shown'),
        context: z.string().nullable(),
      }),
      z.strictObject({ type: z.literal('inCluster') }),
      z.strictObject({ type: z.literal('folder'), path: z.string() }),
      z.strictObject({ type: z.literal('archive'), path: z.string() }),
      z.strictObject({ type: z.literal('upload') }),
      z.strictObject({ type: z.literal('agent') }).describe('An agent inside the cluster sends them'),
    ])
    .describe('Where the objects of the cluster come from'),
);

/** Something that could not be read of a source of manifests. */
export const sourceProblemBody = z.strictObject({
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  document: z.int().optional(),
  line: z.int().optional(),
  object: z.string().optional(),
  pointer: z.string().optional(),
});

export const clusterBody = named(
  'Cluster',
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    source: sourceBody,
    paused: z.boolean(),
    state: z.enum(CLUSTER_STATES).describe('`degraded`: synced, but something is missing or was refused'),
    message: z.string().describe("One line, '' when there is nothing to say"),
    problemCount: z.int().describe('Problems of the source; see the problems of the cluster'),
    problems: z.array(sourceProblemBody).describe('The first problems of the source'),
    cni: cniBody.nullable(),
    counts: z.record(z.string(), z.int()).describe('Objects by kind in the newest snapshot'),
    resyncRequestedAt: timestamp.nullable(),
    lastSyncedAt: timestamp.nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  }),
);

export const clusterListBody = named('ClusterList', z.strictObject({ items: z.array(clusterBody), page: pageBody }));

export const resyncBody = named(
  'ResyncAccepted',
  z.strictObject({
    cluster: clusterBody,
    job: z.strictObject({ id: z.string(), name: z.string() }),
  }),
);

const clusterProblemBody = named(
  'ClusterProblem',
  z.strictObject({
    origin: z
      .enum(['source', 'object'])
      .describe('`source`: could not be read; `object`: read, but not fully understood'),
    class: z.enum(['error', 'unsupported', 'suspect', 'note']),
    code: z.string(),
    message: z.string(),
    file: z.string().nullable(),
    document: z.int().nullable().describe('Position in the file, from 1'),
    line: z.int().nullable(),
    object: z.string().nullable().describe('As `NetworkPolicy.networking.k8s.io shop/web`'),
    pointer: z.string().nullable().describe('JSON Pointer of the field'),
  }),
);

export const clusterProblemsBody = named(
  'ClusterProblemList',
  z.strictObject({ items: z.array(clusterProblemBody), total: z.int(), page: pageBody }),
);

const deviationBody = z.enum(['exact', 'ignored', 'widened', 'narrowed', 'rejected', 'unknown']);

export const clusterCniBody = named(
  'ClusterCni',
  z.strictObject({
    cni: cniBody,
    ignored: z
      .array(
        z.strictObject({
          kind: z.string().describe('As `CiliumNetworkPolicy.cilium.io`'),
          support: z.enum(['no', 'partial', 'unknown']),
          why: z.string(),
          needs: z
            .string()
            .describe('The version or setting that enforces it, as `Calico 3.32`; empty when none is known'),
          source: z.string(),
          count: z.int().describe('Policies of the kind'),
          policies: z.array(objectRefBody).describe('The first 100 of them'),
        }),
      )
      .describe('Kinds of policy that the CNI does not enforce, or not for certain, or in part'),
    lacking: z
      .array(
        z.strictObject({
          policy: objectRefBody,
          pointer: z.string().describe('JSON Pointer of the field'),
          deviation: deviationBody.describe('What the CNI makes of the field'),
          why: z.string(),
          needs: z.string().describe('The version or setting that has it, as `Cilium 1.16`; empty when none is known'),
          source: z.string(),
        }),
      )
      .describe('The first 100 fields of other policies that the CNI does not implement as they are written'),
    lackingCount: z.int().describe('Such fields'),
    deviations: z
      .array(
        z.strictObject({
          subject: z.string(),
          deviation: deviationBody,
          note: z.string(),
          source: z.string(),
          needs: z.string().describe('The version or setting that has it; empty when none is known'),
        }),
      )
      .describe('Where the CNI leaves the specification'),
    features: z
      .array(
        z.strictObject({
          engine: z.string().describe('Policy engine, or network plugin where none enforces'),
          ...comparedFeatureFields,
        }),
      )
      .describe('What it can do, as in the comparison of plugins'),
    ...provenanceFields,
  }),
);
