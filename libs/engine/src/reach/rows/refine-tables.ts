import { rowOfNumbers } from '../matrix/bit-row.js';
import type { BitRow } from '../matrix/bit-row.js';
import { refinePorts } from './refine-ports.js';
import type { CommonPorts } from './refine-ports.js';
import type { SharedRows, SourceRows, SourceStep } from '../matrix/row-bucket.js';
import type { RowTable } from './row-table.js';

/** Two tables brought to the same classes and ports, so that their rows can be compared word by word. */
export interface CommonTable {
  /** Pairs of endpoint indices (in the first and the second table) of each common class. */
  readonly members: readonly (readonly (readonly [number, number])[])[];
  readonly ports: readonly CommonPorts[];
  /** The common classes that there are rows of, ascending. */
  readonly sources: readonly number[];
  /** Those that rows tell of; bits of others mean nothing. */
  readonly destinations: BitRow;
  /** The rows of both tables for a common class; they live until the next class. Cheapest in ascending order. */
  rowsFrom(source: number): CommonRows;
}

/** The rows of both tables for one source. */
export interface CommonRows {
  /** By number of port. */
  rows(): readonly (readonly [Uint32Array, Uint32Array])[];
  /** What each table's rows share with those of other sources, which have the same arrays; null where they do not. */
  readonly shared: readonly [SharedRows, SharedRows] | null;
}

/** Which sources and destinations are to be compared: pairs of classes, one of each table. */
export interface ComparedClasses {
  isSource(inA: number, inB: number): boolean;
  isDestination(inA: number, inB: number): boolean;
}

/** The coarsest classes of `pairs` that neither table tells apart, and rows of those that are `compared`, null for all. */
export function refineTables(
  a: RowTable,
  b: RowTable,
  pairs: readonly (readonly [number, number])[],
  compared: ComparedClasses | null,
): CommonTable {
  const members: (readonly [number, number])[][] = [];
  const inA: number[] = [];
  const inB: number[] = [];
  const numbers = new Map<number, number>();
  for (const pair of pairs) {
    const [x, y] = [a.classOf[pair[0]] as number, b.classOf[pair[1]] as number];
    const key = x * b.count + y;
    const known = numbers.get(key);
    if (known === undefined) {
      numbers.set(key, members.length);
      members.push([pair]);
      inA.push(x);
      inB.push(y);
    } else (members[known] as (readonly [number, number])[]).push(pair);
  }
  const words = (members.length + 31) >>> 5;
  const ports = refinePorts(a.ports, b.ports);
  const all = [...inA.keys()];
  const sources = all.filter((id) => compared?.isSource(inA[id] as number, inB[id] as number) ?? true);
  const destinations = all.filter((id) => compared?.isDestination(inA[id] as number, inB[id] as number) ?? true);
  const [left, right] = [
    new Side(a, inA, words, sources, destinations),
    new Side(b, inB, words, sources, destinations),
  ];
  return {
    members,
    ports,
    sources,
    destinations: rowOfNumbers(destinations),
    rowsFrom(source) {
      const [x, y] = [left.rowsFrom(source), right.rowsFrom(source)];
      return {
        rows: () => ports.map((port) => [x.at(port.a), y.at(port.b)]),
        shared: x.shared === null || y.shared === null ? null : [x.shared, y.shared],
      };
    },
  };
}

/** One of two tables, its rows turned into rows of common classes. */
class Side {
  readonly #table: RowTable;
  readonly #classes: readonly number[];
  readonly #words: number;
  /** Where the other table tells nothing more apart there is nothing to turn. */
  readonly #isSame: boolean;
  /** A walk over all sources, where common classes come in their order. */
  readonly #walk: Iterator<SourceStep> | null;
  #at: SourceStep = null;

  constructor(
    table: RowTable,
    classes: readonly number[],
    words: number,
    sources: readonly number[],
    destinations: readonly number[],
  ) {
    this.#table = table;
    this.#classes = classes;
    this.#words = words;
    this.#isSame = classes.length === table.count && classes.every((id, at) => id === at);
    const ascends = classes.every((id, at) => at === 0 || id >= (classes[at - 1] as number));
    const wanted = new Set(sources.map((id) => classes[id]));
    const among = destinations.length < classes.length ? destinations.map((id) => classes[id] as number) : null;
    const options = { wanted: (id: number) => wanted.has(id), among: among === null ? null : rowOfNumbers(among) };
    this.#walk = ascends ? table.sources(options) : null;
  }

  /** The rows of a common class by number of port class of the table. */
  rowsFrom(source: number): { at(port: number): Uint32Array; readonly shared: SharedRows | null } {
    const { rows, shared } = this.#rowsOf(this.#classes[source] as number);
    if (this.#isSame) return { at: (port) => rows[port] as Uint32Array, shared };
    const turned = new Map<Uint32Array, Uint32Array>();
    const at = (port: number): Uint32Array => {
      const row = rows[port] as Uint32Array;
      let out = turned.get(row);
      if (out === undefined) turned.set(row, (out = this.#turn(row)));
      return out;
    };
    return { at, shared: null };
  }

  #rowsOf(wanted: number): Omit<SourceRows, 'source'> {
    while (this.#walk !== null && (this.#at === null || this.#at.source < wanted)) {
      const step = this.#walk.next();
      if (step.done === true) break;
      this.#at = step.value;
    }
    return this.#at?.source === wanted ? this.#at : { rows: this.#table.rowsOf(wanted), shared: null };
  }

  #turn(row: Uint32Array): Uint32Array {
    const out = new Uint32Array(this.#words);
    for (let id = 0; id < this.#classes.length; id++) {
      const from = this.#classes[id] as number;
      if (((row[from >>> 5] as number) & (1 << (from & 31))) !== 0) {
        out[id >>> 5] = (out[id >>> 5] as number) | (1 << (id & 31));
      }
    }
    return out;
  }
}
