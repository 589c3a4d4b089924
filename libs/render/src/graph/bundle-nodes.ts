import { namesOf, type GraphEdge, type GraphNode } from './graph.js';

export interface BundledGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Names that a bundle is called by; the rest is counted. */
const NAMED = 2;

/**
 * Nodes of one kind and box whose edges go to and come from the same nodes with the same words become one, also where
 * each of them has an edge to each other; so nothing is left out but how many there are, which is said. Edges have one
 * direction each.
 */
export function bundleNodes(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): BundledGraph {
  const bundles = bundlesOf(nodes, edges);
  const bundleOf = new Map(bundles.flatMap((bundle) => bundle.nodes.map(({ id }) => [id, bundle])));
  const idOf = (id: string): string => bundleOf.get(id)?.nodes[0]?.id ?? id;
  const merged = edges.map((edge) => {
    const isOwn = edge.from === edge.to && bundleOf.get(edge.from)?.each === null;
    const label = isOwn ? `${edge.label === '' ? 'every port' : edge.label}, each to itself` : edge.label;
    return { ...edge, label, from: idOf(edge.from), to: idOf(edge.to) };
  });
  return {
    nodes: nodes.flatMap((node) => {
      const bundle = bundleOf.get(node.id);
      if (bundle === undefined) return [node];
      return bundle.nodes[0] === node ? [bundleNode(bundle)] : [];
    }),
    edges: [...new Map(merged.map((edge) => [`${endKey('>', edge.to, edge)}\u0000${edge.from}`, edge])).values()],
  };
}

/** Nodes that are alike; `each` is what each of them has to each other, null for nothing. */
interface Bundle {
  readonly nodes: readonly GraphNode[];
  readonly each: GraphEdge | null;
}

/** Each node in one bundle at most, the largest first. */
function bundlesOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly Bundle[] {
  const taken = new Set<GraphNode>();
  return candidates(nodes, edges).flatMap((bundle) => {
    const left = bundle.nodes.filter((node) => !taken.has(node));
    if (left.length < 2) return [];
    for (const node of left) taken.add(node);
    return [{ nodes: left, each: bundle.each }];
  });
}

/** Sets of nodes that are alike, the largest first; a node may be in several. */
function candidates(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly Bundle[] {
  const ends = new Map(nodes.map(({ id }) => [id, [] as string[]]));
  const words = new Map(nodes.map(({ id }) => [id, new Map<string, GraphEdge>()]));
  for (const edge of edges) {
    if (edge.from === edge.to) ends.get(edge.from)?.push(`itself ${wordsKey(edge)}`);
    else {
      ends.get(edge.from)?.push(endKey('>', edge.to, edge));
      ends.get(edge.to)?.push(endKey('<', edge.from, edge));
      words.get(edge.from)?.set(wordsKey(edge), edge);
    }
  }
  const found = new Map<string, { readonly nodes: GraphNode[]; readonly each: GraphEdge | null }>();
  const add = (node: GraphNode, own: readonly string[], each: GraphEdge | null): void => {
    const all = [...(ends.get(node.id) as string[]), ...own].sort();
    const key = JSON.stringify([node.kind, node.group, each === null ? '' : wordsKey(each), all]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { nodes: [node], each });
    else known.nodes.push(node);
  };
  for (const node of nodes) {
    add(node, [], null);
    // As if it had an edge to itself, so that those of a set in which each has one to each other are alike.
    for (const edge of words.get(node.id)?.values() ?? []) {
      add(node, [endKey('>', node.id, edge), endKey('<', node.id, edge)], edge);
    }
  }
  return [...found.values()].filter((each) => each.nodes.length > 1).sort((a, b) => b.nodes.length - a.nodes.length);
}

function wordsKey({ label, state }: GraphEdge): string {
  return `${state} ${label}`;
}

function endKey(direction: '<' | '>', end: string, edge: GraphEdge): string {
  return `${direction}${end}\u0000${wordsKey(edge)}`;
}

function bundleNode({ nodes, each }: Bundle): GraphNode {
  const [first] = nodes as readonly [GraphNode, ...GraphNode[]];
  const names = nodes.flatMap(namesOf);
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).join(', ');
  const among = each === null ? '' : `each to each: ${each.label === '' ? 'every port' : each.label}`;
  const details = new Set([...nodes.map(({ detail }) => detail), among]);
  return {
    ...first,
    label: more > 0 ? `${shown} and ${String(more)} more` : shown,
    detail: [...details].filter((text) => text !== '').join('; '),
    names,
  };
}
