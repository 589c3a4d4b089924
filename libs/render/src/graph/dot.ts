import { linesOf, type Graph, type GraphNode } from './graph.js';
import { STATE_COLOURS } from './state-colours.js';

/** A graph in the language of Graphviz. */
export function renderDot(graph: Graph): string {
  const lines = [
    `digraph ${quote(graph.title)} {`,
    `  rankdir=${graph.isChain === true ? 'TB' : 'LR'}; compound=true; node [shape=box, style="rounded,filled", fillcolor="#f5f7fa", fontname="sans-serif"];`,
  ];
  for (const [index, group] of graph.groups.entries()) {
    lines.push(`  subgraph cluster_${index} {`, `    label=${quote(group.label)}; color="#b8c2cf";`);
    for (const node of graph.nodes) if (node.group === group.id) lines.push(`    ${nodeLine(node)}`);
    lines.push('  }');
  }
  const grouped = new Set(graph.groups.map(({ id }) => id));
  for (const node of graph.nodes) if (!grouped.has(node.group)) lines.push(`  ${nodeLine(node)}`);
  for (const edge of graph.edges) {
    const [from, to] = [endOf(graph, edge.from), endOf(graph, edge.to)];
    const traits = [
      ...(from.cluster < 0 ? [] : [`ltail=cluster_${from.cluster}`]),
      ...(to.cluster < 0 ? [] : [`lhead=cluster_${to.cluster}`]),
      `label=${quote(edge.label)}`,
      `color="${STATE_COLOURS[edge.state]}"`,
      ...(edge.both ? ['dir=both'] : []),
      ...(edge.state === 'allowed' ? [] : ['style=dashed']),
    ];
    lines.push(`  ${quote(from.node)} -> ${quote(to.node)} [${traits.join(', ')}];`);
  }
  lines.push(`  label=${quote(graph.note === '' ? graph.title : `${graph.title}\n${graph.note}`)}; labelloc=t;`);
  return `${lines.join('\n')}\n}\n`;
}

/** Graphviz draws an edge to a group as one to a node of it that is cut at the border. */
function endOf(graph: Graph, id: string): { readonly node: string; readonly cluster: number } {
  const cluster = graph.groups.findIndex((group) => group.id === id);
  const member = graph.nodes.find((node) => node.group === id);
  return { node: cluster < 0 || member === undefined ? id : member.id, cluster };
}

function nodeLine(node: GraphNode): string {
  const traits = [
    `label=${quote([node.label, ...linesOf(node)].join('\n'))}`,
    ...(node.state === null ? [] : [`color="${STATE_COLOURS[node.state]}"`, 'penwidth=2']),
  ];
  return `${quote(node.id)} [${traits.join(', ')}];`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
