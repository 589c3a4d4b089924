import type { RowTable } from '../rows/row-table.js';

export interface NamespaceReach {
  /** '' for nodes. */
  readonly namespace: string;
  readonly reached: number;
  readonly total: number;
}

/** Counts endpoints by namespace. By the numbers of classes, since a look at each endpoint takes longer than all else. */
export class NamespaceCounts {
  readonly #table: RowTable;
  /** By number of namespace: names, their places in the order of names, and endpoints. */
  readonly #names: readonly string[];
  readonly #ranks: Uint32Array;
  readonly #totals: Uint32Array;

  /** `outside`: the number of the first endpoint that does not count. */
  constructor(table: RowTable, outside: number) {
    this.#table = table;
    this.#names = [...table.classes.ranges.keys()];
    this.#ranks = ranksOf(this.#names);
    this.#totals = new Uint32Array(this.#names.length);
    for (let index = 0; index < outside; index++) {
      const number = this.#namespaceOf(index);
      this.#totals[number] = (this.#totals[number] as number) + 1;
    }
  }

  /** Namespaces of endpoints, given by their numbers, with most of them first. */
  of(endpoints: Iterable<number>): NamespaceReach[] {
    const counts = new Map<number, number>();
    // Mostly they come namespace by namespace.
    let last = -1;
    let run = 0;
    for (const index of endpoints) {
      const number = this.#namespaceOf(index);
      if (number !== last) {
        if (run > 0) counts.set(last, (counts.get(last) ?? 0) + run);
        last = number;
        run = 0;
      }
      run++;
    }
    if (run > 0) counts.set(last, (counts.get(last) ?? 0) + run);
    return [...counts]
      .sort(([a, some], [b, others]) => others - some || (this.#ranks[a] as number) - (this.#ranks[b] as number))
      .map(([number, reached]) => ({
        namespace: this.#names[number] as string,
        reached,
        total: this.#totals[number] as number,
      }));
  }

  #namespaceOf(index: number): number {
    const { classOf, classes } = this.#table;
    return classes.namespaceOf[classOf[index] as number] as number;
  }
}

function ranksOf(names: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(names.length);
  const inOrder = [...names.keys()].sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
  for (const [rank, number] of inOrder.entries()) ranks[number] = rank;
  return ranks;
}
