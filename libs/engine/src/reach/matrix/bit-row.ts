/**
 * A set of class numbers as bits, stored only between its first and last non-empty word: most rows of a cluster
 * concern one namespace, and classes are numbered by namespace. `words[0]` holds bits `start * 32` and on.
 */
export interface BitRow {
  readonly start: number;
  readonly words: Uint32Array;
}

const NO_WORDS = new Uint32Array(0);
export const EMPTY_ROW: BitRow = { start: 0, words: NO_WORDS };

/** Collects class numbers of a range into a row. */
export function rowOf(from: number, to: number, test: (id: number) => boolean): BitRow {
  let first = -1;
  let last = -1;
  const base = from >>> 5;
  const words = new Uint32Array(((to - 1) >>> 5) - base + 1);
  for (let id = from; id < to; id++) {
    if (!test(id)) continue;
    const word = (id >>> 5) - base;
    words[word] = (words[word] as number) | (1 << (id & 31));
    if (first < 0) first = word;
    last = word;
  }
  if (first < 0) return EMPTY_ROW;
  const whole = first === 0 && last === words.length - 1;
  return { start: base + first, words: whole ? words : words.slice(first, last + 1) };
}

/** A row of class numbers. */
export function rowOfNumbers(ids: readonly number[]): BitRow {
  let first = ids[0];
  if (first === undefined) return EMPTY_ROW;
  let last = first;
  for (const id of ids) {
    if (id < first) first = id;
    else if (id > last) last = id;
  }
  const start = first >>> 5;
  const words = new Uint32Array((last >>> 5) - start + 1);
  for (const id of ids) words[(id >>> 5) - start] = (words[(id >>> 5) - start] as number) | (1 << (id & 31));
  return { start, words };
}

/** Union of rows. */
export function unionRows(rows: readonly BitRow[]): BitRow {
  const filled = rows.filter((row) => row.words.length > 0);
  if (filled.length <= 1) return filled[0] ?? EMPTY_ROW;
  const start = filled.reduce((least, row) => Math.min(least, row.start), Infinity);
  const end = filled.reduce((most, row) => Math.max(most, row.start + row.words.length), 0);
  const words = new Uint32Array(end - start);
  for (const row of filled) orInto(words, start, row);
  return { start, words };
}

/** Whether two rows hold the same; both must be as short as can be. */
export function equalBits(a: BitRow, b: BitRow): boolean {
  return a.start === b.start && a.words.length === b.words.length && a.words.every((word, i) => word === b.words[i]);
}

/** Whether two rows have a class in common. */
export function meet(a: BitRow, b: BitRow): boolean {
  const end = Math.min(a.start + a.words.length, b.start + b.words.length);
  for (let i = Math.max(a.start, b.start); i < end; i++) {
    if (((a.words[i - a.start] as number) & (b.words[i - b.start] as number)) !== 0) return true;
  }
  return false;
}

export function intersectRow(a: BitRow, b: BitRow): BitRow {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.start + a.words.length, b.start + b.words.length);
  if (end <= start) return EMPTY_ROW;
  const words = new Uint32Array(end - start);
  for (let i = start; i < end; i++)
    words[i - start] = (a.words[i - a.start] as number) & (b.words[i - b.start] as number);
  return { start, words };
}

/** ORs the part of `row` that falls into the window that begins at word `windowStart`. */
export function orInto(window: Uint32Array, windowStart: number, row: BitRow): void {
  const { words } = row;
  const from = Math.max(row.start, windowStart);
  const to = Math.min(row.start + words.length, windowStart + window.length);
  const shift = row.start;
  for (let i = from; i < to; i++) {
    window[i - windowStart] = (window[i - windowStart] as number) | (words[i - shift] as number);
  }
}

export function hasBit(row: BitRow, id: number): boolean {
  const word = row.words[(id >>> 5) - row.start];
  return word !== undefined && (word & (1 << (id & 31))) !== 0;
}

/** Calls `visit` with each set bit of a word array whose first bit is class 0. */
export function forEachBit(words: Uint32Array, visit: (id: number) => void): void {
  for (let i = 0; i < words.length; i++) {
    let word = words[i] as number;
    while (word !== 0) {
      const bit = 31 - Math.clz32(word & -word);
      visit((i << 5) + bit);
      word &= word - 1;
    }
  }
}

/** Transposes a 32×32 bit block in place: bit j of `block[i]` becomes bit i of `block[j]`. */
export function transpose32(block: Uint32Array): void {
  let mask = 0x0000ffff;
  for (let width = 16; width !== 0; width >>>= 1, mask ^= mask << width) {
    for (let k = 0; k < 32; k = (k + width + 1) & ~width) {
      const low = block[k] as number;
      const high = block[k + width] as number;
      const swap = ((low >>> width) ^ high) & mask;
      block[k + width] = high ^ swap;
      block[k] = low ^ (swap << width);
    }
  }
}
