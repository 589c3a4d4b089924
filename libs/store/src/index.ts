export type { ClusterPatch, ClusterRecord, ClusterUpload, NewCluster } from './cluster-record.js';
export { ClusterRepository } from './cluster.repository.js';
export { Database } from './database.js';
export type { DatabaseOptions } from './database.js';
export type { FactBatch, ObjectQuery, PersistResult, SnapshotRecord, StoredObject } from './fact-batch.js';
export { SnapshotRepository } from './snapshot.repository.js';
