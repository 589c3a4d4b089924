import type { Labels, NodeFact, ObjectRef, PodFact, PodShape, WorkloadFact } from '../model/index.js';
import { objectKey } from '../model/index.js';
import { parseIp } from '../net/index.js';
import type { Ip } from '../net/index.js';
import { bareHosts, HOST_ENDPOINT } from '../kinds/calico/index.js';
import { interceptionModes, isAmbientWorkload, meshGroups } from '../kinds/istio/index.js';
import { MESH_WEBHOOK } from '../normalise/mesh-revisions.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint, WorkloadRef } from './endpoint.js';
import { EndpointList } from './endpoint-list.js';
import type { NamespaceEndpoints } from './endpoint-list.js';
import { namespaceLabels } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { namespaceNumber } from './namespace-memo.js';
import type { SortedList } from './sorted-list.js';

/** Pods placed between two pauses: some milliseconds of work. */
const PODS_A_STEP = 4_096;

/** Endpoints, with what is learnt on the way. */
export interface BuiltEndpoints {
  readonly endpoints: EndpointList;
  /** Namespaces with a workload in the ambient mode of a mesh. */
  readonly ambient: ReadonlySet<string>;
}

/**
 * Pods, nodes, the templates of workloads that have no pods, and hosts outside the cluster that Calico polices. The way
 * there may pause at each null.
 */
export function* buildingEndpoints(index: FactsIndex): Generator<null, BuiltEndpoints> {
  const { pods, templates, ambient } = yield* namespacedEndpoints(index, index.pods, index.workloads);
  return { endpoints: EndpointList.of([...pods, ...templates, ...hostEndpoints(index)]), ambient };
}

/**
 * The endpoints of an index of which only objects of some namespaces differ, in steps; shares those of the others. Where
 * nothing but pods differs, `podsBefore` are those that the endpoints before were made of: those of pods that stayed stay.
 */
export function* updatingEndpoints(
  before: BuiltEndpoints,
  index: FactsIndex,
  namespaces: ReadonlySet<string>,
  podsBefore: SortedList<PodFact> | null,
): Generator<null, BuiltEndpoints> {
  const changed = new Map<string, NamespaceEndpoints>();
  const ambient = new Set(before.ambient);
  for (const namespace of namespaces) {
    const place = ({ meta }: { readonly meta: ObjectRef }): number =>
      meta.namespace < namespace ? -1 : meta.namespace > namespace ? 1 : 0;
    const workloads = index.workloads.filter(({ meta }) => meta.namespace === namespace);
    const stayed =
      podsBefore === null ? nobody : stayedAmong(podsBefore.stretch(place), before.endpoints.of(namespace).pods);
    const now = yield* namespacedEndpoints(index, index.sorted.pods.stretch(place), workloads, stayed);
    changed.set(namespace, now);
    ambient.delete(namespace);
    for (const each of now.ambient) ambient.add(each);
  }
  return { endpoints: before.endpoints.with(changed), ambient };
}

/** A namespace that endpoints are made in. */
interface Home {
  readonly name: string;
  readonly number: number;
  readonly labels: Labels;
}

function homeOf(index: FactsIndex, name: string): Home {
  return { name, number: namespaceNumber(name), labels: namespaceLabels(index, name) };
}

/** The endpoints of an index of which only labels of namespaces differ, and none by which pods are in a mesh; in steps. */
export function* relabellingEndpoints(
  before: BuiltEndpoints,
  index: FactsIndex,
  namespaces: ReadonlySet<string>,
): Generator<null, BuiltEndpoints> {
  const changed = new Map<string, NamespaceEndpoints>();
  for (const name of namespaces) {
    const { pods, templates } = before.endpoints.of(name);
    const labels = namespaceLabels(index, name);
    const now: Endpoint[] = [];
    for (let from = 0; from < pods.length; from += PODS_A_STEP) {
      for (const endpoint of pods.slice(from, from + PODS_A_STEP)) now.push(relabelled(endpoint, labels));
      yield null;
    }
    changed.set(name, { pods: now, templates: templates.map((endpoint) => relabelled(endpoint, labels)) });
  }
  return { endpoints: before.endpoints.with(changed), ambient: before.ambient };
}

interface NamespacedEndpoints extends NamespaceEndpoints {
  readonly ambient: ReadonlySet<string>;
}

/** The endpoint that was made of a pod before, null where there is none that stays. Asked in order of name. */
type Stayed = (pod: PodFact) => Endpoint | null;

const nobody: Stayed = () => null;

