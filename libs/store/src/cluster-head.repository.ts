import type { ClusterRecord } from './cluster-record.js';
import { CLUSTER_COLUMNS, namedBy, toClusterRecord } from './cluster.repository.js';
import type { Database } from './database.js';
import type { SnapshotRecord } from './fact-batch.js';
import type { Cluster, Snapshot } from './generated/client.js';
import { SNAPSHOT_COLUMNS, toSnapshotRecord } from './snapshot.repository.js';

/** A cluster with its newest snapshot; null while it has none. */
export interface ClusterHead {
  readonly cluster: ClusterRecord;
  readonly latest: SnapshotRecord | null;
}

/** What every question begins with, in one statement. */
export class ClusterHeadRepository {
  constructor(private readonly database: Database) {}

  /**
   * Clusters that a text may mean, the likeliest first: the one with this id, and the one with this name. Whoever
   * may see them is not asked here: the caller shows each only to those who may.
   */
  async find(idOrName: string): Promise<readonly ClusterHead[]> {
    if (idOrName.includes('\0')) return [];
    const { where, order } = namedBy(idOrName);
    const { rows } = await this.database.query<Cluster & (Snapshot | { seq: null })>(
      `SELECT ${CLUSTER_COLUMNS}, latest.* FROM cluster LEFT JOIN LATERAL
         (SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE cluster_id = cluster.id ORDER BY seq DESC LIMIT 1) latest ON true
         WHERE ${where} ${order}`,
      [idOrName],
    );
    return rows.map((row) => ({
      cluster: toClusterRecord(row),
      latest: row.seq === null ? null : toSnapshotRecord(row),
    }));
  }
}
