import { Inject, Injectable } from '@nestjs/common';
import type { SnapshotAt, SortStep } from '#contracts';
import type { CompiledSnapshot } from '#engine';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { CursorCodec } from './cursor-codec.js';
import type { ListedPage } from './listed-page.js';

/** Which page of a list about one snapshot. */
export interface SnapshotPageQuery {
  readonly cluster: string;
  readonly at?: SnapshotAt | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort?: readonly SortStep[] | undefined;
  readonly backward?: boolean | undefined;
}

/** A page of a list about one snapshot; all pages of one cursor chain are of the same. */
export interface SnapshotPage<T> extends Provenance, ListedPage<T> {
  /** How many there are in all. */
  readonly total: number;
}

/** What the items of a list can be sorted by. */
type SortKeys<T> = Readonly<Record<string, (item: T) => string>>;

/** A snapshot that a list is made from. */
export interface OpenSnapshot extends LocatedSnapshot {
  readonly compiled: CompiledSnapshot;
}

/** Pages of lists that are made whole from one compiled snapshot, in an order that only the snapshot decides. */
@Injectable()
export class SnapshotPages {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * The page of what `list` gives. `filter` names the list and what narrows it: a cursor is good for that alone. `keys`
   * are what it can be sorted by; what is equal by them stays in its own order.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  async page<T, U>(
    query: SnapshotPageQuery,
    filter: readonly unknown[],
    list: (snapshot: OpenSnapshot) => readonly T[],
    show: (item: T, snapshot: OpenSnapshot) => U,
    keys: SortKeys<T> = {},
  ): Promise<SnapshotPage<U>> {
    const { at, limit, cursor, sort = [], backward = false } = query;
    const first = await this.reader.locate(query.cluster, at);
    const scope = [...filter, sort, first.cluster.id, at, first.scope.key];
    const [seq, place] = cursor === undefined ? [first.snapshot.seq] : this.cursors.open(scope, cursor).map(Number);
    const located =
      seq === undefined || seq === first.snapshot.seq ? first : await this.reader.locate(first.cluster.id, { seq });
    const snapshot = { ...located, compiled: await this.reader.compiled(located) };
    const all = sorted(list(snapshot), sort, keys);
    // A cursor stands behind an item: its number counts those up to there.
    const end = backward ? (place ?? all.length + 1) - 1 : Math.min((place ?? 0) + limit, all.length);
    const from = backward ? Math.max(end - limit, 0) : (place ?? 0);
    const hasNext = backward ? from > 0 : end < all.length;
    const cursorAfter = (index: number): string => this.cursors.seal(scope, [located.snapshot.seq, from + index + 1]);
    return {
      ...located.provenance,
      items: all.slice(from, end).map((item) => show(item, snapshot)),
      total: all.length,
      nextCursor: hasNext ? cursorAfter(backward ? 0 : end - from - 1) : null,
      cursorAfter,
    };
  }
}

function sorted<T>(items: readonly T[], sort: readonly SortStep[], keys: SortKeys<T>): readonly T[] {
  if (sort.length === 0) return items;
  const steps = sort.flatMap(({ key, descending }) => {
    const of = keys[key];
    return of === undefined ? [] : [{ of, sign: descending ? -1 : 1 }];
  });
  return items.toSorted((a, b) => {
    for (const { of, sign } of steps) {
      const [left, right] = [of(a), of(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}
