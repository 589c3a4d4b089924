import type { Protocol } from '../../model/index.js';
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
  const weights = new ClassWeights(matrix);
  const shared = new Uint32Array(matrix.words);
  const own = new Uint32Array(matrix.words);
  let any = 0;
  let inside = 0;
  matrix.forEachBucket(ports, (bucket) => {
    const { sources, rows } = bucket;
    writeUnion(rows, 0, matrix.words, shared);
    const whole = weights.of(shared, 0, matrix.words);
    for (const source of sources) {
      const [from, to] = bucket.show(source);
      const before = weights.of(shared, from, to);
      writeUnion(rows, from, to, own);
      const after = weights.of(own, from, to);
      const word = source >>> 5;
      const holds = ((word >= from && word < to ? own : shared)[word] as number) & (1 << (source & 31));
      const self = holds === 0 ? 0 : 1;
      const size = weights.sizes[source] as number;
      const within = whole.inside - before.inside + after.inside;
      // Two outside addresses are no pair of the cluster's.
      if (weights.inside[source] === 0) any += size * within;
      else {
        any += size * (whole.all - before.all + after.all - self);
        inside += size * (within - self);
      }
    }
  });
  return { any, inside };
}

/** Writes words `[from, to)` of the union of rows. */
function writeUnion(rows: readonly Uint32Array[], from: number, to: number, out: Uint32Array): void {
  out.fill(0, from, to);
  for (const row of rows) for (let w = from; w < to; w++) out[w] = (out[w] as number) | (row[w] as number);
}

/** How many endpoints the bits of a row stand for. */
class ClassWeights {
  readonly sizes: Float64Array;
  readonly inside: Uint8Array;
  /** By word: every bit that stands for a class, and the endpoints of all of them. */
  readonly #full: Uint32Array;
  readonly #all: Float64Array;
  readonly #within: Float64Array;

  constructor({ classes, words }: ReachMatrix) {
    this.sizes = Float64Array.from(classes.representatives, (_, id) => classes.size(id));
    this.inside = Uint8Array.from(classes.representatives, (endpoint) => (endpoint.kind === 'external' ? 0 : 1));
    this.#full = new Uint32Array(words);
    this.#all = new Float64Array(words);
    this.#within = new Float64Array(words);
    for (const [id, size] of this.sizes.entries()) {
      const w = id >>> 5;
      this.#full[w] = (this.#full[w] as number) | (1 << (id & 31));
      this.#all[w] = (this.#all[w] as number) + size;
      this.#within[w] = (this.#within[w] as number) + size * (this.inside[id] as number);
    }
  }

  /** Endpoints in words `[from, to)` of a row, and those of them in the cluster. */
  of(row: Uint32Array, from: number, to: number): { readonly all: number; readonly inside: number } {
    let all = 0;
    let inside = 0;
    for (let w = from; w < to; w++) {
      let rest = (row[w] as number) & (this.#full[w] as number);
      if (rest === 0) continue;
      if (rest >>> 0 === (this.#full[w] as number)) {
        all += this.#all[w] as number;
        inside += this.#within[w] as number;
        continue;
      }
      while (rest !== 0) {
        const id = (w << 5) + 31 - Math.clz32(rest & -rest);
        all += this.sizes[id] as number;
        inside += (this.sizes[id] as number) * (this.inside[id] as number);
        rest &= rest - 1;
      }
    }
    return { all, inside };
  }
}

/** The port class that holds a protocol and port. */
export function portClassOf(matrix: ReachMatrix, protocol: Protocol, port: number): PortClass | undefined {
  return matrix.ports.find((candidate) =>
    candidate.pieces.some(([p, from, to]) => p === protocol && from <= port && port <= to),
  );
}
