import type { BitRow } from '../reach/matrix/bit-row.js';
import type { CommonRows, CommonTable } from '../reach/rows/refine-tables.js';

/** Sources and destinations (common classes) of which the same ports differ in the same way. */
export interface RowChange {
  readonly sources: number[];
  readonly destinations: readonly number[];
  readonly allowedBefore: readonly number[];
  readonly allowedAfter: readonly number[];
}

/** What differs between the rows of two states, in steps: the way there may pause at each null. */
export function* findingRowChanges(common: CommonTable): Generator<null, readonly RowChange[]> {
  const found = new Map<string, RowChange>();
  const compared = new ComparedBuckets(common.destinations);
  for (const source of common.sources) {
    for (const [key, change] of changesFrom(source, common, compared)) {
      const full = `${key} ${change.destinations.join()}`;
      const known = found.get(full);
      if (known === undefined) found.set(full, change);
      else known.sources.push(source);
    }
    yield null;
  }
  return [...found.values()];
}

function changesFrom(source: number, common: CommonTable, compared: ComparedBuckets): ReadonlyMap<string, RowChange> {
  const { rows, words } = compared.toCompare(common.rowsFrom(source));
  const out = new Map<string, RowChange>();
  for (const word of words) {
    for (let bits = differingBits(rows, word, common.destinations); bits !== 0; bits &= bits - 1) {
      const destination = (word << 5) + 31 - Math.clz32(bits & -bits);
      const key = signature(rows, destination);
      const known = out.get(key);
      if (known !== undefined) (known.destinations as number[]).push(destination);
      else out.set(key, changeAt(source, destination, rows));
    }
  }
  return new Map(
    [...out.values()].map((change) => [`${change.allowedBefore.join()}|${change.allowedAfter.join()}`, change]),
  );
}

/** The destinations of a word, among some, that rows differ in. */
function differingBits(rows: readonly RowPair[], word: number, { start, words }: BitRow): number {
  let bits = 0;
  for (const { before, after } of rows) bits |= (before[word] as number) ^ (after[word] as number);
  return bits & (words[word - start] ?? 0);
}

/** Rows of a source, and the words, ascending, in which they may differ. */
interface ToCompare {
  readonly rows: readonly RowPair[];
  readonly words: readonly number[];
}

/** What a source with two buckets, one of each state, showed of them all. */
interface ComparedBucket {
  readonly rows: readonly RowPair[];
  /** The words that differ, but for those of the source's own. */
  readonly differ: readonly number[];
  readonly own: readonly number[];
}

/** Sources that share their buckets in both states are compared once, but for the words that are their own. */
class ComparedBuckets {
  readonly #known = new WeakMap<object, WeakMap<object, ComparedBucket>>();
  readonly #destinations: BitRow;
  readonly #everyWord: readonly number[];

  constructor(destinations: BitRow) {
    this.#destinations = destinations;
    const { start, words } = destinations;
    this.#everyWord = wordsOf([start, start + words.length]).filter((word) => words[word - start] !== 0);
  }

  toCompare(common: CommonRows): ToCompare {
    const { shared } = common;
    if (shared === null) return { rows: rowPairs(common), words: this.#everyWord };
    const [{ bucket: before, own: ownBefore }, { bucket: after, own: ownAfter }] = shared;
    const own = [...wordsOf(ownBefore), ...wordsOf(ownAfter)];
    const ofBucket = this.#known.get(before) ?? new WeakMap<object, ComparedBucket>();
    this.#known.set(before, ofBucket);
    const known = ofBucket.get(after);
    if (known !== undefined) {
      const words = new Set([...known.differ, ...known.own, ...own]);
      return { rows: known.rows, words: [...words].sort((a, b) => a - b) };
    }
    const rows = rowPairs(common);
    const isOwn = new Set(own);
    const differ = this.#everyWord.filter((word) => differingBits(rows, word, this.#destinations) !== 0);
    ofBucket.set(after, { rows, own, differ: differ.filter((word) => !isOwn.has(word)) });
    return { rows, words: differ };
  }
}

function wordsOf([from, to]: readonly [number, number]): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The bits of a destination in all rows, as text: as short as can be, for there are very many destinations. */
function signature(rows: readonly RowPair[], destination: number): string {
  const [word, bit] = [destination >>> 5, destination & 31];
  let text = '';
  let code = 0;
  for (let i = 0; i < rows.length; i++) {
    const { before, after } = rows[i] as RowPair;
    const was = ((before[word] as number) >>> bit) & 1;
    const is = ((after[word] as number) >>> bit) & 1;
    code = (code << 2) | (was << 1) | is;
    if ((i & 7) !== 7) continue;
    text += String.fromCharCode(code);
    code = 0;
  }
  return text + String.fromCharCode(code);
}

function changeAt(source: number, destination: number, rows: readonly RowPair[]): RowChange {
  const allowed = (side: 'before' | 'after'): readonly number[] => {
    const ports: number[] = [];
    for (const pair of rows) {
      if ((((pair[side][destination >>> 5] as number) >>> (destination & 31)) & 1) === 1) ports.push(...pair.ports);
    }
    return ports.sort((a, b) => a - b);
  };
  return {
    sources: [source],
    destinations: [destination],
    allowedBefore: allowed('before'),
    allowedAfter: allowed('after'),
  };
}

/** What a source reaches at some ports before and after. */
interface RowPair {
  readonly before: Uint32Array;
  readonly after: Uint32Array;
  readonly ports: number[];
}

/** Ports that no rule of the source tells apart share their rows. */
function rowPairs(common: CommonRows): readonly RowPair[] {
  const out: RowPair[] = [];
  for (const [port, [before, after]] of common.rows().entries()) {
    const known = out.find((pair) => pair.before === before && pair.after === after);
    if (known === undefined) out.push({ before, after, ports: [port] });
    else known.ports.push(port);
  }
  return out;
}
