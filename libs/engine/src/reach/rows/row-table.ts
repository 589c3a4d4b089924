import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { finish } from './finish.js';
import { ReachRows } from './reach-rows.js';
import type { PortPieces } from './refine-ports.js';

/**
 * What certainly may be reached, by class: `rows[source][port]` holds the destination classes that a source class
 * reaches at a port class. Rows that are equal are often the same array. The own-node exemption and traffic of an
 * endpoint to itself concern single endpoints and are not in the rows.
 */
export interface RowTable {
  readonly endpoints: readonly Endpoint[];
  readonly classOf: Uint32Array;
  /** Endpoints of each class, as indices into `endpoints`. */
  readonly members: readonly (readonly number[])[];
  readonly words: number;
  readonly ports: readonly PortPieces[];
  readonly rows: readonly (readonly Uint32Array[])[];
}

/** The rows of a snapshot under one reading, all at once; `ReachRows` says what counts. */
export function rowTable(snapshot: CompiledSnapshot, reading: ReadingName, extra: readonly Endpoint[] = []): RowTable {
  const table = finish(ReachRows.open(snapshot, reading, extra));
  const { endpoints, classes, ports, words } = table;
  const rows: Uint32Array[][] = [];
  for (const step of table.sources()) {
    if (step === null) continue;
    const kept: Uint32Array[] = [];
    for (const row of step.rows) kept.push(kept.find((known) => equalRows(known, row)) ?? row.slice());
    rows.push(kept);
  }
  return { endpoints, classOf: classes.classOf, members: classes.members, words, ports, rows };
}

export function equalRows(a: Uint32Array, b: Uint32Array): boolean {
  for (let w = 0; w < a.length; w++) if (a[w] !== b[w]) return false;
  return true;
}
