import { refinePorts } from './refine-ports.js';
import type { CommonPorts } from './refine-ports.js';
import type { RowTable } from './row-table.js';

/** Two tables brought to the same classes and ports, so that their rows can be compared word by word. */
export interface CommonTable {
  /** Pairs of endpoint indices (in the first and the second table) of each common class. */
  readonly members: readonly (readonly (readonly [number, number])[])[];
  readonly words: number;
  readonly ports: readonly CommonPorts[];
  /** The rows of both tables for a common class and a number of `ports`. */
  rowsAt(source: number, port: number): readonly [Uint32Array, Uint32Array];
}

/** The coarsest classes of `pairs` that neither table tells apart. */
export function refineTables(a: RowTable, b: RowTable, pairs: readonly (readonly [number, number])[]): CommonTable {
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
  const [left, right] = [expander(inA, a.count, words), expander(inB, b.count, words)];
  return {
    members,
    words,
    ports,
    rowsAt(source, port) {
      const common = ports[port] as CommonPorts;
      const x = a.rowsOf(inA[source] as number)[common.a] as Uint32Array;
      const y = b.rowsOf(inB[source] as number)[common.b] as Uint32Array;
      return [left(x), right(y)];
    },
  };
}

/** Turns rows of a table into rows of common classes; a row that several sources or ports share is turned once. */
function expander(classes: readonly number[], count: number, words: number): (row: Uint32Array) => Uint32Array {
  // Where the other table tells nothing more apart there is nothing to turn.
  if (classes.length === count && classes.every((id, at) => id === at)) return (row) => row;
  const known = new Map<Uint32Array, Uint32Array>();
  return (row) => {
    let out = known.get(row);
    if (out === undefined) {
      out = new Uint32Array(words);
      for (let id = 0; id < classes.length; id++) {
        const from = classes[id] as number;
        if (((row[from >>> 5] as number) & (1 << (from & 31))) !== 0) {
          out[id >>> 5] = (out[id >>> 5] as number) | (1 << (id & 31));
        }
      }
      known.set(row, out);
    }
    return out;
  };
}
