import { PlainTable } from './plain-table.js';

/** Rows of text under titles. */
export interface Table {
  readonly columns: readonly Column[];
  /** One cell for each column. */
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly title: string;
  /** The title is the name of something, so it is told as it is. */
  readonly isName?: boolean;
  /** Shown by `wide` only; in CSV and Markdown it always is. */
  readonly wide?: boolean;
  /** A cell as it is shown where room is short: not by `wide`, nor in CSV and Markdown. */
  readonly brief?: (cell: string) => string;
}

/** A table as a `PlainTable` of all its rows. */
export function renderPlain({ columns, rows }: Table, wide: boolean): string {
  const table = new PlainTable(columns, wide);
  for (const row of rows) table.add(row);
  return [...table.text()].join('');
}

/** A table as Markdown. Names are other people's text: what Markdown would read is escaped. */
export function renderMarkdown(table: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const head = line(table.columns.map(({ title }) => title));
  const rule = `| ${table.columns.map(() => '---').join(' | ')} |`;
  return `${[head, rule, ...table.rows.map(line)].join('\n')}\n`;
}

export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~&]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ');
}

export function renderCsv(table: Table): string {
  return [table.columns.map(({ title }) => title), ...table.rows].map(csvLine).join('');
}

/** A line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula is made text by a leading apostrophe; `-` alone is none. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string): string {
  const text = /^(?!-$)[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
