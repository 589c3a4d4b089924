import { Inject, Injectable } from '@nestjs/common';
import type { SnapshotAt } from '#contracts';
import { ClusterRepository, SnapshotRepository } from '#store';
import { isAppError } from '#contracts';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';
import { collectionOf, COLLECTIONS, type Collection } from './collections.js';

/** How many objects there are: in each list, and of each kind. */
export interface ObjectCounts {
  /** `objects` counts everything. */
  readonly collections: Readonly<Record<Collection, number>>;
  /** By kind id, in order of name. Kinds without an object are left out. */
  readonly kinds: Readonly<Record<string, number>>;
}

export type ClusterCounts = Provenance & ObjectCounts;

/** The counts of all clusters that the caller may see, and how many those are. */
export interface FleetCounts extends ObjectCounts {
  readonly clusters: number;
  /** Clusters that have no snapshot yet: they count nothing. */
  readonly unread: readonly string[];
}

/** How much there is. */
@Injectable()
export class Counts {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found` */
  async ofCluster(cluster: string, at?: SnapshotAt): Promise<ClusterCounts> {
    const { cluster: found, snapshot, provenance, scope } = await this.reader.locate(cluster, at);
    return { ...provenance, ...countsOf(await this.snapshots.countKinds(found.id, snapshot.seq, scope)) };
  }

  /** Of the newest snapshots. A cluster that is seen whole tells by its row, without a look at its objects. */
  async ofFleet(): Promise<FleetCounts> {
    const total: Record<string, number> = {};
    const unread: string[] = [];
    const clusters = await this.clusters.all();
    for (const cluster of clusters) {
      try {
        const { scope, snapshot } = await this.reader.locate(cluster.id);
        const isTold = scope.isWhole && Object.keys(cluster.counts).length > 0;
        const counts = isTold ? cluster.counts : await this.snapshots.countKinds(cluster.id, snapshot.seq, scope);
        for (const [kind, count] of Object.entries(counts)) total[kind] = (total[kind] ?? 0) + count;
      } catch (error) {
        if (!isAppError(error, 'snapshot.not_found') && !isAppError(error, 'cluster.not_found')) throw error;
        unread.push(cluster.name);
      }
    }
    return { ...countsOf(total), clusters: clusters.length, unread };
  }
}

function countsOf(kinds: Readonly<Record<string, number>>): ObjectCounts {
  const collections = Object.fromEntries(COLLECTIONS.map((name) => [name, 0])) as Record<Collection, number>;
  for (const [kind, count] of Object.entries(kinds)) {
    const collection = collectionOf(kind);
    if (collection !== 'objects') collections[collection] += count;
    collections.objects += count;
  }
  const sorted = Object.keys(kinds).sort();
  return { collections, kinds: Object.fromEntries(sorted.map((kind) => [kind, kinds[kind] as number])) };
}
