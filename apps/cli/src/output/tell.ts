import { renderTable } from '../table.js';
import type { Terminal } from '../terminal.js';
import type { TextFormat } from './format-option.js';

/** An answer that is told in words, and as rows of text under titles. */
export interface Telling {
  /** What JSON and YAML tell: all of it. */
  readonly data: unknown;
  /** Prints it in words, or as `table` lays the rows out for people. */
  readonly words: (table: () => string) => void;
  readonly columns: readonly string[];
  readonly rows: () => readonly (readonly string[])[];
}

/** Prints an answer in the form that was asked for. What renders tables is loaded for those forms alone. */
export async function tell(
  { data, words, columns, rows }: Telling,
  format: TextFormat,
  terminal: Terminal,
): Promise<void> {
  const titles = (): string[] => columns.map((title) => title.toUpperCase());
  if (format === 'text') words(() => renderTable(titles(), rows()));
  else if (format === 'json') terminal.out(JSON.stringify(data, null, 2));
  else {
    const { print } = await import('./print.js');
    const table = () => ({ columns: columns.map((title) => ({ title })), rows: rows() });
    await print({ data, table }, format, terminal);
  }
}
