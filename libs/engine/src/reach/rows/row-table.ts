import { finish } from '../../base/index.js';
import type { Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { ClassTable } from '../matrix/class-table.js';
import type { SourceStep } from '../matrix/row-bucket.js';
import { ReachRows } from './reach-rows.js';
import type { WalkOptions } from './reach-rows.js';
import type { PortPieces } from './refine-ports.js';

/**
 * What certainly may be reached, by class, made source by source as it is asked for and kept. The own-node exemption and
 * traffic of an endpoint to itself concern single endpoints and are not in the rows; `ReachRows` says what counts.
 */
export class RowTable {
  readonly #table: ReachRows;
  readonly #rows: (readonly Uint32Array[] | undefined)[] = [];

  constructor(table: ReachRows) {
    this.#table = table;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#table.endpoints;
  }

  get classes(): ClassTable {
    return this.#table.classes;
  }

  get classOf(): Uint32Array {
    return this.#table.classes.classOf;
  }

  /** How many classes there are. */
  get count(): number {
    return this.#table.classes.count;
  }

  get words(): number {
    return this.#table.words;
  }

  get ports(): readonly PortPieces[] {
    return this.#table.ports;
  }

  /** Endpoints of a class, as indices into `endpoints`. */
  members(id: number): Uint32Array {
    return this.#table.classes.members(id);
  }

  /** The destination classes that a source class reaches, by number of port class. Equal rows are often one array. */
  rowsOf(source: number): readonly Uint32Array[] {
    const known = this.#rows[source];
    if (known !== undefined) return known;
    const rows = this.#table.rowsOf(source);
    if (rows !== null) return (this.#rows[source] = distinctRows(rows));
    this.forEachSource((each, found) => (this.#rows[each] = distinctRows(found.map((row) => row.slice()))));
    return this.#rows[source] as readonly Uint32Array[];
  }

  /** The same for every source, and nothing is kept: copy what you need. */
  forEachSource(visit: (source: number, rows: readonly Uint32Array[]) => void): void {
    for (const step of this.sources({})) if (step !== null) visit(step.source, step.rows);
  }

  /** The same as a walk over some in ascending order; rows live until the next step, and null is where it may pause. */
  sources(options: Pick<WalkOptions, 'wanted' | 'among'>): Generator<SourceStep> {
    return this.#table.sources(options);
  }
}

/** The rows of a snapshot under one reading, at `others` or what its policies name beyond TCP, UDP and SCTP. */
export function rowTable(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
  extra: readonly Endpoint[] = [],
  others?: readonly Protocol[],
): RowTable {
  return finish(makingRowTable(snapshot, reading, extra, others));
}

/** The same in steps: the way there may pause at each null. */
export function* makingRowTable(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
  extra: readonly Endpoint[],
  others?: readonly Protocol[],
): Generator<null, RowTable> {
  return new RowTable(yield* ReachRows.open(snapshot, reading, extra, others));
}

/** Whether a class is among those of a row; no row has none. */
export function hasClass(row: Uint32Array | undefined, id: number): boolean {
  return row !== undefined && ((row[id >>> 5] as number) & (1 << (id & 31))) !== 0;
}

/** Rows of which those that are equal are one array. */
export function distinctRows(rows: readonly Uint32Array[]): readonly Uint32Array[] {
  const kept: Uint32Array[] = [];
  const known = new Map<Uint32Array, Uint32Array>();
  return rows.map((row) => {
    let same = known.get(row);
    if (same === undefined) {
      same = kept.find((other) => equalRows(other, row));
      if (same === undefined) kept.push((same = row));
      known.set(row, same);
    }
    return same;
  });
}

export function equalRows(a: Uint32Array, b: Uint32Array): boolean {
  for (let w = 0; w < a.length; w++) if (a[w] !== b[w]) return false;
  return true;
}
