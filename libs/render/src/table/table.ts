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
}

/** Columns padded to their widest cell; those marked wide are left out unless asked for. */
export function renderPlain(table: Table, wide: boolean): string {
  const shown = table.columns.flatMap((column, index) => (wide || column.wide !== true ? [index] : []));
  const header = shown.map((index) => {
    const { title, isName } = table.columns[index] as Column;
    return isName === true ? title : title.toUpperCase();
  });
  const all = [header, ...table.rows.map((row) => shown.map((index) => row[index] ?? ''))];
  const widths = header.map((_, at) => all.reduce((widest, row) => Math.max(widest, (row[at] ?? '').length), 0));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
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

/** A line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula is made text by a leading apostrophe. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string): string {
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
