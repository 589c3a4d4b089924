import { field, pushTo, textMap } from '../base/index.js';
import { kindId } from '../model/index.js';
import type {
  AuxFact,
  ContainerFact,
  Fact,
  Labels,
  NodeFact,
  PodFact,
  PolicyFact,
  ServiceFact,
  WorkloadFact,
} from '../model/index.js';

/** Whether the agent runs: `declared` has no status (a manifest), `absent` is scheduled nowhere, `down` has no ready pod. */
export type AgentState = 'running' | 'declared' | 'down' | 'absent';

/** A DaemonSet or Deployment, or one known only by its pods. */
export interface Agent {
  /** As evidence names it: `DaemonSet kube-system/cilium`. */
  readonly source: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly hostNetwork: boolean;
  readonly containers: readonly ContainerFact[];
  readonly state: AgentState;
  readonly wanted: number | null;
  readonly ready: number | null;
  /** Nodes that have a ready pod of it; null when none of its pods is in the inventory. */
  readonly readyNodes: ReadonlySet<string> | null;
}

/** What of kinds the inventory could list, by `kindId`; a kind that is not a key says nothing. */
export type Completeness = Readonly<Record<string, { readonly complete: boolean }>>;

/** The facts of a cluster, arranged for detectors. */
export interface ClusterView {
  /** DaemonSets first; each is told once. In order of source. */
  readonly agents: readonly Agent[];
  readonly nodes: readonly NodeFact[];
  readonly namespaces: ReadonlySet<string>;
  readonly services: readonly ServiceFact[];
  /**
   * Whether the list of DaemonSets can be trusted to hold the CNI's: then one that is missing does not run. False for
   * an inventory without rights to it, and for a folder with applications only.
   */
  readonly daemonSetsKnown: boolean;
  /** Whether the kind was listed in full. */
  listed(kind: string): boolean;
  /** Auxiliary and policy objects of a kind, by `kindId`. */
  objects(kind: string): readonly (AuxFact | PolicyFact)[];
  /** The text entries of the first ConfigMap of that name, null when there is none. `source` is as evidence names it. */
  configMap(...names: readonly string[]): { readonly source: string; readonly data: Labels } | null;
  /** How many nodes carry an annotation whose key starts with `prefix`. */
  nodesAnnotated(prefix: string): number;
  /** How many nodes carry a label whose key starts with `prefix`. */
  nodesLabelled(prefix: string): number;
}

/** Arranges facts. A DaemonSet that cannot be read but whose pods can is reconstructed from them. */
export function viewCluster(
  facts: Iterable<Fact>,
  completeness: Completeness = {},
  looked = new Set<string>(),
): ClusterView {
  const workloads: WorkloadFact[] = [];
  const pods = new Map<string, PodFact[]>();
  const nodes: NodeFact[] = [];
  const services: ServiceFact[] = [];
  const namespaces = new Set<string>();
  // By kind without its group: ids are not put together for all the policies of a cluster.
  const objects = new Map<string, (AuxFact | PolicyFact)[]>();
  for (const fact of facts) {
    if (fact.type === 'node') nodes.push(fact);
    else if (fact.type === 'namespace') namespaces.add(fact.meta.name);
    else if (fact.type === 'service') services.push(fact);
    else if (fact.type === 'workload' && AGENT_KINDS.has(fact.meta.kind)) workloads.push(fact);
    else if (fact.type === 'pod' && fact.meta.owner?.kind === 'DaemonSet') {
      pushTo(pods, `${fact.meta.namespace}/${fact.meta.owner.name}`, fact);
    } else if (fact.type === 'aux' || fact.type === 'policy') pushTo(objects, fact.meta.kind, fact);
  }
  const agents = buildAgents(workloads, pods);
  nodes.sort((a, b) => compare(a.meta.name, b.meta.name));
  const ordered = new Map<string, (AuxFact | PolicyFact)[]>();
  // Put in order when asked for: a detector looks at few kinds, and a cluster may have very many policies.
  const sorted = (kind: string): readonly (AuxFact | PolicyFact)[] => {
    looked.add(kind);
    let known = ordered.get(kind);
    if (known === undefined) {
      const [named = ''] = kind.split('.', 1);
      known = (objects.get(named) ?? []).filter(({ meta }) => kindId(meta) === kind);
      known.sort((a, b) => compare(objectName(a), objectName(b)));
      ordered.set(kind, known);
    }
    return known;
  };
  const stated = completeness['DaemonSet.apps']?.complete;
  return {
    agents,
    nodes,
    namespaces,
    services,
    daemonSetsKnown: stated ?? agents.some((agent) => agent.kind === 'DaemonSet' && agent.namespace === 'kube-system'),
    listed: (kind) => completeness[kind]?.complete === true,
    objects: sorted,
    configMap: (...names) => findConfigMap(sorted('ConfigMap'), names),
    nodesAnnotated: (prefix) => nodes.filter((node) => hasPrefix(node.meta.annotations, prefix)).length,
    nodesLabelled: (prefix) => nodes.filter((node) => hasPrefix(node.meta.labels, prefix)).length,
  };
}

