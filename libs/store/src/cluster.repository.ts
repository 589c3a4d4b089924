import type { Secret } from '#config';
import type { Page } from '#contracts';
import type { ClusterPatch, ClusterRecord, ClusterUpload, NewCluster } from './cluster-record.js';
import type { Database } from './database.js';

/** Clusters, their sealed credentials and uploads. */
export declare class ClusterRepository {
  constructor(database: Database, secretKey: Secret | null);
  create(cluster: NewCluster): Promise<ClusterRecord>;
  get(idOrName: string): Promise<ClusterRecord>;
  find(idOrName: string): Promise<ClusterRecord | null>;
  list(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<ClusterRecord>>;
  all(): Promise<ClusterRecord[]>;
  update(id: string, patch: ClusterPatch): Promise<ClusterRecord>;
  remove(id: string): Promise<void>;
  loadCredentials(id: string): Promise<Secret | null>;
  saveUpload(id: string, bytes: Uint8Array, contentType: string): Promise<void>;
  loadUpload(id: string): Promise<ClusterUpload | null>;
}
