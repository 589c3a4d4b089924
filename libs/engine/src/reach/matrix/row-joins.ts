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
  readonly #maps = Object.values(this.#known);

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
    // A map that is cleared takes its room anew.
    for (const ofJoin of this.#maps) if (ofJoin.size > 0) ofJoin.clear();
  }

  #joined(join: Join, a: Uint32Array, b: Uint32Array): Uint32Array {
    const out = this.#arrays.take();
    // A loop for each: the words of all rows of a cluster pass here.
    if (join === 'and') for (let w = 0; w < out.length; w++) out[w] = (a[w] as number) & (b[w] as number);
    else if (join === 'or') for (let w = 0; w < out.length; w++) out[w] = (a[w] as number) | (b[w] as number);
    else for (let w = 0; w < out.length; w++) out[w] = (a[w] as number) & ~(b[w] as number);
    return out;
  }
}
