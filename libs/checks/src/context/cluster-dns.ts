import { nodeCacheAddresses, objectLabel, openness, servingArea, translateService, UDP } from '#engine';
import type { Area, Backend, Endpoint, ObjectRef, ServiceFact } from '#engine';

import type { AuditContext } from './audit-context.js';

/** An endpoint that answers names, with the port that it listens on for UDP. */
type Resolver = Backend & { readonly port: number };

/** Where pods look names up. */
export interface ClusterDns {
  readonly service: ServiceFact;
  readonly ref: ObjectRef;
  /** Ready endpoints, of all nodes. */
  readonly resolvers: readonly Resolver[];
  /** Where a pod is, for whom it depends on that which of them it is led to; absent where all are led alike. */
  readonly areaOf?: (pod: Endpoint) => Area;
  /** Why others may answer in their place; null where none may. */
  readonly beyond: string | null;
}

/** The cluster's DNS Service with its resolvers; null when the inventory has none. */
export function clusterDns({ snapshot }: AuditContext): ClusterDns | null {
  const services = [...snapshot.index.services.values()];
  const service = services.find(isClusterDns);
  if (service === undefined) return null;
  const found = translateService(snapshot, service, UDP, 53);
  const { group, kind, namespace, name } = service.meta;
  const areaOf = found.type === 'backends' ? found.areaOf : undefined;
  const beyond = openness(snapshot, service, UDP, 53, found)?.why ?? null;
  const resolvers = found.type === 'backends' ? found.backends.filter(hasPort) : [];
  return { service, ref: { group, kind, namespace, name }, resolvers, beyond, ...(areaOf && { areaOf }) };
}

/** The same where none but its resolvers may answer; else why nothing is said of their clients. */
export function certainDns(context: AuditContext): ClusterDns | string {
  const dns = clusterDns(context);
  if (dns === null) return 'the inventory has no cluster DNS Service';
  return dns.beyond === null ? dns : `others than the pods of the cluster DNS Service may answer: ${dns.beyond}`;
}

/** The resolvers that a pod is led to: by a redirect or `internalTrafficPolicy` Local those of its own node alone. */
export function resolversFor({ resolvers, areaOf }: ClusterDns, pod: Endpoint): readonly Resolver[] {
  return areaOf === undefined ? resolvers : servingArea(resolvers, areaOf(pod));
}

const hasPort = (backend: Backend): backend is Resolver => backend.port !== null;

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
