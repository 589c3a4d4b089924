/** Arrays of one row each, given out empty. */
export class RowArrays {
  readonly #words: number;
  readonly #arrays: Uint32Array[] = [];
  #next = 0;

  constructor(words: number) {
    this.#words = words;
  }

  /** Words given out so far. */
  get taken(): number {
    return this.#next * this.#words;
  }

  take(): Uint32Array {
    const known = this.#arrays[this.#next++];
    if (known !== undefined) return known.fill(0);
    const made = new Uint32Array(this.#words);
    this.#arrays.push(made);
    return made;
  }

  /** Gives out the same arrays again. */
  reuse(): void {
    this.#next = 0;
  }
}
