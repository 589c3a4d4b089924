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
  /** Another one after every change of the cluster's row and of its newest snapshot. */
  readonly version: string;
}

/** Of the rows `cluster` and `latest`, by the transactions that wrote them. */
const VERSION = `concat_ws(' ', cluster.xmin, latest.xmin, latest.seq)`;

type Row = { version: string } & Cluster & (Snapshot | { seq: null });

/** What every question begins with, in one statement. */
export class ClusterHeadRepository {
  constructor(private readonly database: Database) {}

  /**
   * Clusters that a text may mean, the likeliest first: the one with this id, and the one with this name. Whoever
   * may see them is not asked here: the caller shows each only to those who may. Gives `known` again when it is still
   * so, which costs little to find out.
   */
  async find(idOrName: string, known: readonly ClusterHead[] = []): Promise<readonly ClusterHead[]> {
    if (idOrName.includes('\0')) return [];
    if (known.length > 0) {
      const versions = await this.select<{ version: string }>('', idOrName);
      const isSame = versions.length === known.length && versions.every((row, i) => row.version === known[i]?.version);
      if (isSame) return known;
    }
    const rows = await this.select<Row>(`, ${CLUSTER_COLUMNS}, latest.*`, idOrName);
    return rows.map((row) => ({
      cluster: toClusterRecord(row),
      latest: row.seq === null ? null : toSnapshotRecord(row),
      version: row.version,
    }));
  }

  private async select<R extends { version: string }>(columns: string, idOrName: string): Promise<readonly R[]> {
    const { where, order } = namedBy(idOrName);
    const { rows } = await this.database.query<R>(
      `SELECT ${VERSION} AS version${columns} FROM cluster LEFT JOIN LATERAL
         (SELECT xmin, ${SNAPSHOT_COLUMNS} FROM snapshot WHERE cluster_id = cluster.id ORDER BY seq DESC LIMIT 1) latest ON true
         WHERE ${where} ${order}`,
      [idOrName],
    );
    return rows;
  }
}
