/** What a node stands for; it decides how it looks. */
export type NodeKind = 'namespace' | 'workload' | 'node' | 'outside' | 'service' | 'policy' | 'start' | 'more';

/** How an edge or a step ends. */
export type EdgeState = 'allowed' | 'denied' | 'unknown' | 'not-reached';

/** What the border of a node tells: how its step ends, or that it is bad to have on the way. */
export type NodeState = EdgeState | 'dangerous';

export interface GraphNode {
  readonly id: string;
  readonly label: string;
  /** A second, smaller line; '' for none. */
  readonly detail: string;
  /** Further lines of that size, such as what nearly matched; absent for none. */
  readonly remarks?: readonly string[];
  readonly kind: NodeKind;
  /** Id of the group that it is in; '' for none. */
  readonly group: string;
  /** Null for a border that tells nothing. */
  readonly state: NodeState | null;
  /** The names of several that it stands for; absent where it is one. */
  readonly names?: readonly string[];
}

/** An arrow between nodes or whole groups, by their ids. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** '' for none. */
  readonly label: string;
  readonly state: EdgeState;
  /** Drawn with a head at both ends. */
  readonly both: boolean;
}

export interface GraphTable {
  /** Each direction by itself, and those of a node to itself. */
  readonly cells: readonly GraphEdge[];
  readonly note: string;
}

/** A picture before it is drawn: one model for SVG, DOT and Mermaid. */
export interface Graph {
  readonly title: string;
  readonly groups: readonly { readonly id: string; readonly label: string }[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Its nodes are steps one after another: what does not look for itself how it fits is told to go downwards. */
  readonly isChain?: boolean;
  /** The same from node to node, for a table of who reaches whom; absent for what is no such table. */
  readonly table?: GraphTable;
  /** What the picture leaves out, in words, a line each; '' for nothing. */
  readonly note: string;
}

/** What is written in a node below its label, line by line. */
export function linesOf({ detail, remarks = [] }: Pick<GraphNode, 'detail' | 'remarks'>): readonly string[] {
  return detail === '' ? remarks : [detail, ...remarks];
}

/** What all that a node stands for is called. */
export function namesOf({ label, names = [label] }: GraphNode): readonly string[] {
  return names;
}

/** Edges that go both ways with the same words become one. */
export function joinEdges(edges: readonly GraphEdge[]): readonly GraphEdge[] {
  const out = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const back = out.get(`${edge.to}\u0000${edge.from}\u0000${edge.label}\u0000${edge.state}`);
    if (back !== undefined && edge.from !== edge.to) {
      out.set(`${edge.to}\u0000${edge.from}\u0000${edge.label}\u0000${edge.state}`, { ...back, both: true });
    } else out.set(`${edge.from}\u0000${edge.to}\u0000${edge.label}\u0000${edge.state}`, edge);
  }
  return [...out.values()];
}
