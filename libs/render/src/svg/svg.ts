import { escapeMarkup } from '../markup.js';
import { linesOf, namesOf } from '../graph/graph.js';
import type { Graph, GraphEdge, GraphNode, NodeKind } from '../graph/graph.js';
import { STATE_COLOURS } from '../graph/state-colours.js';
import { closeGaps, containerOf } from './close-gaps.js';
import { BOLDER, MARGIN, renderFrame, round } from './frame.js';
import { dashed, edgeStates, headOf, legendOf } from './legend.js';
import { layOut } from './layout.js';
import type { ElkExtendedEdge, ElkNode } from './layout.js';
import { renderTableSvg } from './table-svg.js';
import { shorten, textWidth, wrapped } from './text-width.js';

const LABEL_PX = 13;
const DETAIL_PX = 12;
const EDGE_PX = 12;
/** From line to line below a label. */
const DETAIL_HEIGHT = 16;
const GROUP_PX = 12;
/** A picture as wide as this is read on a screen and on a slide without being made smaller. */
const SCREEN_PX = 1280;
/** What is larger is told better by a table. */
const WIDEST_PX = 1600;
const TALLEST_PX = 2400;
const MOST_LABEL = 44;
/** Steps stand one below the other, where there is room for names that say which. */
const MOST_STEP_LABEL = 72;
const MOST_DETAIL = 80;
const WIDEST_DETAIL_PX = 460;
const MOST_LINES_OF_DETAIL = 3;
const MOST_EDGE_LABEL = 30;

