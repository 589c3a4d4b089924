import { peerKey, peerLabel, type ConnectionView, type ListPeer, type RowVerdict } from '#engine';

import { bundleNodes, type BundledGraph } from '../graph/bundle-nodes.js';
import { foldEdges } from '../graph/fold-edges.js';
import {
  joinEdges,
  type EdgeState,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NodeKind,
} from '../graph/graph.js';

/** Nodes and lines that a picture can hold and still be read. */
export const MOST_NODES = 50;
const MOST_LINES = 60;

const OUTSIDE: ListPeer = { kind: 'Addresses', namespace: '', name: 'outside the cluster' };
const REST: ListPeer = { kind: 'More', namespace: '', name: 'others' };

/**
 * Rows as a picture: peers in boxes of their namespaces. Addresses are one node. Beyond `MOST_NODES` workloads become
 * namespaces, those with the same neighbours one node, and beyond that the ones with the fewest neighbours one as well.
 */
export function connectionGraph(rows: readonly ConnectionView[], title: string, verdict: RowVerdict = 'allow'): Graph {
  const named = regroup(rows.map(linkOf), (peer) => (peer.kind === 'Addresses' ? OUTSIDE : peer));
  const state = verdict === 'allow' ? 'allowed' : 'unknown';
  const steps: string[] = [];
  let links = named;
  if (countPeers(links) > MOST_NODES) {
    const grouped = peersOf(links).filter(({ kind, namespace }) => namespace !== '' && kind !== 'Namespace').length;
    if (grouped > 0) steps.push(`${grouped} workloads are told as their namespaces`);
    links = regroup(links, (peer) =>
      peer.namespace === '' ? peer : { kind: 'Namespace', namespace: peer.namespace, name: peer.namespace },
    );
  }
  let drawing = drawingOf(links, state);
  if (drawing.nodes.length > MOST_NODES) {
    const kept = mostConnected(links, MOST_NODES - 1);
    steps.push(`${countPeers(links) - kept.size} namespaces with few neighbours are told as one`);
    links = regroup(links, (peer, key) => (kept.has(key) ? peer : REST));
    drawing = drawingOf(links, state);
  }
  const { nodes, edges: cells } = drawing;
  if (nodes.some(({ names }) => names !== undefined)) steps.push('those with the same neighbours are told as one');
  const drawn = joinEdges(
    foldEdges(
      nodes,
      cells.filter(({ from, to }) => from !== to),
    ),
  );
  const isInside = ({ from, to }: GraphEdge): boolean => from === to;
  const words = drawn.some(({ label }) => label === '') ? ['a line without words stands for every port'] : [];
  return {
    title,
    groups: groupsOf(nodes, drawn.filter(isInside)),
    nodes,
    edges: drawn.filter((edge) => !isInside(edge)),
    table: { cells, note: steps.join('; ') },
    note: [...steps, ...words].join('; '),
  };
}

/** What is alike is bundled where there would be too much to read. */
function drawingOf(links: readonly Link[], state: EdgeState): BundledGraph {
  const nodes = peersOf(links).map(nodeOf);
  const edges = links.map((link) => edgeOf(link, state));
  return nodes.length > MOST_NODES || edges.length > MOST_LINES ? bundleNodes(nodes, edges) : { nodes, edges };
}

interface Link {
  readonly source: ListPeer;
  readonly destination: ListPeer;
  /** The keys of both. */
  readonly from: string;
  readonly to: string;
  /** What the rows behind it say, each once. */
  readonly connections: readonly string[];
}

function linkOf({ source, destination, connections }: ConnectionView): Link {
  return { source, destination, from: peerKey(source), to: peerKey(destination), connections: [connections] };
}

function regroup(links: readonly Link[], groupOf: (peer: ListPeer, key: string) => ListPeer): readonly Link[] {
  const found = new Map<string, Link & { readonly connections: string[] }>();
  for (const link of links) {
    const source = groupOf(link.source, link.from);
    const destination = groupOf(link.destination, link.to);
    const from = source === link.source ? link.from : peerKey(source);
    const to = destination === link.destination ? link.to : peerKey(destination);
    const key = `${from}\u0001${to}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { source, destination, from, to, connections: [...link.connections] });
    else known.connections.push(...link.connections.filter((text) => !known.connections.includes(text)));
  }
  return [...found.values()];
}

function peersOf(links: readonly Link[]): readonly ListPeer[] {
  const byKey = new Map<string, ListPeer>();
  for (const { source, destination, from, to } of links) byKey.set(from, source).set(to, destination);
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, peer]) => peer);
}

const countPeers = (links: readonly Link[]): number => new Set(links.flatMap(({ from, to }) => [from, to])).size;

function mostConnected(links: readonly Link[], most: number): ReadonlySet<string> {
  const degree = new Map<string, number>();
  const count = (key: string, { kind }: ListPeer): void => {
    degree.set(key, (degree.get(key) ?? 0) + (kind === 'Addresses' ? Infinity : 1));
  };
  for (const { source, destination, from, to } of links) {
    count(from, source);
    count(to, destination);
  }
  const sorted = [...degree].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Set(sorted.slice(0, most).map(([key]) => key));
}

/** Boxes for namespaces with something else than the namespace itself in them; what all inside may do is in their title. */
function groupsOf(nodes: readonly GraphNode[], inside: readonly GraphEdge[]): Graph['groups'] {
  const ids = [...new Set(nodes.map(({ group }) => group))].filter((id) => id !== '');
  return ids.map((id) => {
    const words = inside.filter(({ from }) => from === id).map(({ label }) => (label === '' ? 'every port' : label));
    const name = id.slice(GROUP.length);
    return { id, label: words.length === 0 ? name : `${name} (each to each: ${words.join('; ')})` };
  });
}

const GROUP = 'namespace ';

function idOf(peer: ListPeer): string {
  return `${peer.kind} ${peerLabel(peer)}`;
}

const KINDS: Readonly<Record<string, NodeKind>> = {
  Namespace: 'namespace',
  Node: 'node',
  Addresses: 'outside',
  More: 'more',
};

function nodeOf(peer: ListPeer): GraphNode {
  const isWhole = peer.kind === 'Namespace';
  const isPlain = isWhole || peer.kind === 'Addresses' || peer.kind === 'More';
  return {
    id: idOf(peer),
    label: isWhole || peer.namespace !== '' ? peer.name : peerLabel(peer),
    detail: isPlain ? '' : peer.kind,
    kind: KINDS[peer.kind] ?? 'workload',
    group: isWhole || peer.namespace === '' ? '' : GROUP + peer.namespace,
    state: null,
  };
}

function edgeOf({ source, destination, connections }: Link, state: EdgeState): GraphEdge {
  return {
    from: idOf(source),
    to: idOf(destination),
    label: connections.length > 1 ? `${connections.length} different sets of ports` : portsOf(connections[0] ?? ''),
    state,
    both: false,
  };
}

const portsOf = (connections: string): string => (connections === 'all' ? '' : connections);
