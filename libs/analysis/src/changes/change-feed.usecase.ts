import { Inject, Injectable } from '@nestjs/common';
import { isAppError, type Page } from '#contracts';
import { ChangeRepository, type ChangePosition, type StoredChange } from '#store';
import { ClusterWatch } from '../clusters/cluster-watch.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { changeView, type ChangeView } from './change-view.js';
import { ChangeTail } from './change-tail.js';

/** Which changes. All filters must hold. */
export interface ChangeFilter {
  /** Name or id; every cluster when left out. */
  readonly cluster?: string | undefined;
  /** Kind ids. */
  readonly kinds?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export interface ListChangesQuery extends ChangeFilter {
  /** By the time of storing: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A change with its place in the feed: the cursor of a list goes on behind it, and so does a stream. */
export interface PlacedChange {
  readonly cursor: string;
  readonly change: ChangeView;
}

/** A page of changes, newest snapshot first; inside one snapshot by kind, namespace and name. */
export type ChangePage = Page<PlacedChange>;

/** Rows that are read at once, and looked through for what the caller may see. */
const CHUNK_ROWS = 200;

/** What changed in which cluster, when, and by whom: as a list of the past and as a stream from now on. */
@Injectable()
export class ChangeFeed {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(ClusterWatch) private readonly watch: ClusterWatch,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(query: ListChangesQuery): Promise<ChangePage> {
    const { limit, cursor, cluster: _, ...filter } = query;
    const { clusterId, scope } = await this.scopeOf(query);
    const sight = new Sight(this.reader);
    const items: PlacedChange[] = [];
    let after = cursor === undefined ? undefined : readPosition(this.cursors.open(scope, cursor));
    for (;;) {
      const rows = await this.changes.list({ ...filter, clusterId, order: 'newest', after, limit: CHUNK_ROWS });
      for (const row of rows) {
        const change = await sight.show(row);
        if (change === null) continue;
        const last = items.at(-1);
        if (items.length === limit && last !== undefined) return { items, nextCursor: last.cursor };
        items.push({ cursor: this.seal(scope, positionOf(row)), change });
      }
      const end = rows.at(-1);
      if (end === undefined || rows.length < CHUNK_ROWS) return { items, nextCursor: null };
      after = positionOf(end);
    }
  }

  /**
   * Changes as they are stored, from `cursor` on, else from now on, until `signal` is aborted or the one cluster that
   * was asked for is gone. Of one cluster each change comes once. Of all clusters, those of a few seconds around the
   * cursor may come again. Wrong input is refused before the stream begins; each change is shown only if the caller may
   * see it at that time.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  async follow(
    filter: ChangeFilter,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PlacedChange>> {
    const { clusterId, scope } = await this.scopeOf(filter);
    const { cluster: _, ...rest } = filter;
    const from = cursor === undefined ? null : readPosition(this.cursors.open(scope, cursor));
    const tail = new ChangeTail(this.changes, this.watch, { ...rest, clusterId }, signal);
    await tail.start(from);
    return this.placed(tail, scope);
  }

  private async *placed(tail: ChangeTail, scope: readonly unknown[]): AsyncGenerator<PlacedChange> {
    try {
      for await (const rows of tail.pages()) {
        // Looked up anew for each page: rights may have changed since the last one.
        const sight = new Sight(this.reader);
        for (const row of rows) {
          const change = await sight.show(row);
          if (change !== null) yield { cursor: this.seal(scope, positionOf(row)), change };
        }
      }
    } finally {
      tail.stop();
    }
  }

  private async scopeOf(filter: ChangeFilter): Promise<{ clusterId: string | undefined; scope: readonly unknown[] }> {
    const { cluster, kinds, namespace, name } = filter;
    const clusterId = cluster === undefined ? undefined : (await this.reader.locate(cluster)).cluster.id;
    return { clusterId, scope: ['changes', clusterId, kinds, namespace, name] };
  }

  private seal(scope: readonly unknown[], at: ChangePosition): string {
    return this.cursors.seal(scope, [at.storedAt.getTime(), at.clusterId, at.seq, at.kindId, at.namespace, at.name]);
  }
}

/** What the caller may see, each cluster looked up once. */
class Sight {
  private readonly clusters = new Map<string, Promise<LocatedSnapshot | null>>();

  constructor(private readonly reader: SnapshotReader) {}

  /** The change as the caller sees it; null when it may not know of it. */
  async show(change: StoredChange): Promise<ChangeView | null> {
    const located = await this.locate(change.clusterId);
    const isSeen = located?.scope.seesObject(change.kindId, change.namespace, change.name) === true;
    return isSeen ? changeView(change, located.cluster.name) : null;
  }

  private locate(clusterId: string): Promise<LocatedSnapshot | null> {
    const known =
      this.clusters.get(clusterId) ??
      this.reader.locate(clusterId).catch((error: unknown) => {
        if (isAppError(error, 'cluster.not_found') || isAppError(error, 'snapshot.not_found')) return null;
        throw error;
      });
    this.clusters.set(clusterId, known);
    return known;
  }
}

function positionOf(change: StoredChange): ChangePosition {
  const { storedAt, clusterId, seq, kindId, namespace, name } = change;
  return { storedAt, clusterId, seq, kindId, namespace, name };
}

function readPosition([storedAt, clusterId, seq, kindId, namespace, name]: (string | number)[]): ChangePosition {
  return {
    storedAt: new Date(Number(storedAt)),
    clusterId: String(clusterId),
    seq: Number(seq),
    kindId: String(kindId),
    namespace: String(namespace),
    name: String(name),
  };
}