const FILLS: Readonly<Record<NodeKind, readonly [fill: string, stroke: string]>> = {
  namespace: ['#e8f1fd', '#5b8def'],
  workload: ['#ffffff', '#7a8aa0'],
  node: ['#f1edfb', '#8b6fd1'],
  outside: ['#fff4e0', '#d99a2b'],
  service: ['#e6f6f4', '#2f9c8f'],
  policy: ['#ffffff', '#7a8aa0'],
  start: ['#1f3a5f', '#1f3a5f'],
  more: ['#eef0f3', '#9aa4b2'],
};

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '56',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '9',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.spacing.componentComponent': '36',
  'elk.edgeLabels.inline': 'true',
  // In the order of the list, where no line then crosses another: it is the order in which they are looked for.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
} as const;
/** What is drawn from top to bottom is many layers high: they stand close, and what goes back up is kept at one side. */
const DIRECTIONS = {
  RIGHT: { 'elk.direction': 'RIGHT' },
  DOWN: {
    'elk.direction': 'DOWN',
    'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
    'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  },
} as const;
const GROUP_OPTIONS = { 'elk.padding': '[top=36,left=16,bottom=16,right=16]' } as const;

/** More lines than that nobody follows. */
const MOST_LINES = 90;

/** A graph as a stand-alone SVG: no script, no font and no address to fetch. What has too many lines becomes a table. */
export async function renderSvg(graph: Graph): Promise<string> {
  const { table } = graph;
  if (table !== undefined && graph.edges.length > MOST_LINES) return renderTableSvg(graph, table);
  const laid = closeGaps(await fitted(graph));
  const [width, height] = [laid.width ?? 0, laid.height ?? 0];
  if (table !== undefined && (width > WIDEST_PX || height > TALLEST_PX)) return renderTableSvg(graph, table);
  return renderFrame({
    ...{ title: graph.title, note: graph.note, width, height },
    legend: legendOf(graph),
    defs: edgeStates(graph).map(headOf),
    parts: [
      ...drawGroups(graph, laid, groupBox),
      ...drawEdges(graph, laid),
      ...drawGroups(graph, laid, groupName),
      ...drawNodes(graph, laid),
    ],
  });
}

/** From left to right where that fits a screen, else from top to bottom, unless that is wider still. */
async function fitted(graph: Graph): Promise<ElkNode> {
  const across = await layOut(elkGraph(graph, 'RIGHT'));
  const room = SCREEN_PX - 2 * MARGIN;
  if ((across.width ?? 0) <= room) return across;
  const down = await layOut(elkGraph(graph, 'DOWN'));
  return (down.width ?? 0) < (across.width ?? 0) ? down : across;
}

function elkGraph(graph: Graph, direction: keyof typeof DIRECTIONS): ElkNode {
  const boxes = new Map(graph.nodes.map((node) => [node.id, nodeBox(node)]));
  const inGroups = graph.groups.map(({ id, label }): ElkNode => ({
    id,
    layoutOptions: {
      ...GROUP_OPTIONS,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${Math.ceil(textWidth(label, GROUP_PX) * BOLDER) + 32},60)`,
    },
    children: graph.nodes.filter((node) => node.group === id).map((node) => boxes.get(node.id) as ElkNode),
  }));
  const grouped = new Set(graph.groups.map(({ id }) => id));
  const loose = graph.nodes.filter((node) => !grouped.has(node.group)).map((node) => boxes.get(node.id) as ElkNode);
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, ...DIRECTIONS[direction] },
    children: [...inGroups, ...loose],
    edges: graph.edges.map((edge, index) => elkEdge(edge, index)),
  };
}

function nodeBox(node: GraphNode): ElkNode {
  const label = labelOf(node);
  const lines = detailOf(node).map((line) => textWidth(line, DETAIL_PX));
  const width = Math.max(72, textWidth(label, LABEL_PX), ...lines) + 28;
  return { id: node.id, width: Math.ceil(width), height: lines.length === 0 ? 36 : 32 + lines.length * DETAIL_HEIGHT };
}

function labelOf({ label, kind }: GraphNode): string {
  return shorten(label, kind === 'policy' || kind === 'start' ? MOST_STEP_LABEL : MOST_LABEL);
}

/** What stands below the label: a line that is long becomes several, as its end often tells most. */
function detailOf(node: GraphNode): readonly string[] {
  return linesOf(node).flatMap((line) => {
    const lines = wrapped(line, WIDEST_DETAIL_PX, DETAIL_PX);
    const rest = lines.slice(MOST_LINES_OF_DETAIL - 1).join(' ');
    const shown = rest === '' ? lines : [...lines.slice(0, MOST_LINES_OF_DETAIL - 1), rest];
    return shown.map((each) => shorten(each, MOST_DETAIL));
  });
}

function elkEdge(edge: GraphEdge, index: number): ElkExtendedEdge {
  const label = shorten(edge.label, MOST_EDGE_LABEL);
  const labels = label === '' ? [] : [{ text: label, width: Math.ceil(textWidth(label, EDGE_PX)) + 8, height: 15 }];
  return { id: `edge ${index}`, sources: [edge.from], targets: [edge.to], labels };
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where each node is, in coordinates of the whole picture. */
function places(laid: ElkNode): ReadonlyMap<string, Placed> {
  const out = new Map<string, Placed>();
  const visit = (node: ElkNode, dx: number, dy: number): void => {
    for (const child of node.children ?? []) {
      const [x, y] = [dx + (child.x ?? 0), dy + (child.y ?? 0)];
      out.set(child.id, { x, y, width: child.width ?? 0, height: child.height ?? 0 });
      visit(child, x, y);
    }
  };
  visit(laid, 0, 0);
  return out;
}

function drawGroups(graph: Graph, laid: ElkNode, draw: (box: Placed, label: string) => string): string[] {
  const at = places(laid);
  return graph.groups.flatMap(({ id, label }) => {
    const box = at.get(id);
    return box === undefined ? [] : [draw(box, label)];
  });
}

function groupBox({ x, y, width, height }: Placed): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="10" fill="#f7f9fc" stroke="#cdd6e1"/>`;
}

/** With a rim in the colour of the box, so that a line that comes in behind it does not cross the words. */
function groupName({ x, y }: Placed, label: string): string {
  return `<text x="${round(x + 14)}" y="${round(y + 22)}" font-size="${GROUP_PX}" font-weight="600" fill="#44546a" stroke="#f7f9fc" stroke-width="4" paint-order="stroke">${escapeMarkup(label)}</text>`;
}

function drawNodes(graph: Graph, laid: ElkNode): string[] {
  const at = places(laid);
  return graph.nodes.flatMap((node) => {
    const box = at.get(node.id);
    if (box === undefined) return [];
    const [fill, stroke] = FILLS[node.kind];
    const line = node.state === null ? stroke : STATE_COLOURS[node.state];
    const ink = node.kind === 'start' ? '#ffffff' : '#1d2733';
    const pale = node.kind === 'start' ? '#d5deea' : '#5d6b7c';
    const middle = round(box.x + box.width / 2);
    const label = labelOf(node);
    const lines = detailOf(node);
    const full = fullName(node);
    return [
      `<g><title>${escapeMarkup(full)}</title>`,
      `<rect x="${round(box.x)}" y="${round(box.y)}" width="${round(box.width)}" height="${round(box.height)}" rx="7" fill="${fill}" stroke="${line}" stroke-width="${node.state === null ? 1.2 : 1.8}"/>`,
      `<text x="${middle}" y="${round(box.y + (lines.length === 0 ? 22.5 : 21))}" text-anchor="middle" font-size="${LABEL_PX}" font-weight="500" fill="${ink}">${escapeMarkup(label)}</text>`,
      ...lines.map(
        (line, index) =>
          `<text x="${middle}" y="${round(box.y + 37 + index * DETAIL_HEIGHT)}" text-anchor="middle" font-size="${DETAIL_PX}" fill="${pale}">${escapeMarkup(line)}</text>`,
      ),
      '</g>',
    ];
  });
}

/** All that a node stands for, for those who point at it. */
function fullName(node: GraphNode): string {
  const whole = namesOf(node).join(', ');
  const lines = linesOf(node);
  return lines.length === 0 ? whole : `${whole}: ${lines.join('; ')}`;
}

/** Edges first, their labels on top, so that no line runs through words. */
function drawEdges(graph: Graph, laid: ElkNode): string[] {
  const at = places(laid);
  const lines: string[] = [];
  const words: string[] = [];
  for (const [id, found, dx, dy] of edgesOf(laid, at)) {
    const edge = graph.edges[Number(id.slice('edge '.length))];
    if (edge === undefined) continue;
    for (const section of found.sections ?? []) {
      const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(
        ({ x, y }) => [x + dx, y + dy] as const,
      );
      const start = edge.both ? ` marker-start="url(#head-${edge.state})"` : '';
      lines.push(
        `<path d="${roundedPath(points)}" fill="none" stroke="${STATE_COLOURS[edge.state]}" stroke-opacity="0.8" stroke-width="1.4"${dashed(edge.state)}${start} marker-end="url(#head-${edge.state})"/>`,
      );
    }
    for (const label of found.labels ?? []) {
      const [x, y] = [(label.x ?? 0) + dx, (label.y ?? 0) + dy];
      words.push(
        `<rect x="${round(x)}" y="${round(y)}" width="${round(label.width ?? 0)}" height="${round(label.height ?? 0)}" rx="3" fill="#ffffff" fill-opacity="0.92"/>`,
        `<text x="${round(x + (label.width ?? 0) / 2)}" y="${round(y + 11)}" text-anchor="middle" font-size="${EDGE_PX}" fill="#33414f">${escapeMarkup(label.text ?? '')}</text>`,
      );
    }
  }
  return [...lines, ...words];
}

/** Every edge with the place that its coordinates count from: that of the group which holds both its ends. */
function* edgesOf(
  laid: ElkNode,
  at: ReadonlyMap<string, Placed>,
): Generator<readonly [string, ElkExtendedEdge, number, number]> {
  for (const edge of laid.edges ?? []) {
    const container = containerOf(edge);
    const from = container === 'root' ? undefined : at.get(container);
    yield [edge.id, edge, from?.x ?? 0, from?.y ?? 0];
  }
}

/** A line through points with its corners rounded. */
function roundedPath(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points as [readonly [number, number], ...(readonly [number, number])[]];
  const parts = [`M${round(first[0])},${round(first[1])}`];
  let from = first;
  for (const [index, corner] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) {
      parts.push(`L${round(corner[0])},${round(corner[1])}`);
      break;
    }
    const before = toward(corner, from, 6);
    const after = toward(corner, next, 6);
    parts.push(
      `L${round(before[0])},${round(before[1])}`,
      `Q${round(corner[0])},${round(corner[1])} ${round(after[0])},${round(after[1])}`,
    );
    from = corner;
  }
  return parts.join(' ');
}

function toward(
  corner: readonly [number, number],
  other: readonly [number, number],
  most: number,
): readonly [number, number] {
  const [dx, dy] = [other[0] - corner[0], other[1] - corner[1]];
  const length = Math.hypot(dx, dy);
  const part = length === 0 ? 0 : Math.min(most, length / 2) / length;
  return [corner[0] + dx * part, corner[1] + dy * part];
}
