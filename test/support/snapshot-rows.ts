import { systemAccess } from '#access';
import { normaliseObject, type Fact } from '#engine';
import { ClusterRepository, SnapshotRepository, type FactBatch } from '#store';
import { createTestDatabase, type TestDatabase } from './database.js';

/** A database with clusters that are fed by hand. */
export interface SnapshotRows {
  readonly test: TestDatabase;
  readonly clusters: ClusterRepository;
  readonly snapshots: SnapshotRepository;
  /** Adds one more; gives its id. */
  readonly newCluster: () => Promise<string>;
  /** Stores a snapshot that differs from the one before, with these pods; gives its number. */
  readonly newSnapshot: (clusterId: string, pods?: number) => Promise<number>;
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
    newSnapshot: async (clusterId, pods = 0) => {
      made += 1;
      const completeness = { Pod: { complete: false, reason: String(made) } };
      const upserts = Array.from({ length: pods }, (_, at) => pod(`pod-${String(at)}`));
      return (await snapshots.persist(clusterId, batchOf({ upserts, completeness }))).seq;
    },
  };
}

function pod(name: string): Fact {
  return normaliseObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' } }).fact as Fact;
}

/** What was read at once: nothing but `part`, now. */
export function batchOf(part: Partial<FactBatch>): FactBatch {
  return { upserts: [], deletes: [], replace: [], completeness: {}, takenAt: new Date(), ...part };
}
