import { linesOf, type Graph, type GraphEdge, type GraphNode, type NodeState } from './graph.js';
import { STATE_COLOURS } from './state-colours.js';

/** A graph as a Mermaid flowchart, for pages that draw it themselves. */
export function renderMermaid(graph: Graph): string {
  const ids = new Map([
    ...graph.nodes.map(({ id }, index) => [id, `n${index}`] as const),
    ...graph.groups.map(({ id }, index) => [id, `g${index}`] as const),
  ]);
  const nodeLine = (node: GraphNode): string => `${ids.get(node.id) ?? ''}["${text(node.label, ...linesOf(node))}"]`;
  // The title is YAML, in which a text in the quotes of JSON is that text.
  const lines = [
    '---',
    `title: ${JSON.stringify(graph.title)}`,
    '---',
    `flowchart ${graph.isChain === true ? 'TD' : 'LR'}`,
  ];
  for (const [index, group] of graph.groups.entries()) {
    lines.push(`  subgraph g${index}["${text(group.label)}"]`);
    for (const node of graph.nodes) if (node.group === group.id) lines.push(`    ${nodeLine(node)}`);
    lines.push('  end');
  }
  const grouped = new Set(graph.groups.map(({ id }) => id));
  for (const node of graph.nodes) if (!grouped.has(node.group)) lines.push(`  ${nodeLine(node)}`);
  for (const edge of graph.edges) {
    lines.push(`  ${ids.get(edge.from) ?? ''} ${arrow(edge)} ${ids.get(edge.to) ?? ''}`);
  }
  for (const state of Object.keys(STATE_COLOURS) as NodeState[]) {
    const which = graph.nodes.filter((node) => node.state === state).map(({ id }) => ids.get(id) ?? '');
    if (which.length > 0) lines.push(`  style ${which.join(',')} stroke:${STATE_COLOURS[state]},stroke-width:2px`);
  }
  if (graph.note !== '') {
    lines.push(`  note["${text(...graph.note.split('\n'))}"]`, '  style note fill:none,stroke:none');
  }
  return `${lines.join('\n')}\n`;
}

function arrow({ state, both, label }: GraphEdge): string {
  const isSolid = state === 'allowed';
  const head = isSolid ? (both ? '<-->' : '-->') : both ? '<-.->' : state === 'denied' ? '-. ✗ .->' : '-.->';
  return label === '' ? head : `${head}|"${text(label)}"|`;
}

/** Mermaid reads entities, so what would end a text or be markup is written as one. */
function text(...lines: readonly string[]): string {
  const escape = (part: string): string =>
    part.replaceAll(/["#<>&`\\]/g, (sign) => `#${sign.codePointAt(0) ?? 0};`).replaceAll(/\s+/g, ' ');
  return lines.map(escape).join('<br/>');
}
