import type { GraphEdge, GraphNode } from './graph.js';

/**
 * Edges to every node of a group with the same words become one edge to the group; then the same for edges from every
 * node of a group. What is left says the same with far fewer lines.
 */
export function foldEdges(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly GraphEdge[] {
  const sizes = new Map<string, number>();
  for (const { group } of nodes) if (group !== '') sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const isWithin = (id: string, group: string): boolean => id === group || groupOf.get(id) === group;
  const toGroups = foldEnds(
    edges,
    ({ to }) => groupOf.get(to) ?? '',
    ({ from, label, state }, group) => JSON.stringify([from, group, label, state]),
    // Nothing has an edge to itself, so inside a group one less is all.
    ({ from }, group) => (sizes.get(group) ?? 0) - (isWithin(from, group) ? 1 : 0),
    (edge, to) => ({ ...edge, to }),
  );
  return foldEnds(
    toGroups,
    ({ from }) => groupOf.get(from) ?? '',
    ({ to, label, state }, group) => JSON.stringify([to, group, label, state]),
    ({ to }, group) => (sizes.get(group) ?? 0) - (to !== group && isWithin(to, group) ? 1 : 0),
    (edge, from) => ({ ...edge, from }),
  );
}

function foldEnds(
  edges: readonly GraphEdge[],
  groupOf: (edge: GraphEdge) => string,
  keyOf: (edge: GraphEdge, group: string) => string,
  wholeOf: (edge: GraphEdge, group: string) => number,
  folded: (edge: GraphEdge, group: string) => GraphEdge,
): readonly GraphEdge[] {
  const bundles = new Map<string, { readonly group: string; readonly edges: GraphEdge[] }>();
  const out: GraphEdge[] = [];
  for (const edge of edges) {
    const group = groupOf(edge);
    if (group === '') {
      out.push(edge);
      continue;
    }
    const key = keyOf(edge, group);
    const known = bundles.get(key);
    if (known === undefined) bundles.set(key, { group, edges: [edge] });
    else known.edges.push(edge);
  }
  for (const { group, edges: bundle } of bundles.values()) {
    const [first] = bundle as [GraphEdge, ...GraphEdge[]];
    if (bundle.length > 1 && bundle.length === wholeOf(first, group)) out.push(folded(first, group));
    else out.push(...bundle);
  }
  return out;
}
