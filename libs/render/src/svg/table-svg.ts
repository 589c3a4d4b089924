import { namesOf } from '../graph/graph.js';
import type { Graph, GraphEdge, GraphNode, GraphTable } from '../graph/graph.js';
import { escapeMarkup } from '../markup.js';
import { MARGIN, renderFrame, round } from './frame.js';
import { shorten, textWidth } from './text-width.js';

/** What a table may take in width, its frame included. */
const WIDEST_PX = 1600;
const NAME_PX = 12;
const CELL_PX = 11;
const LEGEND_PX = 12;
const MOST_NAME = 30;
const ROW_HEIGHT = 19;
const NARROWEST = 17;
const WIDEST_CELL = 34;
const LEGEND_LINE = 20;
const HOW_TO_GO_ON = 'a row reaches the columns that are marked in it; `focus` on one of them draws its lines alone';

/** Colours that people who see few of them tell apart; what there are more sets of ports is one. */
const COLOURS = ['#2e7d32', '#1f5fa8', '#b26a00', '#7b3fa0', '#00838f', '#a3255b', '#5d6b2f', '#4a5568'] as const;
const OTHER = { sign: '+', colour: '#8a94a3' } as const;

/** `team-9` stands before `team-10`. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** How a set of ports is marked. */
interface Mark {
  readonly sign: string;
  readonly colour: string;
}

/** Who reaches whom, as a table: sources down, destinations across, a sign for what is open. */
export function renderTableSvg({ title, nodes }: Graph, { cells, note }: GraphTable): string {
  const inOrder = nodes.toSorted((a, b) => BY_NUMBER.compare(a.label, b.label));
  const sources = inOrder.filter(({ id }) => cells.some(({ from }) => from === id));
  const destinations = inOrder.filter(({ id }) => cells.some(({ to }) => to === id));
  const marks = marksOf(cells);
  const nameWidth = Math.max(...sources.map(({ label }) => nameSize(label))) + 10;
  const headHeight = Math.max(...destinations.map(({ label }) => nameSize(label))) + 8;
  const room = (WIDEST_PX - 2 * MARGIN - nameWidth) / destinations.length;
  const cellWidth = Math.floor(Math.min(WIDEST_CELL, Math.max(NARROWEST, room)));
  const bottom = headHeight + sources.length * ROW_HEIGHT;
  const legend = legendLines(marks, bottom + 26);
  return renderFrame({
    title,
    width: Math.max(nameWidth + destinations.length * cellWidth, 560),
    height: bottom + 16 + legend.length * LEGEND_LINE,
    defs: [],
    parts: [
      ...sources.map((node, row) => rowName(node, row, nameWidth, headHeight, destinations.length * cellWidth)),
      ...destinations.map((node, column) =>
        columnName(node, nameWidth + (column + 0.5) * cellWidth, headHeight, bottom),
      ),
      ...drawCells({ sources, destinations, cells, marks }, nameWidth, headHeight, cellWidth),
      ...legend,
    ],
    legend: '',
    note: note === '' ? HOW_TO_GO_ON : `${note}; ${HOW_TO_GO_ON}`,
  });
}

const nameSize = (label: string): number => Math.ceil(textWidth(shorten(label, MOST_NAME), NAME_PX));

const wordsOf = ({ label }: GraphEdge): string => (label === '' ? 'every port' : label);

