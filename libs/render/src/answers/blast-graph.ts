import type { BlastView } from '#engine';

import { joinEdges, type Graph, type GraphEdge, type GraphNode } from '../graph/graph.js';

/** What the landmarks of a blast radius are called. */
export const LANDMARKS: Readonly<Record<string, string>> = {
  internet: 'the internet',
  metadata: 'cloud metadata 169.254.169.254',
  apiServer: 'the API server',
};

const MOST_NAMESPACES = 40;
const START = 'start';

/**
 * Namespaces and landmarks within reach, each beside that from which its first connection comes: what is several hops
 * away is drawn behind what lies between. `place` says in which state of which cluster.
 */
export function blastGraph(blast: BlastView, place: string): Graph {
  const { direction, start, byNamespace, landmarks } = blast;
  const isFrom = direction === 'from';
  const firsts = firstTargets(blast);
  const shown = byNamespace.slice(0, MOST_NAMESPACES);
  const ids = new Set(shown.map(({ namespace }) => namespaceId(namespace)));
  const nodes: GraphNode[] = [
    { id: START, label: start, detail: isFrom ? 'taken over' : 'target', kind: 'start', group: '', state: null },
  ];
  const edges: GraphEdge[] = [];
  const add = (node: Omit<GraphNode, 'group'>, hop: number | null, before: string | undefined): void => {
    nodes.push({ ...node, group: '' });
    const between = before === undefined || hop === 1 ? null : namespaceOf(before);
    const id = between === null ? START : namespaceId(between);
    const near = ids.has(id) && id !== node.id ? id : START;
    const [from, to] = isFrom ? [near, node.id] : [node.id, near];
    edges.push({ from, to, label: hop === null ? '' : `hop ${hop}`, state: 'allowed', both: false });
  };
  for (const { namespace, reached, total } of shown) {
    const first = firsts.get(namespace);
    const node = {
      id: namespaceId(namespace),
      label: namespace === '' ? 'nodes' : namespace,
      detail: `${reached} of ${total}`,
      kind: namespace === '' ? ('node' as const) : ('namespace' as const),
      state: null,
    };
    add(node, first?.hop ?? null, first?.path.at(isFrom ? -2 : 1));
  }
  for (const { name, hop, via } of landmarks) {
    if (hop === null) continue;
    const node = { id: `landmark ${name}`, label: LANDMARKS[name] ?? name, detail: '', kind: 'outside' as const };
    add({ ...node, state: 'denied' }, hop, via.at(isFrom ? -1 : 0));
  }
  const rest = byNamespace.length - shown.length;
  return {
    title: `${isFrom ? 'Within reach of' : 'Who can reach'} ${start}, in ${place}`,
    groups: [],
    nodes,
    edges: joinEdges(edges),
    note: rest > 0 ? `and ${rest} more namespaces` : '',
  };
}

/** The nearest target of each namespace: targets come nearest first. */
function firstTargets({ targets }: BlastView): ReadonlyMap<string, BlastView['targets'][number]> {
  const out = new Map<string, BlastView['targets'][number]>();
  for (const target of targets) if (!out.has(target.peer.namespace)) out.set(target.peer.namespace, target);
  return out;
}

function namespaceId(namespace: string): string {
  return `namespace ${namespace}`;
}

/** Of a step on a path: `shop/web-1`; '' for `node worker-1`, and null for what may not be seen. */
function namespaceOf(step: string): string | null {
  const slash = step.indexOf('/');
  if (slash >= 0) return step.slice(0, slash);
  return step.startsWith('node ') ? '' : null;
}
