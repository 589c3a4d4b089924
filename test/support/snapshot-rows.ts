import { systemAccess } from '#access';
import { ClusterRepository, SnapshotRepository, type FactBatch } from '#store';
import { createTestDatabase, type TestDatabase } from './database.js';

/** A database with clusters that are fed by hand. */
export interface SnapshotRows {
  readonly test: TestDatabase;
  readonly clusters: ClusterRepository;
  readonly snapshots: SnapshotRepository;
  /** Adds one more; gives its id. */
  readonly newCluster: () => Promise<string>;
  /** Stores a snapshot that differs from the one before; gives its number. */
  readonly newSnapshot: (clusterId: string) => Promise<number>;
}

export async function createSnapshotRows(): Promise<SnapshotRows> {
  const test = await createTestDatabase();
  const clusters = new ClusterRepository(test.database, null, () => systemAccess('test'));
  const snapshots = new SnapshotRepository(test.database);
  let made = 0;
  return {
    test,
    clusters,
    snapshots,
    newCluster: async () => {
      made += 1;
      return (await clusters.create({ name: `c${String(made)}`, source: { type: 'upload' } })).id;
    },
    newSnapshot: async (clusterId) => {
      made += 1;
      const completeness = { Pod: { complete: false, reason: String(made) } };
      return (await snapshots.persist(clusterId, batchOf({ completeness }))).seq;
    },
  };
}

/** What was read at once: nothing but `part`, now. */
export function batchOf(part: Partial<FactBatch>): FactBatch {
  return { upserts: [], deletes: [], replace: [], completeness: {}, takenAt: new Date(), ...part };
}
