import { CAPABILITIES, CAPABILITY_TITLES, COLUMN_TITLES, comparedFeatures, COMPARISON_COLUMNS } from '#engine';
import type { CniComparisonRow, ComparisonCell } from '#engine';

import type { Table } from '#render';

import { renderTable } from '../table.js';

const WORDS = { yes: 'yes', no: 'no', partial: 'partial', unknown: '?' } as const;

/** The comparison of CNIs for a terminal: a block for each, as eight columns of sentences fit no screen. */
export function renderComparison(rows: readonly CniComparisonRow[]): string {
  const sources = new Map<string, number>();
  const numberOf = (source: string): number => {
    const known = sources.get(source) ?? sources.size + 1;
    sources.set(source, known);
    return known;
  };
  const blocks = rows.map((row) => {
    const cells = comparedFeatures(row.columns).map(({ feature, value, version, source }) => [
      `  ${feature}`,
      value,
      version,
      `[${String(numberOf(source))}]`,
    ]);
    const notes = row.notes.map((note) => ['  note', note.text, '', `[${String(numberOf(note.source))}]`]);
    return renderTable([row.title, '', '', ''], [...cells, ...notes]);
  });
  const legend = [...sources].map(([source, number]) => [`[${String(number)}]`, source]);
  return `${blocks.join('\n\n')}\n\n${renderTable(['SOURCES', ''], legend)}`;
}

/** The comparison as Markdown: what each CNI has, with a link to the source in every cell, and what it can do. */
export function renderMarkdown(rows: readonly CniComparisonRow[]): string {
  const columns = rows.map((row) => [
    row.title,
    ...comparedFeatures(row.columns).map((cell) => `[${escapeCell(withVersion(cell))}](${cell.source})`),
  ]);
  const capabilities = CAPABILITIES.map((capability) => [
    CAPABILITY_TITLES[capability],
    ...rows.map(({ capabilities: known }) => {
      const { value, note } = known[capability];
      return note === '' ? WORDS[value] : `${WORDS[value]} (${escapeCell(note)})`;
    }),
  ]);
  const notes = rows.flatMap((row) =>
    row.notes.map((note) => `- **${row.title}**: ${note.text} ([source](${note.source}))`),
  );
  return [
    table(['CNI', ...COMPARISON_COLUMNS.map((column) => COLUMN_TITLES[column])], columns),
    table(['Capability', ...rows.map((row) => row.title)], capabilities),
    notes.join('\n'),
  ].join('\n\n');
}

/** The comparison as one table, for a spreadsheet: a line for each cell. */
export function comparisonTable(rows: readonly CniComparisonRow[]): Table {
  const lines = rows.flatMap(({ title, columns }) =>
    comparedFeatures(columns).map(({ feature, value, version, source }) => [title, feature, value, version, source]),
  );
  return { columns: ['cni', 'column', 'value', 'version', 'source'].map((title) => ({ title })), rows: lines };
}

function withVersion({ value, version }: ComparisonCell): string {
  return `${value}, ${version}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('[', '\\[').replaceAll(']', '\\]');
}