function stayedAmong(pods: readonly PodFact[], endpoints: readonly Endpoint[]): Stayed {
  let at = 0;
  let made = 0;
  return (pod) => {
    for (; at < pods.length; at++) {
      const before = pods[at] as PodFact;
      if (before.meta.name >= pod.meta.name) return before === pod ? (endpoints[made] ?? null) : null;
      if (!isFinished(before)) made++;
    }
    return null;
  };
}

/** A finished pod's address may belong to another pod already. */
const isFinished = ({ phase }: PodFact): boolean => phase === 'Succeeded' || phase === 'Failed';

/** Endpoints of some namespaces: of all their pods, and of the workloads that none of the pods belongs to. */
function* namespacedEndpoints(
  index: FactsIndex,
  pods: readonly PodFact[],
  workloads: readonly WorkloadFact[],
  stayed: Stayed = nobody,
): Generator<null, NamespacedEndpoints> {
  // Owners are of the same namespace.
  const owners = new Map(workloads.map((fact) => [workloadKey(fact.meta.namespace, fact.meta), fact]));
  const nodes = new Map(index.nodes.map((fact) => [fact.meta.name, fact]));
  /** Workloads that pods belong to: one value for all pods of each. */
  const owned = new Map<string, WorkloadRef>();
  const interception = interceptionOf(index);
  const found: Endpoint[] = [];
  const ambient = new Set<string>();
  // Endpoints come in order of namespace.
  let home = homeOf(index, '');
  const homeIn = (name: string): Home => {
    if (home.name !== name) home = homeOf(index, name);
    return home;
  };
  const note = (shape: PodShape, namespace: string): void => {
    if (isAmbientWorkload(shape, homeIn(namespace).labels)) ambient.add(namespace);
  };
  // Pods of one workload mostly stand together.
  let last: { readonly namespace: string; readonly workload: WorkloadRef } | null = null;
  const known = (namespace: string, workload: WorkloadRef | null): WorkloadRef | null => {
    if (workload === null) return null;
    if (last?.namespace === namespace && isSameWorkload(last.workload, workload)) return last.workload;
    const key = workloadKey(namespace, workload);
    const first = owned.get(key) ?? workload;
    if (first === workload) owned.set(key, workload);
    last = { namespace, workload: first };
    return first;
  };
  const add = (pod: PodFact): void => {
    const isThere = !isFinished(pod);
    const same = isThere ? stayed(pod) : null;
    const workload = known(pod.meta.namespace, same === null ? topOwner(pod, owners) : same.workload);
    if (isThere) {
      const endpoint = same ?? podEndpoint(pod, workload, homeIn(pod.meta.namespace), index, nodes, interception);
      found.push(endpoint);
      // Who is in no mesh group is not in this one; nearly all pods of nearly all clusters are in none.
      if (endpoint.special.length === 0) return;
    }
    note(pod.shape, pod.meta.namespace);
  };
  for (let from = 0; from < pods.length; from += PODS_A_STEP) {
    pods.slice(from, from + PODS_A_STEP).forEach(add);
    yield null;
  }
  const templates: Endpoint[] = [];
  for (const fact of workloads) {
    note(fact.template, fact.meta.namespace);
    const hasOwner = fact.meta.owner !== null && owners.has(workloadKey(fact.meta.namespace, fact.meta.owner));
    if (!hasOwner && !owned.has(workloadKey(fact.meta.namespace, fact.meta))) {
      templates.push(templateEndpoint(fact, homeIn(fact.meta.namespace), index, interception));
    }
  }
  return { pods: found, templates, ambient };
}

function hostEndpoints(index: FactsIndex): readonly Endpoint[] {
  const names = new Set(index.nodes.map(({ meta }) => meta.name));
  return [
    ...index.nodes.map(nodeEndpoint),
    ...bareHosts(index.aux.get(HOST_ENDPOINT) ?? [], names).map(({ name, node, addresses }): Endpoint => ({
      ...BLANK_ENDPOINT,
      kind: 'node',
      name,
      node,
      ips: parseIps(addresses),
    })),
  ];
}

function isSameWorkload(a: WorkloadRef, b: WorkloadRef): boolean {
  return a.name === b.name && a.kind === b.kind;
}

export function workloadKey(namespace: string, ref: { readonly kind: string; readonly name: string }): string {
  return `${namespace}/${ref.kind}/${ref.name}`;
}

