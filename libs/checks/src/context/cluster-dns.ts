import { nodeCacheAddresses, objectLabel, translateService, UDP } from '#engine';
import type { Backend, ObjectRef, ServiceFact } from '#engine';

import type { AuditContext } from './audit-context.js';

/** Where pods look names up. */
export interface ClusterDns {
  readonly service: ServiceFact;
  readonly ref: ObjectRef;
  /** Ready endpoints with the port that they listen on for UDP. */
  readonly resolvers: readonly (Backend & { readonly port: number })[];
}

/** The cluster's DNS Service with its resolvers; null when the inventory has none. */
export function clusterDns({ snapshot }: AuditContext): ClusterDns | null {
  const services = [...snapshot.index.services.values()];
  const service = services.find(isClusterDns);
  if (service === undefined) return null;
  const found = translateService(snapshot, service, UDP, 53);
  const { group, kind, namespace, name } = service.meta;
  const resolvers = found.type === 'backends' ? found.backends.filter(hasPort) : [];
  return { service, ref: { group, kind, namespace, name }, resolvers };
}

const hasPort = (backend: Backend): backend is Backend & { readonly port: number } => backend.port !== null;

/** By the label that every distribution keeps for compatibility, or by the name that OpenShift gives. */
function isClusterDns({ meta, ports }: ServiceFact): boolean {
  const named = meta.labels['k8s-app'] === 'kube-dns' || KNOWN_NAMES.has(objectLabel(meta));
  return named && ports.some((port) => port.protocol === UDP && port.port === 53);
}

const KNOWN_NAMES: ReadonlySet<string> = new Set([
  'kube-system/kube-dns',
  'kube-system/coredns',
  'openshift-dns/dns-default',
]);

/** Where pods ask the DNS cache on the host network of their node; none where there is no such cache. */
export function nodeCache({ snapshot }: AuditContext): readonly string[] {
  return nodeCacheAddresses(
    snapshot.index.workloads.map(({ meta, template }) => ({ ...template, kind: meta.kind, name: meta.name })),
  );
}
