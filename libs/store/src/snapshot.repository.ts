import type { Page, SnapshotAt } from '#contracts';
import type { Fact, ObjectRef } from '#engine';
import type { Database } from './database.js';
import type { FactBatch, ObjectQuery, PersistResult, SnapshotRecord, StoredObject } from './fact-batch.js';

/** Snapshots of clusters and the objects in them. */
export declare class SnapshotRepository {
  constructor(database: Database);
  persist(clusterId: string, batch: FactBatch): Promise<PersistResult>;
  latest(clusterId: string): Promise<SnapshotRecord | null>;
  at(clusterId: string, at: SnapshotAt): Promise<SnapshotRecord | null>;
  list(
    clusterId: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<SnapshotRecord>>;
  loadFacts(clusterId: string, seq: number): Promise<Fact[]>;
  getObject(clusterId: string, seq: number, ref: ObjectRef): Promise<StoredObject | null>;
  listObjects(clusterId: string, seq: number, query: ObjectQuery): Promise<Page<StoredObject>>;
  countKinds(clusterId: string, seq: number): Promise<Record<string, number>>;
  prune(clusterId: string, keepDays: number): Promise<{ snapshots: number; revisions: number }>;
}
