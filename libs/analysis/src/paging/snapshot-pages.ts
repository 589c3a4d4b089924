import { Inject, Injectable } from '@nestjs/common';
import type { SnapshotAt } from '#contracts';
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
}

/** A page of a list about one snapshot; all pages of one cursor chain are of the same. */
export interface SnapshotPage<T> extends Provenance, ListedPage<T> {
  /** How many there are in all. */
  readonly total: number;
}

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
   * The page of what `list` gives. `filter` names the list and what narrows it: a cursor is good for that alone.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  async page<T, U>(
    query: SnapshotPageQuery,
    filter: readonly unknown[],
    list: (snapshot: OpenSnapshot) => readonly T[],
    show: (item: T, snapshot: OpenSnapshot) => U,
  ): Promise<SnapshotPage<U>> {
    const { at, limit, cursor } = query;
    const first = await this.reader.locate(query.cluster, at);
    const scope = [...filter, first.cluster.id, at, first.scope.key];
    const [seq, start] = cursor === undefined ? [first.snapshot.seq, 0] : this.cursors.open(scope, cursor).map(Number);
    const located =
      seq === undefined || seq === first.snapshot.seq ? first : await this.reader.locate(first.cluster.id, { seq });
    const snapshot = { ...located, compiled: await this.reader.compiled(located) };
    const all = list(snapshot);
    const from = start ?? 0;
    const sealAt = (place: number): string => this.cursors.seal(scope, [located.snapshot.seq, place]);
    return {
      ...located.provenance,
      items: all.slice(from, from + limit).map((item) => show(item, snapshot)),
      total: all.length,
      nextCursor: from + limit < all.length ? sealAt(from + limit) : null,
      cursorAfter: (index) => sealAt(from + index + 1),
    };
  }
}
