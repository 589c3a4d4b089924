import type { Protocol } from '../../model/index.js';
import { forEachBit } from './bit-row.js';
import type { PortClass } from './port-classes.js';
import type { ReachMatrix } from './reach-matrix.js';

/** Ordered pairs of different endpoints. */
export interface PairCounts {
  /** Pairs with some allowed connection over TCP, UDP or SCTP. */
  readonly any: number;
  /** Of those, pairs of which both sides are in the cluster. */
  readonly inside: number;
}

/** Counts allowed pairs, a pair of an endpoint with itself left out. Only the port classes given count. */
export function countPairs(matrix: ReachMatrix, ports: readonly PortClass[] = matrix.ports): PairCounts {
  const { classes, words } = matrix;
  const sizes = Float64Array.from(classes.members, (members) => members.length);
  const inside = Uint8Array.from(classes.representatives, (endpoint) => (endpoint.kind === 'external' ? 0 : 1));
  const totals = wordTotals(sizes, inside, words);
  const union = new Uint32Array(words);
  let any = 0;
  let both = 0;
  const add = (source: number, row: Uint32Array): void => {
    const size = sizes[source] as number;
    let all = 0;
    let within = 0;
    for (let w = 0; w < words; w++) {
      const word = row[w] as number;
      if (word === 0) continue;
      if (word === (totals.full[w] as number)) {
        all += totals.all[w] as number;
        within += totals.inside[w] as number;
        continue;
      }
      let rest = word & (totals.full[w] as number);
      while (rest !== 0) {
        const id = (w << 5) + 31 - Math.clz32(rest & -rest);
        all += sizes[id] as number;
        within += (sizes[id] as number) * (inside[id] as number);
        rest &= rest - 1;
      }
    }
    // Two outside addresses are no pair of the cluster's.
    if (inside[source] === 0) {
      any += size * within;
      return;
    }
    const self = ((row[source >>> 5] as number) & (1 << (source & 31))) === 0 ? 0 : 1;
    any += size * (all - self);
    both += size * (within - self);
  };
  matrix.forEachSource(ports, (source, rows) => {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) {
      add(source, only);
      return;
    }
    union.fill(0);
    for (const row of rows) for (let w = 0; w < words; w++) union[w] = (union[w] as number) | (row[w] as number);
    add(source, union);
  });
  return { any, inside: both };
}

function wordTotals(
  sizes: Float64Array,
  inside: Uint8Array,
  words: number,
): { full: Uint32Array; all: Float64Array; inside: Float64Array } {
  const full = new Uint32Array(words);
  const all = new Float64Array(words);
  const within = new Float64Array(words);
  for (let id = 0; id < sizes.length; id++) {
    const w = id >>> 5;
    full[w] = (full[w] as number) | (1 << (id & 31));
    all[w] = (all[w] as number) + (sizes[id] as number);
    within[w] = (within[w] as number) + (sizes[id] as number) * (inside[id] as number);
  }
  return { full, all, inside: within };
}

/** The port class that holds a protocol and port. */
export function portClassOf(matrix: ReachMatrix, protocol: Protocol, port: number): PortClass | undefined {
  return matrix.ports.find((candidate) =>
    candidate.pieces.some(([p, from, to]) => p === protocol && from <= port && port <= to),
  );
}

/** The class numbers of a row. */
export function classesOf(row: Uint32Array): number[] {
  const out: number[] = [];
  forEachBit(row, (id) => out.push(id));
  return out;
}
