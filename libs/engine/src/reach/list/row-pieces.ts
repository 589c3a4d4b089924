import { pushTo } from '../../base/index.js';
import { distinctRows } from '../rows/row-table.js';

/** Destination classes that a source reaches at the same ports. */
export interface RowPiece {
  /** Places in the list of rows, ascending. */
  readonly ports: readonly number[];
  readonly destinations: Uint32Array;
}

/** Cuts the rows of one source into disjoint pieces; what is reached at no port is in none. */
export function rowPieces(rows: readonly Uint32Array[]): readonly RowPiece[] {
  let pieces: RowPiece[] = [];
  for (const [row, ports] of portsByRow(rows)) {
    const rest = row.slice();
    const cut: RowPiece[] = [];
    for (const piece of pieces) {
      const both = new Uint32Array(row.length);
      const only = new Uint32Array(row.length);
      let [shared, own] = [0, 0];
      for (let w = 0; w < row.length; w++) {
        const word = piece.destinations[w] as number;
        const common = word & (row[w] as number);
        shared |= both[w] = common;
        own |= only[w] = word & ~common;
        rest[w] = (rest[w] as number) & ~common;
      }
      if (shared !== 0) cut.push({ ports: [...piece.ports, ...ports], destinations: both });
      if (own !== 0) cut.push({ ports: piece.ports, destinations: only });
    }
    if (!isZero(rest)) cut.push({ ports, destinations: rest });
    pieces = cut;
  }
  return pieces.map(({ ports, destinations }) => ({ ports: ports.toSorted((a, b) => a - b), destinations }));
}

function portsByRow(rows: readonly Uint32Array[]): ReadonlyMap<Uint32Array, number[]> {
  const byRow = new Map<Uint32Array, number[]>();
  for (const [port, row] of distinctRows(rows).entries()) pushTo(byRow, row, port);
  return byRow;
}

function isZero(words: Uint32Array): boolean {
  for (const word of words) if (word !== 0) return false;
  return true;
}
