import { CAPABILITIES, CAPABILITY_TITLES, COLUMN_TITLES, COMPARISON_COLUMNS } from '#engine';
import type { CniComparisonRow, ComparisonCell } from '#engine';

import { renderTable } from '../table.js';

const WORDS = { yes: 'yes', no: 'no', partial: 'partial', unknown: '?' } as const;

/** The comparison of CNIs for a terminal: a block for each, as eight columns of sentences fit no screen. */
export function renderComparison(rows: readonly CniComparisonRow[]): string {
  const blocks = rows.map((row) => {
    const cells = COMPARISON_COLUMNS.map((column) => [`  ${COLUMN_TITLES[column]}`, withVersion(row.columns[column])]);
    const notes = row.notes.map((note) => ['  note', note.text]);
    return renderTable([row.title, ''], [...cells, ...notes]);
  });
  return `${blocks.join('\n\n')}\n\n-o md and -o json tell the source of each line`;
}

/** The comparison as Markdown: what each CNI has, with a link to the source in every cell, and what it can do. */
export function renderMarkdown(rows: readonly CniComparisonRow[]): string {
  const columns = rows.map((row) => [
    row.title,
    ...COMPARISON_COLUMNS.map((column) => {
      const cell = row.columns[column];
      return `[${escapeCell(withVersion(cell))}](${cell.source})`;
    }),
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

function withVersion({ value, version }: ComparisonCell): string {
  return version === '' ? value : `${value}, from ${version}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('[', '\\[').replaceAll(']', '\\]');
}
