import { groupBy, type BlastView } from '#engine';

import { joinEdges, namesOf, type Graph, type GraphEdge, type GraphNode } from '../graph/graph.js';

/** What the landmarks of a blast radius are called. */
export const LANDMARKS: Readonly<Record<string, string>> = {
  internet: 'the internet',
  metadata: 'cloud metadata 169.254.169.254',
  apiServer: 'the API server',
};

const MOST_BOXES = 40;
/** So many are drawn by themselves; of more, those that lead nowhere are told in one box for each place they hang on. */
const MOST_APART = 12;
const NAMES_A_LINE = 4;
const MOST_LINES = 4;
const START = 'start';
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** What hangs on another by one arrow. */
interface Hung {
  readonly node: GraphNode;
  readonly near: string;
  readonly label: string;
}

interface HungNamespace extends Hung {
  readonly reached: number;
  readonly total: number;
}

/**
 * Namespaces and landmarks within reach, each beside that from which its first connection comes: what is several hops
 * away is drawn behind what lies between. `place` says in which state of which cluster.
 */
export function blastGraph(blast: BlastView, place: string): Graph {
  const { direction, start, byNamespace, landmarks } = blast;
  const isFrom = direction === 'from';
  const firsts = firstTargets(blast);
  const ids = new Set(byNamespace.map(({ namespace }) => namespaceId(namespace)));
  const hang = (node: Omit<GraphNode, 'group'>, hop: number | null, before: string | undefined): Hung => {
    const between = before === undefined || hop === 1 ? null : namespaceOf(before);
    const id = between === null ? START : namespaceId(between);
    const near = ids.has(id) && id !== node.id ? id : START;
    return { node: { ...node, group: '' }, near, label: hop === null ? '' : `hop ${hop}` };
  };
  const namespaces = byNamespace.map(({ namespace, reached, total }): HungNamespace => {
    const first = firsts.get(namespace);
    const node = {
      id: namespaceId(namespace),
      label: namespace === '' ? 'nodes' : namespace,
      detail: `${reached} of ${total}`,
      kind: namespace === '' ? ('node' as const) : ('namespace' as const),
      state: null,
    };
    return { ...hang(node, first?.hop ?? null, first?.path.at(isFrom ? -2 : 1)), reached, total };
  });
  const marks = landmarks.flatMap(({ name, hop, via }) => {
    if (hop === null) return [];
    const node = { id: `landmark ${name}`, label: LANDMARKS[name] ?? name, detail: '', kind: 'outside' as const };
    return [hang({ ...node, state: 'dangerous' as const }, hop, via.at(isFrom ? -1 : 0))];
  });
  const folded = foldLeaves(namespaces, new Set([...namespaces, ...marks].map(({ near }) => near)));
  const hung = [...folded.slice(0, MOST_BOXES), ...marks];
  const drawn = new Set(hung.map(({ node }) => node.id));
  const edges = hung.map(({ node, near, label }): GraphEdge => {
    const end = drawn.has(near) ? near : START;
    const [from, to] = isFrom ? [end, node.id] : [node.id, end];
    return { from, to, label, state: 'allowed', both: false };
  });
  const rest = folded.slice(MOST_BOXES).reduce((sum, { node }) => sum + namesOf(node).length, 0);
  return {
    title: `${isFrom ? 'Within reach of' : 'Who can reach'} ${start}, in ${place}`,
    groups: [],
    nodes: [
      { id: START, label: start, detail: isFrom ? 'taken over' : 'target', kind: 'start', group: '', state: null },
      ...hung.map(({ node }) => node),
    ],
    edges: joinEdges(edges),
    note: rest > 0 ? `and ${rest} more namespaces` : '',
  };
}

/** Of many namespaces, those that nothing hangs on become one where they hang on the same by the same words. */
function foldLeaves(namespaces: readonly HungNamespace[], held: ReadonlySet<string>): readonly Hung[] {
  if (namespaces.length <= MOST_APART) return namespaces;
  const keyOf = ({ node, near, label }: Hung): string =>
    node.kind !== 'namespace' || held.has(node.id) ? node.id : `${label} ${near}`;
  return [...groupBy(namespaces, keyOf).values()].flatMap((alike) =>
    alike.slice(0, 1).map((first) => (alike.length === 1 ? first : { ...first, node: foldedNode(first.node, alike) })),
  );
}

function foldedNode(first: GraphNode, alike: readonly HungNamespace[]): GraphNode {
  const names = alike.map(({ node }) => node.label).sort(BY_NUMBER.compare);
  const sum = (of: 'reached' | 'total'): number => alike.reduce((so, each) => so + each[of], 0);
  const named = names.slice(0, NAMES_A_LINE * MOST_LINES);
  const lines: string[] = [];
  for (let at = 0; at < named.length; at += NAMES_A_LINE) lines.push(named.slice(at, at + NAMES_A_LINE).join(', '));
  const more = names.length - named.length;
  return {
    ...first,
    label: `${names.length} namespaces`,
    detail: `${sum('reached')} of ${sum('total')}`,
    remarks: more > 0 ? [...lines, `and ${more} more`] : lines,
    names,
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
