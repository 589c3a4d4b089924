import { blockContains, type Address } from './addresses.js';
import type { Conventions, OracleCluster, OracleEndpoint, OraclePod } from './cluster.js';
import { get, items, labelMap, str } from './fields.js';

/** A label as Cilium has them: `source:key=value`. */
interface Label {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** The labels of one side of a connection, as the other side's node sees them. */
export type Identity = readonly Label[];

export const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const ACCOUNT_KEY = 'io.cilium.k8s.policy.serviceaccount';
const CLUSTER_KEY = 'io.cilium.k8s.policy.cluster';

const reserved = (key: string): Label => ({ source: 'reserved', key, value: '' });

/** Pods on the host network have the identity of their node. */
export function isCiliumEndpoint(endpoint: OracleEndpoint): endpoint is OraclePod {
  return endpoint.type === 'pod' && !endpoint.hostNetwork;
}

/** The node that an endpoint is, or whose network it is on; null for pods and outside addresses. */
export function hostOf(endpoint: OracleEndpoint): string | null {
  if (endpoint.type === 'node') return endpoint.name;
  return endpoint.type === 'pod' && endpoint.hostNetwork ? endpoint.node : null;
}

/** The node that an endpoint runs on. */
export function placeOf(endpoint: OracleEndpoint): string | null {
  return endpoint.type === 'pod' ? endpoint.node : hostOf(endpoint);
}

function podIdentity(pod: OraclePod, cluster: OracleCluster): Identity {
  const k8s = (key: string, value: string): Label => ({ source: 'k8s', key, value });
  const ofNamespace = cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
  return [
    ...[...pod.labels].map(([key, value]) => k8s(key, value)),
    ...[...ofNamespace].map(([key, value]) => k8s(`${NAMESPACE_LABELS}${key}`, value)),
    k8s(NAMESPACE_KEY, pod.namespace),
    k8s(ACCOUNT_KEY, pod.serviceAccount),
    k8s(CLUSTER_KEY, 'default'),
  ];
}

function servesApi(address: Address | null, cluster: OracleCluster): boolean {
  const slices = cluster.objects.get('EndpointSlice.discovery.k8s.io') ?? [];
  const addresses = slices
    .filter((slice) => str(get(slice, 'metadata', 'name')) === 'kubernetes')
    .flatMap((slice) => items(get(slice, 'endpoints')).flatMap((endpoint) => items(get(endpoint, 'addresses'))));
  return address !== null && addresses.some((text) => blockContains(str(text), address));
}

/** Who `peer` is to policy at `subject`. */
export function identityOf(
  peer: OracleEndpoint,
  subject: OracleEndpoint,
  address: Address | null,
  cluster: OracleCluster,
): Identity {
  if (isCiliumEndpoint(peer)) return podIdentity(peer, cluster);
  const api = servesApi(address, cluster) ? [reserved('kube-apiserver')] : [];
  const host = hostOf(peer);
  if (host === null) return [reserved('world'), ...api];
  return [reserved(host === placeOf(subject) ? 'host' : 'remote-node'), ...api];
}

function splitKey(text: string): { readonly source: string; readonly key: string } {
  const known = /^(any|k8s|reserved):(.*)$/.exec(text);
  return known === null ? { source: 'any', key: text } : { source: known[1] ?? '', key: known[2] ?? '' };
}

function valuesOf(identity: Identity, text: string): readonly string[] {
  const { source, key } = splitKey(text);
  return identity
    .filter((label) => label.key === key && (source === 'any' || label.source === source))
    .map(({ value }) => value);
}

/** A LabelSelector over the labels of an identity, whose keys stand behind a prefix there. */
export function selectsIdentity(selector: unknown, identity: Identity, prefix = ''): boolean {
  for (const [key, value] of labelMap(get(selector, 'matchLabels'))) {
    if (!valuesOf(identity, `${prefix}${key}`).includes(value)) return false;
  }
  return items(get(selector, 'matchExpressions')).every((expression) => {
    const found = valuesOf(identity, `${prefix}${str(get(expression, 'key'))}`);
    const listed = items(get(expression, 'values')).map(str);
    switch (str(get(expression, 'operator'))) {
      case 'In':
        return found.some((value) => listed.includes(value));
      case 'NotIn':
        return !found.some((value) => listed.includes(value));
      case 'Exists':
        return found.length > 0;
      default:
        return found.length === 0;
    }
  });
}

/** UP-43: pods by the labels of their namespaces and their own; `pods` are of this cluster where peers are by default. */
export function choosesIdentity(chooser: unknown, identity: Identity, { peersAreLocal }: Conventions): boolean {
  const byPods = get(chooser, 'pods');
  const namespaces = byPods === undefined ? get(chooser, 'namespaces') : get(byPods, 'namespaceSelector');
  const asksNothing =
    labelMap(get(namespaces, 'matchLabels')).size === 0 && items(get(namespaces, 'matchExpressions')).length === 0;
  if (asksNothing && valuesOf(identity, `k8s:${NAMESPACE_KEY}`).length === 0) return false;
  if (!selectsIdentity(namespaces, identity, `k8s:${NAMESPACE_LABELS}`)) return false;
  if (byPods === undefined) return true;
  const isHere = !peersAreLocal || valuesOf(identity, `k8s:${CLUSTER_KEY}`).length > 0;
  return isHere && selectsIdentity(get(byPods, 'podSelector'), identity, 'k8s:');
}

function keysOf(selector: unknown): readonly { readonly source: string; readonly key: string }[] {
  const expressions = items(get(selector, 'matchExpressions')).map((expression) => str(get(expression, 'key')));
  return [...labelMap(get(selector, 'matchLabels')).keys(), ...expressions].map(splitKey);
}

/** The namespaces that an element of `fromEndpoints` reaches when it does not say so itself. */
export function inScope(
  selector: unknown,
  home: string | null,
  identity: Identity,
  { peersAreLocal, release }: Conventions,
  isRequirement = false,
): boolean {
  const keys = keysOf(selector);
  const ofPods = keys.filter(({ source }) => source !== 'reserved');
  if (!isRequirement && keys.length > ofPods.length) return true;
  // By default, from 1.19 on, what has no label of the cluster is left out unless the selector speaks of clusters.
  const isHere =
    !peersAreLocal ||
    (release !== '' && identity.some(({ source, key }) => source === 'reserved' && /^(host|remote-node)$/.test(key))) ||
    ofPods.some(({ key }) => key === CLUSTER_KEY) ||
    valuesOf(identity, `k8s:${CLUSTER_KEY}`).length > 0;
  if (!isHere) return false;
  if (ofPods.some(({ key }) => key === NAMESPACE_KEY)) return true;
  const namespaces = valuesOf(identity, `k8s:${NAMESPACE_KEY}`);
  if (home === null) return namespaces.length > 0;
  return ofPods.some(({ key }) => key.startsWith(NAMESPACE_LABELS)) || namespaces.includes(home);
}
