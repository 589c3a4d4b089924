import type { CniDetection, NodeFact, PodFact } from '../model/index.js';
import { readVersion, splitImage } from './version.js';

/** A pod of the network plugin on a node. */
export interface NodeAgent {
  readonly namespace: string;
  readonly pod: string;
  /** From its image, '' when that does not tell. */
  readonly version: string;
  readonly ready: boolean;
}

/** What the network plugin is on one node. */
export interface NodeCni {
  readonly node: string;
  /** Whether policy is enforced for pods of this node. */
  readonly enforced: CniDetection['enforced'];
  /** Pods of the DaemonSets that the detection is based on, by namespace and name. */
  readonly agents: readonly NodeAgent[];
}

/** The plugin node by node, in the order of `nodes`. */
export function nodeCni(cni: CniDetection, nodes: readonly NodeFact[], pods: Iterable<PodFact>): readonly NodeCni[] {
  const sources = new Set(cni.evidence.map((one) => one.source));
  const byNode = new Map<string, NodeAgent[]>();
  for (const pod of pods) {
    if (!isAgent(pod, sources)) continue;
    const agents = byNode.get(pod.node) ?? [];
    byNode.set(pod.node, agents);
    agents.push(agentOf(pod));
  }
  const unenforced = new Set(cni.unenforcedNodes);
  return nodes.map(({ meta }) => ({
    node: meta.name,
    enforced: unenforced.has(meta.name) ? 'no' : cni.enforced,
    agents: byNode.get(meta.name) ?? [],
  }));
}

/** Evidence names a DaemonSet as the detectors saw it, or by its pods where it could not be read itself. */
function isAgent({ meta }: PodFact, sources: ReadonlySet<string>): boolean {
  if (meta.owner?.kind !== 'DaemonSet') return false;
  const daemonSet = `DaemonSet ${meta.namespace}/${meta.owner.name}`;
  return sources.has(daemonSet) || sources.has(`pods of ${daemonSet}`);
}

function agentOf({ meta, shape, ready, phase }: PodFact): NodeAgent {
  const versions = shape.containers
    .filter((container) => container.role === 'main')
    .map((container) => readVersion(splitImage(container.image).tag));
  return {
    namespace: meta.namespace,
    pod: meta.name,
    version: versions.find((version) => version !== '') ?? '',
    ready: ready && phase === 'Running' && !meta.deleting,
  };
}
