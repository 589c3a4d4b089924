import type { Labels, NodeFact, PodFact, PodShape, WorkloadFact } from '../model/index.js';
import { objectKey } from '../model/index.js';
import { parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { bareHosts, HOST_ENDPOINT } from '../kinds/calico/index.js';
import { meshGroups } from '../kinds/istio/index.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint, WorkloadRef } from './endpoint.js';
import { namespaceLabels } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';

/** Pods, nodes, the templates of workloads that have no pods, and hosts outside the cluster that Calico polices. */
export function buildEndpoints(index: FactsIndex): Endpoint[] {
  const owners = new Map(index.workloads.map((fact) => [workloadKey(fact.meta.namespace, fact.meta), fact]));
  const nodes = new Map(index.nodes.map((fact) => [fact.meta.name, fact]));
  const out: Endpoint[] = [];
  const owned = new Set<string>();
  for (const pod of index.pods) {
    const workload = topOwner(pod, owners);
    if (workload !== null) owned.add(workloadKey(pod.meta.namespace, workload));
    // A finished pod's address may belong to another pod already.
    if (pod.phase !== 'Succeeded' && pod.phase !== 'Failed') out.push(podEndpoint(pod, workload, index, nodes));
  }
  for (const fact of index.workloads) {
    const hasOwner = fact.meta.owner !== null && owners.has(workloadKey(fact.meta.namespace, fact.meta.owner));
    if (!hasOwner && !owned.has(workloadKey(fact.meta.namespace, fact.meta))) out.push(templateEndpoint(fact, index));
  }
  for (const node of index.nodes) out.push(nodeEndpoint(node));
  for (const host of bareHosts(index.aux.get(HOST_ENDPOINT) ?? [], new Set(nodes.keys()))) {
    const { name, node, addresses } = host;
    out.push({ ...BLANK_ENDPOINT, kind: 'node', name, node, ips: parseIps(addresses) });
  }
  return out;
}

export function workloadKey(namespace: string, ref: { readonly kind: string; readonly name: string }): string {
  return `${namespace}/${ref.kind}/${ref.name}`;
}

/** Follows owners from the pod upwards as far as the inventory knows them. */
export function topOwner(pod: PodFact, owners: ReadonlyMap<string, WorkloadFact>): WorkloadRef | null {
  const first = pod.meta.owner;
  if (first === null || first.kind === 'Node') return null;
  let ref: WorkloadRef = { kind: first.kind, name: first.name };
  for (let depth = 0; depth < 4; depth++) {
    const owner = owners.get(workloadKey(pod.meta.namespace, ref))?.meta.owner;
    if (owner === undefined || owner === null) break;
    ref = { kind: owner.kind, name: owner.name };
  }
  // Without the ReplicaSet, its name still tells the Deployment: `<deployment>-<pod-template-hash>`.
  const hash = pod.meta.labels['pod-template-hash'];
  if (ref.kind === 'ReplicaSet' && hash !== undefined && ref.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: ref.name.slice(0, -hash.length - 1) };
  }
  return ref;
}

function podEndpoint(
  pod: PodFact,
  workload: WorkloadRef | null,
  index: FactsIndex,
  nodes: ReadonlyMap<string, NodeFact>,
): Endpoint {
  return placedEndpoint(pod.shape, pod.meta.namespace, pod.meta.name, index, isRunning(pod), {
    node: pod.node,
    nodeLabels: nodes.get(pod.node)?.meta.labels ?? BLANK_ENDPOINT.nodeLabels,
    ips: parseIps(pod.ips),
    workload,
    hypothetical: false,
    ready: pod.ready && !pod.meta.deleting,
  });
}

function templateEndpoint(fact: WorkloadFact, index: FactsIndex): Endpoint {
  const { namespace, name, kind } = fact.meta;
  const place = { ...NO_PLACE, workload: { kind, name }, hypothetical: true };
  return placedEndpoint(fact.template, namespace, name, index, false, place);
}

/** A pod of a cluster has an identity that the API server gave; one of a manifest has only its name. */
function isRunning({ meta }: PodFact): boolean {
  return meta.uid !== objectKey(meta);
}

/** What a pod's shape and namespace say of it as an endpoint. */
export function shapeEndpoint(shape: PodShape, namespace: string, name: string, index: FactsIndex): Endpoint {
  return placedEndpoint(shape, namespace, name, index, false, NO_PLACE);
}

/** Where an endpoint is, and what made it. */
type Place = Pick<Endpoint, 'node' | 'nodeLabels' | 'ips' | 'workload' | 'hypothetical' | 'ready'>;

const NO_PLACE: Place = BLANK_ENDPOINT;

/** `running`: the containers are those that run, admission has added what it adds. */
function placedEndpoint(
  shape: PodShape,
  namespace: string,
  name: string,
  index: FactsIndex,
  running: boolean,
  place: Place,
): Endpoint {
  const ofNamespace = namespaceLabels(index, namespace);
  // Field by field and in the order of the type: a large cluster makes very many of these.
  return {
    kind: shape.hostNetwork ? 'hostpod' : 'pod',
    namespace,
    name,
    labels: shape.labels,
    namespaceLabels: ofNamespace,
    serviceAccount: shape.serviceAccount,
    serviceAccountLabels: accountLabels(index, namespace, shape.serviceAccount),
    node: place.node,
    nodeLabels: place.nodeLabels,
    ips: place.ips,
    ports: shape.ports,
    workload: place.workload,
    hostName: '',
    special: meshGroups(shape, ofNamespace, running),
    hypothetical: place.hypothetical,
    ready: place.ready,
  };
}

function accountLabels(index: FactsIndex, namespace: string, name: string): Labels {
  if (index.serviceAccounts.size === 0) return BLANK_ENDPOINT.serviceAccountLabels;
  return index.serviceAccounts.get(`${namespace}/${name}`)?.meta.labels ?? BLANK_ENDPOINT.serviceAccountLabels;
}

function nodeEndpoint(node: NodeFact): Endpoint {
  return {
    ...BLANK_ENDPOINT,
    kind: 'node',
    name: node.meta.name,
    node: node.meta.name,
    labels: node.meta.labels,
    nodeLabels: node.meta.labels,
    ips: parseIps(node.addresses.map((entry) => entry.address)),
  };
}

const NO_ADDRESS: readonly Ip[] = [];

function parseIps(texts: readonly string[]): readonly Ip[] {
  if (texts.length === 0) return NO_ADDRESS;
  if (texts.length === 1) {
    const ip = parseIp(texts[0] as string);
    return ip === null ? NO_ADDRESS : [ip];
  }
  return texts.map(parseIp).filter((ip): ip is Ip => ip !== null);
}
