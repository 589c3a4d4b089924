import type { Column } from './table.js';

/** How much text is told at once. */
const PIECE_LENGTH = 65_536;

/** Distinct cells of a column, by number. */
interface Cells {
  readonly texts: string[];
  readonly numbers: Map<string, number>;
}

/**
 * Rows as text under titles, columns padded to their widest cell; those marked wide are left out unless asked for. What
 * stands in a column again and again is kept once, so that millions of rows cost a few numbers each.
 */
export class PlainTable {
  readonly #shown: readonly number[];
  readonly #brief: readonly Column['brief'][];
  readonly #columns: readonly Cells[];
  #numbers = new Uint32Array(1024);
  #size = 0;

  constructor(columns: readonly Column[], wide: boolean) {
    this.#shown = columns.flatMap((column, index) => (wide || column.wide !== true ? [index] : []));
    this.#brief = this.#shown.map((index) => (wide ? undefined : columns[index]?.brief));
    this.#columns = this.#shown.map(() => ({ texts: [], numbers: new Map() }));
    this.add(columns.map(({ title, isName }) => (isName === true ? title : title.toUpperCase())));
  }

  /** One cell for each column, shown or not. */
  add(row: readonly string[]): void {
    if (this.#size + this.#shown.length > this.#numbers.length) this.#grow();
    for (let at = 0; at < this.#shown.length; at++) {
      const cell = row[this.#shown[at] as number] ?? '';
      const text = this.#brief[at]?.(cell) ?? cell;
      this.#numbers[this.#size++] = numberOf(this.#columns[at] as Cells, text);
    }
  }

  /** The whole table, some lines at a time. */
  *text(): Generator<string> {
    const columns = this.#columns.map(({ texts }) => texts);
    const padded = columns.slice(0, -1).map(padEach);
    const ends = (columns.at(-1) ?? []).map((text) => text.trimEnd());
    let piece = '';
    for (let at = 0; at < this.#size;) {
      let line = '';
      for (const cells of padded) line += cells[this.#numbers[at++] as number] as string;
      const end = ends[this.#numbers[at++] as number] as string;
      piece += end === '' ? `${line.trimEnd()}\n` : `${line}${end}\n`;
      if (piece.length < PIECE_LENGTH) continue;
      yield piece;
      piece = '';
    }
    if (piece !== '') yield piece;
  }

  #grow(): void {
    const numbers = new Uint32Array(2 * this.#numbers.length + this.#shown.length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

function numberOf({ texts, numbers }: Cells, text: string): number {
  let number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = texts.push(text) - 1));
  return number;
}

function padEach(texts: readonly string[]): readonly string[] {
  const widest = texts.reduce((most, { length }) => Math.max(most, length), 0);
  return texts.map((text) => text.padEnd(widest + 2));
}
