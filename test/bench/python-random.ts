/**
 * Python's `random.Random(seed).randrange`, so that a fixture made here is the same cluster, object for object, as one
 * made by a Python generator with the same seed, and published row counts can be compared. (MT19937, seeded by
 * `init_by_array`; `randrange` draws as many bits as the bound has and rejects what is too large.)
 */
export class PythonRandom {
  readonly #state = new Uint32Array(624);
  #index = 624;

  constructor(seed: number) {
    const state = this.#state;
    seedBy(state, 19650218);
    let i = 1;
    for (let k = 0; k < 624; k++) {
      const mixed = Math.imul((state[i - 1] as number) ^ ((state[i - 1] as number) >>> 30), 1664525);
      state[i] = ((state[i] as number) ^ mixed) + seed;
      if (++i >= 624) {
        state[0] = state[623] as number;
        i = 1;
      }
    }
    for (let k = 0; k < 623; k++) {
      const mixed = Math.imul((state[i - 1] as number) ^ ((state[i - 1] as number) >>> 30), 1566083941);
      state[i] = ((state[i] as number) ^ mixed) - i;
      if (++i >= 624) {
        state[0] = state[623] as number;
        i = 1;
      }
    }
    state[0] = 0x80000000;
  }

  /** A whole number from 0 up to, not including, `bound`. */
  randrange(bound: number): number {
    const bits = 32 - Math.clz32(bound);
    for (;;) {
      const value = this.#next() >>> (32 - bits);
      if (value < bound) return value;
    }
  }

  #next(): number {
    if (this.#index >= 624) this.#refill();
    let y = this.#state[this.#index++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < 624; i++) {
      const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % 624] as number) & 0x7fffffff);
      state[i] = (state[(i + 397) % 624] as number) ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.#index = 0;
  }
}

function seedBy(state: Uint32Array, seed: number): void {
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const previous = state[i - 1] as number;
    state[i] = Math.imul(previous ^ (previous >>> 30), 1812433253) + i;
  }
}
