/** A seeded source of choices: the same seed gives the same choices on every machine. */
export class RandomSource {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1) (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('nothing to pick from');
    return values[Math.floor(this.next() * values.length)] as T;
  }

  /** `low` to `high` values made by `make`. */
  several<T>(low: number, high: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.between(low, high) }, (_, index) => make(index));
  }

  /** A subset of between `low` and `high` different values. */
  some<T>(values: readonly T[], low: number, high: number): T[] {
    return this.shuffled(values).slice(0, this.between(low, Math.min(high, values.length)));
  }

  shuffled<T>(values: readonly T[]): T[] {
    const out = [...values];
    for (let index = out.length - 1; index > 0; index--) {
      const other = this.between(0, index);
      [out[index], out[other]] = [out[other] as T, out[index] as T];
    }
    return out;
  }
}
