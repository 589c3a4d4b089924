import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { isAppError } from '#contracts';
import { NO_LABELS, type Fact, type Labels } from '#engine';
import { CLUSTER_ORDER, firstOf, ClusterRepository, SnapshotRepository, type ClusterRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { AsOf } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { kindsOf, type Collection } from './collections.js';
import { objectTest, type ObjectFilter } from './object-filter.js';
import { objectView, type ObjectView } from './object-view.js';

/** What to look for in every cluster. */
export interface SearchQuery extends ObjectFilter {
  readonly collection: Collection;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** An object that was found, and in which state of which cluster. */
export interface FoundObject {
  readonly asOf: AsOf;
  readonly object: ObjectView;
}

/**
 * A part of what was found, by cluster, kind, namespace and name. It may hold less than was asked for and still lead on, as
 * a page looks for a short time only.
 */
export interface SearchPage extends ListedPage<FoundObject> {
  /** Clusters of this page that have no snapshot yet. */
  readonly unread: readonly string[];
}

/** Where a search goes on: in this cluster, in this snapshot of it, behind this many objects that were found there. */
interface Place {
  readonly cluster: string;
  readonly seq: number;
  readonly found: number;
}

const PAGE_MS = 1_500;
const CHUNK_ROWS = 1_000;
const CLUSTERS_AT_ONCE = 100;

/**
 * Looks for objects in all clusters, one after the other by name, in their newest snapshots. Reads the objects of the
 * kinds in question from the store and compiles nothing, so that a fleet that no process could hold can be searched.
 */
@Injectable()
export class FleetSearch {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cursor.invalid`, `request.invalid` (an address) */
  async search(query: SearchQuery): Promise<SearchPage> {
    const { limit, cursor, collection, ...given } = query;
    const filter = { ...given, kinds: given.kinds ?? kindsOf(collection) };
    const scope = ['search', filter, currentAccess().scopeKey];
    const start = cursor === undefined ? null : readPlace(this.cursors.open(scope, cursor));
    const seal = (place: Place): string => this.cursors.seal(scope, [place.cluster, place.seq, place.found]);
    const items: FoundObject[] = [];
    const places: Place[] = [];
    const unread: string[] = [];
    const deadline = Date.now() + PAGE_MS;
    const page = (next: Place | null): SearchPage => ({
      items,
      unread,
      nextCursor: next === null ? null : seal(next),
      cursorAfter: (index) => seal(places[index] as Place),
    });
    for await (const cluster of this.clustersFrom(start?.cluster ?? '')) {
      const isStart = cluster.name === start?.cluster;
      if (Date.now() > deadline) return page({ cluster: cluster.name, seq: 0, found: 0 });
      const located = await this.locate(cluster, isStart ? start.seq : 0);
      if (located === null) {
        unread.push(cluster.name);
        continue;
      }
      const { seq } = located.snapshot;
      let found = 0;
      for await (const fact of this.factsOf(located, filter)) {
        found += 1;
        if (isStart && found <= start.found) continue;
        if (items.length === limit) return page(places.at(-1) ?? null);
        items.push({ asOf: located.provenance.asOf, object: objectView(fact, []) });
        places.push({ cluster: cluster.name, seq, found });
      }
    }
    return page(null);
  }

  private async *clustersFrom(name: string): AsyncGenerator<ClusterRecord> {
    const first = firstOf(CLUSTER_ORDER, CLUSTERS_AT_ONCE);
    let from: [string] | null = null;
    do {
      const found: ClusterRecord[] = await this.clusters.list({ ...first, from });
      for (const cluster of found) if (cluster.name >= name) yield cluster;
      const last = found.length < CLUSTERS_AT_ONCE ? undefined : found.at(-1);
      from = last === undefined ? null : [last.name];
    } while (from !== null);
  }

  /** Null when there is none yet. A snapshot that is no longer kept is replaced by the newest. */
  private async locate(cluster: ClusterRecord, seq: number): Promise<LocatedSnapshot | null> {
    try {
      return await this.reader.locate(cluster.id, seq === 0 ? undefined : { seq });
    } catch (error) {
      if (!isAppError(error, 'snapshot.not_found') && !isAppError(error, 'cluster.not_found')) throw error;
      return seq === 0 ? null : this.locate(cluster, 0);
    }
  }

  private async *factsOf(located: LocatedSnapshot, filter: ObjectFilter): AsyncGenerator<Fact> {
    const namespaces = filter.namespaceLabels === undefined ? null : await this.namespacesOf(located);
    const test = objectTest(filter, (namespace) => namespaces?.get(namespace) ?? NO_LABELS);
    const kinds = filter.kinds ?? [];
    let cursor: string | undefined;
    do {
      const chunk = await this.snapshots.listObjects(
        located.cluster.id,
        located.snapshot.seq,
        { kinds, limit: CHUNK_ROWS, ...(cursor === undefined ? {} : { cursor }) },
        located.scope,
      );
      for (const { fact } of chunk.items) if (test(fact)) yield fact;
      cursor = chunk.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  private namespacesOf({ cluster, snapshot }: LocatedSnapshot): Promise<ReadonlyMap<string, Labels>> {
    return this.snapshots.namespaceLabels(cluster.id, snapshot.seq);
  }
}

function readPlace([cluster, seq, found]: (string | number)[]): Place {
  return { cluster: String(cluster), seq: Number(seq), found: Number(found) };
}
