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
function differingBits({ distinct }: RowPairs, word: number, { start, words }: BitRow): number {
  let bits = 0;
  for (const { before, after } of distinct) bits |= (before[word] as number) ^ (after[word] as number);
  return bits & (words[word - start] ?? 0);
}

/** Rows of a source, and the words, ascending, in which they may differ. */
interface ToCompare {
  readonly rows: RowPairs;
  readonly words: readonly number[];
}

/** Sources that share their buckets in both states are compared once, but for the words that are their own. */
class ComparedBuckets {
  readonly #known = new WeakMap<object, WeakMap<object, ToCompare>>();
  readonly #destinations: BitRow;
  readonly #everyWord: readonly number[];

  constructor(destinations: BitRow) {
    this.#destinations = destinations;
    const { start, words } = destinations;
    this.#everyWord = wordsOf([start, start + words.length]).filter((word) => this.#isAsked(word));
  }

  toCompare(common: CommonRows): ToCompare {
    const { shared } = common;
    if (shared === null) return { rows: rowPairs(common), words: this.#everyWord };
    const [{ bucket: before, own: ownBefore }, { bucket: after, own: ownAfter }] = shared;
    const own = [...wordsOf(ownBefore), ...wordsOf(ownAfter)].filter((word) => this.#isAsked(word));
    const ofBucket = this.#known.get(before) ?? new WeakMap<object, ToCompare>();
    this.#known.set(before, ofBucket);
    const known = ofBucket.get(after);
    if (known !== undefined) return own.length === 0 ? known : { rows: known.rows, words: merged(known.words, own) };
    const rows = rowPairs(common);
    const words = this.#everyWord.filter((word) => differingBits(rows, word, this.#destinations) !== 0);
    // Where this source has words of its own, others have what the bucket shares.
    ofBucket.set(after, { rows, words: merged(words, own) });
    return { rows, words };
  }

  #isAsked(word: number): boolean {
    return (this.#destinations.words[word - this.#destinations.start] ?? 0) !== 0;
  }
}

/** The members of two lists, ascending. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function wordsOf([from, to]: readonly [number, number]): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The bits of a destination in all rows, as text: as short as can be, for there are very many destinations. */
function signature({ distinct }: RowPairs, destination: number): string {
  const [word, bit] = [destination >>> 5, destination & 31];
  let text = '';
  let code = 0;
  for (let i = 0; i < distinct.length; i++) {
    const { before, after } = distinct[i] as RowPair;
    const was = ((before[word] as number) >>> bit) & 1;
    const is = ((after[word] as number) >>> bit) & 1;
    code = (code << 2) | (was << 1) | is;
    if ((i & 7) !== 7) continue;
    text += String.fromCharCode(code);
    code = 0;
  }
  return text + String.fromCharCode(code);
}

function changeAt(source: number, destination: number, { byPort }: RowPairs): RowChange {
  const [word, bit] = [destination >>> 5, destination & 31];
  const allowedBefore: number[] = [];
  const allowedAfter: number[] = [];
  for (let port = 0; port < byPort.length; port++) {
    const { before, after } = byPort[port] as RowPair;
    if ((((before[word] as number) >>> bit) & 1) === 1) allowedBefore.push(port);
    if ((((after[word] as number) >>> bit) & 1) === 1) allowedAfter.push(port);
  }
  return { sources: [source], destinations: [destination], allowedBefore, allowedAfter };
}

/** What a source reaches at some ports before and after. */
interface RowPair {
  readonly before: Uint32Array;
  readonly after: Uint32Array;
}

/** Ports that no rule of the source tells apart share their rows. */
interface RowPairs {
  readonly distinct: readonly RowPair[];
  readonly byPort: readonly RowPair[];
}

function rowPairs(common: CommonRows): RowPairs {
  const distinct: RowPair[] = [];
  const byPort = common.rows().map(([before, after]) => {
    const known = distinct.find((pair) => pair.before === before && pair.after === after);
    if (known !== undefined) return known;
    const made = { before, after };
    distinct.push(made);
    return made;
  });
  return { distinct, byPort };
}