/** A mark for each set of ports, the most frequent first. */
function marksOf(cells: readonly GraphEdge[]): ReadonlyMap<string, Mark> {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(wordsOf(cell), (counts.get(wordsOf(cell)) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(
    sorted.map(([words], index): [string, Mark] => {
      const colour = COLOURS[index];
      return [words, colour === undefined ? OTHER : { sign: String.fromCharCode(97 + index), colour }];
    }),
  );
}

function rowName(node: GraphNode, row: number, nameWidth: number, top: number, width: number): string {
  const y = top + row * ROW_HEIGHT;
  const stripe = row % 2 === 0 ? '#f5f7fa' : '#ffffff';
  return [
    `<rect x="0" y="${y}" width="${nameWidth + width}" height="${ROW_HEIGHT}" fill="${stripe}"/>`,
    named(node, `x="${nameWidth - 8}" y="${y + 13.5}" text-anchor="end"`),
  ].join('');
}

/** Written upwards, with a thin line down the column. */
function columnName(node: GraphNode, middle: number, top: number, bottom: number): string {
  const x = round(middle);
  return [
    `<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" stroke="#dde3ea"/>`,
    named(node, `transform="translate(${round(x + 4)},${top - 6}) rotate(-90)"`),
  ].join('');
}

function named(node: GraphNode, where: string): string {
  const text = escapeMarkup(shorten(node.label, MOST_NAME));
  const whole = escapeMarkup(namesOf(node).join(', '));
  return `<text ${where} font-size="${NAME_PX}" fill="#1d2733"><title>${whole}</title>${text}</text>`;
}

interface Marked {
  readonly sources: readonly GraphNode[];
  readonly destinations: readonly GraphNode[];
  readonly cells: readonly GraphEdge[];
  readonly marks: ReadonlyMap<string, Mark>;
}

function drawCells(
  { sources, destinations, cells, marks }: Marked,
  left: number,
  top: number,
  width: number,
): string[] {
  const [rowOf, columnOf] = [sources, destinations].map((nodes) => new Map(nodes.map(({ id }, at) => [id, at])));
  const words = new Map<string, { readonly row: number; readonly column: number; readonly all: Set<string> }>();
  for (const cell of cells) {
    const [row, column] = [rowOf?.get(cell.from), columnOf?.get(cell.to)];
    if (row === undefined || column === undefined) continue;
    const known = words.get(`${row} ${column}`);
    if (known === undefined) words.set(`${row} ${column}`, { row, column, all: new Set([wordsOf(cell)]) });
    else known.all.add(wordsOf(cell));
  }
  return [...words.values()].map(({ row, column, all }) => {
    const mark = all.size > 1 ? OTHER : (marks.get([...all][0] ?? '') ?? OTHER);
    const [x, y] = [left + column * width, top + row * ROW_HEIGHT];
    const from = sources[row]?.label ?? '';
    const told = `${from} → ${destinations[column]?.label ?? ''}: ${[...all].join('; ')}`;
    return [
      `<g><title>${escapeMarkup(told)}</title>`,
      `<rect x="${round(x + 1)}" y="${y + 1}" width="${round(width - 2)}" height="${ROW_HEIGHT - 2}" rx="3" fill="${mark.colour}"/>`,
      `<text x="${round(x + width / 2)}" y="${y + 13}" text-anchor="middle" font-size="${CELL_PX}" fill="#ffffff">${mark.sign}</text></g>`,
    ].join('');
  });
}

/** Each mark with its words, a line each; what shares a mark shares a line. */
function legendLines(marks: ReadonlyMap<string, Mark>, top: number): readonly string[] {
  const own = [...marks].filter(([, mark]) => mark !== OTHER);
  const others = marks.size - own.length;
  const lines: readonly (readonly [string, Mark])[] =
    others === 0 ? own : [...own, [`one of ${String(others)} other sets of ports, or several`, OTHER]];
  return lines.map(([words, { sign, colour }], index) => {
    const y = top + index * LEGEND_LINE;
    return [
      `<rect x="0" y="${y - 12}" width="17" height="16" rx="3" fill="${colour}"/>`,
      `<text x="8.5" y="${y}" text-anchor="middle" font-size="${CELL_PX}" fill="#ffffff">${sign}</text>`,
      `<text x="25" y="${y}" font-size="${LEGEND_PX}" fill="#33414f">${escapeMarkup(shorten(words, 120))}</text>`,
    ].join('');
  });
}