const AGENT_KINDS: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment']);

function buildAgents(workloads: readonly WorkloadFact[], pods: ReadonlyMap<string, readonly PodFact[]>): Agent[] {
  const agents: Agent[] = [];
  const told = new Set<string>();
  for (const workload of workloads) {
    const key = `${workload.meta.namespace}/${workload.meta.name}`;
    const own = workload.meta.kind === 'DaemonSet' ? pods.get(key) : undefined;
    if (workload.meta.kind === 'DaemonSet') told.add(key);
    agents.push(agentOfWorkload(workload, own));
  }
  for (const [key, own] of pods) if (!told.has(key)) agents.push(agentOfPods(key, own));
  return agents.sort((a, b) => compare(a.source, b.source));
}

function agentOfWorkload(workload: WorkloadFact, pods: readonly PodFact[] | undefined): Agent {
  const { meta, template, replicas, readyReplicas } = workload;
  const readyNodes = pods === undefined ? null : nodesOfReady(pods);
  return {
    source: `${meta.kind} ${meta.namespace}/${meta.name}`,
    kind: meta.kind,
    namespace: meta.namespace,
    name: meta.name,
    labels: { ...meta.labels, ...template.labels },
    hostNetwork: template.hostNetwork,
    containers: template.containers,
    state: stateOf(replicas, readyReplicas, readyNodes),
    wanted: replicas,
    ready: readyReplicas,
    readyNodes,
  };
}

function agentOfPods(key: string, pods: readonly PodFact[]): Agent {
  const [first] = pods as readonly [PodFact];
  const readyNodes = nodesOfReady(pods);
  const name = key.slice(key.indexOf('/') + 1);
  return {
    source: `pods of DaemonSet ${key}`,
    kind: 'DaemonSet',
    namespace: first.meta.namespace,
    name,
    labels: first.shape.labels,
    hostNetwork: first.shape.hostNetwork,
    containers: first.shape.containers,
    state: stateOf(null, null, readyNodes),
    wanted: null,
    ready: null,
    readyNodes,
  };
}

function stateOf(wanted: number | null, ready: number | null, readyNodes: ReadonlySet<string> | null): AgentState {
  if (readyNodes !== null && readyNodes.size > 0) return 'running';
  if (ready !== null && ready > 0) return 'running';
  if (wanted === 0) return 'absent';
  if (readyNodes !== null || ready === 0) return 'down';
  // A status with a wish and no ready count means that none is ready yet; no status at all is a manifest.
  return wanted === null ? 'declared' : 'down';
}

function nodesOfReady(pods: readonly PodFact[]): ReadonlySet<string> {
  const ready = pods.filter((pod) => pod.ready && pod.phase === 'Running' && !pod.meta.deleting && pod.node !== '');
  return new Set(ready.map((pod) => pod.node));
}

function findConfigMap(
  maps: readonly (AuxFact | PolicyFact)[],
  names: readonly string[],
): { source: string; data: Labels } | null {
  for (const name of names) {
    const found = maps.find((map) => map.meta.name === name);
    if (found !== undefined) {
      const source = `ConfigMap ${found.meta.namespace}/${name}`;
      return { source, data: textMap(field(found.raw, 'data')) };
    }
  }
  return null;
}

function hasPrefix(map: Labels, prefix: string): boolean {
  return Object.keys(map).some((key) => key.startsWith(prefix));
}

function objectName(fact: AuxFact | PolicyFact): string {
  return `${fact.meta.namespace}/${fact.meta.name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
