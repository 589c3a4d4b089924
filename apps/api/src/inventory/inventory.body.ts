import { z } from 'zod';
import { named } from '../rest/schema-registry.js';
import { diagnosticBody, labels, pageBody, provenanceFields } from '../rest/shared.body.js';

const port = named(
  'Port',
  z.strictObject({
    name: z.string(),
    port: z.int().nullable(),
    protocol: z.string(),
    targetPort: z.string().describe("Where a Service sends the traffic; '' for the same port"),
    nodePort: z.int().nullable(),
    hostPort: z.int().nullable(),
  }),
);

const owner = z
  .strictObject({ group: z.string(), kind: z.string(), name: z.string(), uid: z.string() })
  .nullable()
  .describe('The controller that owns it');

const headerFields = {
  kindId: z.string().describe('Kind with group, as `NetworkPolicy.networking.k8s.io`'),
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string().describe("'' for cluster-scoped kinds"),
  name: z.string(),
  uid: z.string(),
  labels,
  annotations: labels,
  owner,
  createdAt: z.string().nullable(),
  deleting: z.boolean(),
  rejected: z.boolean().describe('The object could not be read; the diagnostics say why and the details are null'),
  diagnostics: z.array(diagnosticBody),
} as const;

export const objectBody = named('KubernetesObject', z.strictObject(headerFields));
const policyBody = named('Policy', z.strictObject(headerFields));
const namespaceBody = named('Namespace', z.strictObject(headerFields));

export const podBody = named(
  'Pod',
  z.strictObject({
    ...headerFields,
    node: z.string().nullable(),
    addresses: z.array(z.string()).nullable(),
    phase: z.string().nullable(),
    ready: z.boolean().nullable(),
    hostNetwork: z.boolean().nullable(),
    serviceAccount: z.string().nullable(),
    ports: z.array(port).nullable(),
  }),
);

export const workloadBody = named(
  'Workload',
  z.strictObject({
    ...headerFields,
    replicas: z.int().nullable(),
    readyReplicas: z.int().nullable(),
    podLabels: labels.nullable(),
    hostNetwork: z.boolean().nullable(),
    serviceAccount: z.string().nullable(),
    ports: z.array(port).nullable(),
  }),
);

export const serviceBody = named(
  'Service',
  z.strictObject({
    ...headerFields,
    type: z.string().nullable(),
    headless: z.boolean().nullable(),
    clusterAddresses: z.array(z.string()).nullable(),
    externalAddresses: z.array(z.string()).nullable(),
    externalName: z.string().nullable(),
    selector: labels.nullable().describe('null when its endpoints are set by hand'),
    ports: z.array(port).nullable(),
  }),
);

export const nodeBody = named(
  'Node',
  z.strictObject({
    ...headerFields,
    addresses: z.array(z.strictObject({ type: z.string(), address: z.string() })).nullable(),
    podCidrs: z.array(z.string()).nullable(),
    kubeletVersion: z.string().nullable(),
    osImage: z.string().nullable(),
    ready: z.boolean().nullable(),
  }),
);

function listOf<S extends z.ZodType>(id: string, item: S) {
  return named(
    id,
    z.strictObject({ items: z.array(item), total: z.int().min(0), page: pageBody, ...provenanceFields }),
  );
}

/** The list of each collection. */
export const LIST_BODIES = {
  policies: listOf('PolicyList', policyBody),
  namespaces: listOf('NamespaceList', namespaceBody),
  pods: listOf('PodList', podBody),
  workloads: listOf('WorkloadList', workloadBody),
  services: listOf('ServiceList', serviceBody),
  nodes: listOf('NodeList', nodeBody),
  objects: listOf('KubernetesObjectList', objectBody),
} as const;

export const objectAnswerBody = named(
  'ObjectAnswer',
  z.strictObject({
    object: objectBody,
    raw: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('As a manifest; null for kinds of which only the fact is kept'),
    fact: z.record(z.string(), z.unknown()).describe('What the engine knows of it'),
    sinceSeq: z.int().describe('The snapshot in which it first looked like this'),
    ...provenanceFields,
  }),
);
