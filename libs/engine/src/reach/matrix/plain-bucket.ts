import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { RowBucket } from './row-bucket.js';

/** A row of one direction: what holds for every source of a bucket, and what their own namespace adds. */
export interface Half {
  readonly words: Uint32Array;
  /** All other words are empty. */
  readonly from: number;
  readonly to: number;
  readonly own: readonly BitRow[];
}

/** Sources whose rows are the same but for the words of their own namespace. */
export class PlainBucket implements RowBucket {
  readonly sources: readonly number[];
  readonly rows: readonly Uint32Array[];
  readonly of: Uint32Array;
  readonly #halves: readonly (readonly [Half, Half])[];
  readonly #classes: ClassTable;
  readonly #hasOwn: boolean;
  /** Of the namespace whose words the rows have now: its classes, and these words. */
  #range: readonly [number, number] = NO_WORDS;
  #shown: readonly [number, number] = NO_WORDS;

  constructor(
    sources: readonly number[],
    rows: readonly Uint32Array[],
    of: Uint32Array,
    halves: readonly (readonly [Half, Half])[],
    classes: ClassTable,
  ) {
    this.sources = sources;
    this.rows = rows;
    this.of = of;
    this.#halves = halves;
    this.#classes = classes;
    this.#hasOwn = halves.some(([out, in_]) => out.own.length > 0 || in_.own.length > 0);
  }

  show(source: number): readonly [number, number] {
    if (!this.#hasOwn) return NO_WORDS;
    const namespace = this.#classes.representatives[source]?.namespace ?? '';
    const range = this.#classes.ranges.get(namespace) ?? NO_WORDS;
    if (range === this.#range) return this.#shown;
    this.#fill(this.#shown, null);
    this.#range = range;
    this.#shown = [range[0] >>> 5, (range[1] + 31) >>> 5];
    this.#fill(this.#shown, range);
    return this.#shown;
  }

  /** Writes some words of every row, with what the classes `[from, to)` of the source's namespace add. */
  #fill([first, last]: readonly [number, number], range: readonly [number, number] | null): void {
    for (const [number, [out, in_]] of this.#halves.entries()) {
      const row = this.rows[number] as Uint32Array;
      for (let w = first; w < last; w++) {
        const inside = range === null ? 0 : maskOf(w, range[0], range[1]);
        row[w] =
          ((out.words[w] as number) | (ownWord(out.own, w) & inside)) &
          ((in_.words[w] as number) | (ownWord(in_.own, w) & inside));
      }
    }
  }
}

const NO_WORDS: readonly [number, number] = [0, 0];

function ownWord(rows: readonly BitRow[], word: number): number {
  let out = 0;
  for (const row of rows) out |= row.words[word - row.start] ?? 0;
  return out;
}

/** The bits of a word that stand for classes of `[from, to)`. */
function maskOf(word: number, from: number, to: number): number {
  const low = Math.max(from - word * 32, 0);
  const high = Math.min(to - word * 32, 32);
  if (high <= low) return 0;
  const upTo = high === 32 ? 0xffffffff : (1 << high) - 1;
  return upTo & ~((1 << low) - 1);
}