/** Follows owners from the pod upwards as far as the inventory knows them. */
export function topOwner(pod: PodFact, owners: ReadonlyMap<string, WorkloadFact>): WorkloadRef | null {
  const first = pod.meta.owner;
  if (first === null || first.kind === 'Node') return null;
  let ref: WorkloadRef = { kind: first.kind, name: first.name };
  for (let depth = 0; depth < 4 && owners.size > 0; depth++) {
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
  home: Home,
  index: FactsIndex,
  nodes: ReadonlyMap<string, NodeFact>,
  interception: (ofPlane: string) => string,
): Endpoint {
  const { shape, meta } = pod;
  // Who would be outside with what admission adds is outside without it.
  let special = meshGroups(shape, home.labels, false, interception);
  if (special.length > 0 && isRunning(pod)) special = meshGroups(shape, home.labels, true, interception);
  return placedEndpoint(shape, meta.name, home, index, {
    special,
    node: pod.node,
    nodeLabels: nodes.get(pod.node)?.meta.labels ?? BLANK_ENDPOINT.nodeLabels,
    ips: parseIps(pod.ips),
    workload,
    hypothetical: false,
    ready: pod.ready && !pod.meta.deleting,
  });
}

function templateEndpoint(
  fact: WorkloadFact,
  home: Home,
  index: FactsIndex,
  interception: (ofPlane: string) => string,
): Endpoint {
  const { name, kind } = fact.meta;
  const special = meshGroups(fact.template, home.labels, false, interception);
  const place = { ...NO_PLACE, special, workload: { kind, name }, hypothetical: true };
  return placedEndpoint(fact.template, name, home, index, place);
}

/** The setting of control planes, for pods that have none. */
function interceptionOf({ aux }: FactsIndex): (ofPlane: string) => string {
  return interceptionModes(aux.get('ConfigMap') ?? [], aux.get(MESH_WEBHOOK) ?? []);
}

/** A pod of a cluster has an identity that the API server gave; one of a manifest has only its name. */
function isRunning({ meta }: PodFact): boolean {
  return meta.uid !== objectKey(meta);
}

/** What a pod's shape and namespace say of it as an endpoint. */
export function shapeEndpoint(shape: PodShape, namespace: string, name: string, index: FactsIndex): Endpoint {
  const home = homeOf(index, namespace);
  // Admission will add what labels ask for.
  const special = meshGroups(shape, home.labels, false, interceptionOf(index));
  return placedEndpoint(shape, name, home, index, { ...NO_PLACE, special });
}

/** Where an endpoint is, and what made it. */
type Place = Pick<Endpoint, 'node' | 'nodeLabels' | 'ips' | 'workload' | 'special' | 'hypothetical' | 'ready'>;

const NO_PLACE: Place = BLANK_ENDPOINT;

function placedEndpoint(shape: PodShape, name: string, home: Home, index: FactsIndex, place: Place): Endpoint {
  // Field by field and in the order of the type: a large cluster makes very many of these.
  return {
    kind: shape.hostNetwork ? 'hostpod' : 'pod',
    family: familyOf(place.ips),
    namespace: home.name,
    namespaceNumber: home.number,
    node: place.node,
    labels: shape.labels,
    namespaceLabels: home.labels,
    name,
    serviceAccount: shape.serviceAccount,
    serviceAccountLabels: accountLabels(index, home.name, shape.serviceAccount),
    nodeLabels: place.nodeLabels,
    ips: place.ips,
    ports: shape.ports,
    workload: place.workload,
    hostName: '',
    special: place.special,
    hypothetical: place.hypothetical,
    ready: place.ready,
  };
}

/** An endpoint whose namespace has other labels. Field by field, so that it has the hidden class of all others. */
function relabelled(endpoint: Endpoint, labels: Labels): Endpoint {
  return {
    kind: endpoint.kind,
    family: endpoint.family,
    namespace: endpoint.namespace,
    namespaceNumber: endpoint.namespaceNumber,
    node: endpoint.node,
    labels: endpoint.labels,
    namespaceLabels: labels,
    name: endpoint.name,
    serviceAccount: endpoint.serviceAccount,
    serviceAccountLabels: endpoint.serviceAccountLabels,
    nodeLabels: endpoint.nodeLabels,
    ips: endpoint.ips,
    ports: endpoint.ports,
    workload: endpoint.workload,
    hostName: endpoint.hostName,
    special: endpoint.special,
    hypothetical: endpoint.hypothetical,
    ready: endpoint.ready,
  };
}

function familyOf(ips: readonly Ip[]): Endpoint['family'] {
  const family = ips[0]?.family ?? null;
  for (const ip of ips) if (ip.family !== family) return null;
  return family;
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
