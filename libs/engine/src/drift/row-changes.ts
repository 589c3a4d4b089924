import { forEachBit } from '../reach/matrix/bit-row.js';
import type { CommonTable } from '../reach/rows/refine-tables.js';

/** Sources and destinations (common classes) of which the same ports differ in the same way. */
export interface RowChange {
  readonly sources: number[];
  readonly destinations: readonly number[];
  readonly allowedBefore: readonly number[];
  readonly allowedAfter: readonly number[];
}

/** What differs between the rows of two states. */
export function rowChanges(common: CommonTable): readonly RowChange[] {
  const found = new Map<string, RowChange>();
  for (const source of common.sources) {
    for (const [key, change] of changesFrom(source, common)) {
      const full = `${key} ${change.destinations.join()}`;
      const known = found.get(full);
      if (known === undefined) found.set(full, change);
      else known.sources.push(source);
    }
  }
  return [...found.values()];
}

function changesFrom(source: number, common: CommonTable): ReadonlyMap<string, RowChange> {
  const rows = rowPairs(common, source);
  const differs = new Uint32Array(common.words);
  let [first, last] = [common.words, -1];
  for (const { before, after } of rows) {
    for (let w = 0; w < differs.length; w++) {
      const delta = (before[w] as number) ^ (after[w] as number);
      if (delta === 0) continue;
      differs[w] = (differs[w] as number) | delta;
      first = Math.min(first, w);
      last = Math.max(last, w);
    }
  }
  if (last < 0) return new Map();
  let parts: readonly Part[] = [{ words: differs.slice(first, last + 1), before: [], after: [] }];
  for (const pair of rows) parts = parts.flatMap((part) => split(part, pair, first));
  const changes = parts.map(({ words, before, after }): RowChange => {
    const destinations: number[] = [];
    forEachBit(words, (bit) => destinations.push((first << 5) + bit));
    return { sources: [source], destinations, allowedBefore: ascending(before), allowedAfter: ascending(after) };
  });
  changes.sort((a, b) => (a.destinations[0] as number) - (b.destinations[0] as number));
  return new Map(changes.map((change) => [`${change.allowedBefore.join()}|${change.allowedAfter.join()}`, change]));
}

const ascending = (numbers: readonly number[]): readonly number[] => numbers.toSorted((a, b) => a - b);

/** What a source reaches at some ports before and after. */
interface RowPair {
  readonly before: Uint32Array;
  readonly after: Uint32Array;
  readonly ports: number[];
}

/** Ports that no rule of the source tells apart share their rows. */
function rowPairs(common: CommonTable, source: number): readonly RowPair[] {
  const out: RowPair[] = [];
  for (const [port, [before, after]] of common.rowsFrom(source).entries()) {
    const known = out.find((pair) => pair.before === before && pair.after === after);
    if (known === undefined) out.push({ before, after, ports: [port] });
    else known.ports.push(port);
  }
  return out;
}

/** Destinations that are reached at the same ports before, and at the same after. */
interface Part {
  /** Bits of destinations, from a first word on. */
  readonly words: Uint32Array;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Tells apart what a pair of rows does. */
function split(part: Part, { before, after, ports }: RowPair, first: number): readonly Part[] {
  return [true, false].flatMap((was) =>
    [true, false].flatMap((is): Part[] => {
      let any = 0;
      const words = part.words.map((word, w) => {
        const [x, y] = [before[first + w] as number, after[first + w] as number];
        const kept = word & (was ? x : ~x) & (is ? y : ~y);
        any |= kept;
        return kept;
      });
      if (any === 0) return [];
      return [
        {
          words,
          before: was ? [...part.before, ...ports] : part.before,
          after: is ? [...part.after, ...ports] : part.after,
        },
      ];
    }),
  );
}
