import { RowArrays } from './row-arrays.js';

type Join = 'and' | 'or' | 'without';

/** Joins rows two at a time. The same two are joined once, so that ports with the same rows go on sharing one. */
export class RowJoins {
  readonly #arrays: RowArrays;
  readonly #known = {
    and: new Map<Uint32Array, Map<Uint32Array, Uint32Array>>(),
    or: new Map<Uint32Array, Map<Uint32Array, Uint32Array>>(),
    without: new Map<Uint32Array, Map<Uint32Array, Uint32Array>>(),
  };

  constructor(words: number) {
    this.#arrays = new RowArrays(words);
  }

  of(join: Join, a: Uint32Array, b: Uint32Array): Uint32Array {
    const ofJoin = this.#known[join];
    let others = ofJoin.get(a);
    if (others === undefined) ofJoin.set(a, (others = new Map<Uint32Array, Uint32Array>()));
    let out = others.get(b);
    if (out === undefined) others.set(b, (out = this.#joined(join, a, b)));
    return out;
  }

  /** Forgets all, and gives out the same arrays again. */
  reuse(): void {
    this.#arrays.reuse();
    for (const ofJoin of Object.values(this.#known)) ofJoin.clear();
  }

  #joined(join: Join, a: Uint32Array, b: Uint32Array): Uint32Array {
    const out = this.#arrays.take();
    for (let w = 0; w < out.length; w++) {
      const [x, y] = [a[w] as number, b[w] as number];
      out[w] = join === 'and' ? x & y : join === 'or' ? x | y : x & ~y;
    }
    return out;
  }
}
