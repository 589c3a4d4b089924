import { forEachBit } from '../reach/matrix/bit-row.js';
import type { CommonTable } from '../reach/rows/refine-tables.js';

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
  for (const source of common.sources) {
    for (const [key, change] of changesFrom(source, common)) {
      const full = `${key} ${change.destinations.join()}`;
      const known = found.get(full);
      if (known === undefined) found.set(full, change);
      else known.sources.push(source);
    }
    yield null;
  }
  return [...found.values()];
}

function changesFrom(source: number, common: CommonTable): ReadonlyMap<string, RowChange> {
  const rows = rowPairs(common, source);
  const differs = new Uint32Array(common.words);
  let any = 0;
  for (const { before, after } of rows) {
    for (let w = 0; w < differs.length; w++) {
      const delta = (before[w] as number) ^ (after[w] as number);
      differs[w] = (differs[w] as number) | delta;
      any |= delta;
    }
  }
  const out = new Map<string, RowChange>();
  if (any === 0) return out;
  forEachBit(differs, (destination) => {
    const key = signature(rows, destination);
    const known = out.get(key);
    if (known !== undefined) (known.destinations as number[]).push(destination);
    else out.set(key, changeAt(source, destination, rows));
  });
  return new Map(
    [...out.values()].map((change) => [`${change.allowedBefore.join()}|${change.allowedAfter.join()}`, change]),
  );
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
  const allowed = (side: 'before' | 'after'): readonly number[] =>
    rows
      .flatMap((pair) => (((pair[side][destination >>> 5] as number) >>> (destination & 31)) & 1 ? pair.ports : []))
      .sort((a, b) => a - b);
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
function rowPairs(common: CommonTable, source: number): readonly RowPair[] {
  const out: RowPair[] = [];
  for (const [port, [before, after]] of common.rowsFrom(source).entries()) {
    const known = out.find((pair) => pair.before === before && pair.after === after);
    if (known === undefined) out.push({ before, after, ports: [port] });
    else known.ports.push(port);
  }
  return out;
}
