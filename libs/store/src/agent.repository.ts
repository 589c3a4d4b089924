import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import type { FactBatch, PersistResult } from './fact-batch.js';
import { type ClusterLease, requireLease } from './lease.repository.js';
import { lockCluster, mergeBatch } from './snapshot-merge.js';

/** Push agents: their tokens' hashes, their sessions, and what they send. */
export class AgentRepository {
  constructor(private readonly database: Database) {}

  /** Gives the agent of a cluster a token, in the place of an earlier one. */
  async saveTokenHash(clusterId: string, hash: string): Promise<void> {
    await this.database.query(
      `INSERT INTO cluster_agent (cluster_id, token_hash) VALUES ($1, $2)
       ON CONFLICT (cluster_id) DO UPDATE SET token_hash = excluded.token_hash, issued_at = now()`,
      [clusterId, hash],
    );
  }

  /** The id of the cluster that a token belongs to; null when there is none. */
  async findCluster(tokenHash: string): Promise<string | null> {
    const found = await this.database.query<{ id: string }>(
      'SELECT cluster_id AS id FROM cluster_agent WHERE token_hash = $1',
      [tokenHash],
    );
    return found.rows[0]?.id ?? null;
  }

  /** Opens a session: from now on no earlier one can write. Batches are numbered anew. */
  openSession(clusterId: string): Promise<ClusterLease> {
    return this.database.transaction(async (client) => {
      await lockCluster(client, clusterId);
      await client.query('DELETE FROM cluster_lease WHERE cluster_id = $1', [clusterId]);
      await client.query('UPDATE cluster_agent SET last_sequence = 0 WHERE cluster_id = $1', [clusterId]);
      const opened = await client.query<{ epoch: string }>(
        'INSERT INTO cluster_lease (cluster_id, worker_id) VALUES ($1, $2) RETURNING epoch::text AS epoch',
        [clusterId, randomUUID()],
      );
      return { clusterId, epoch: opened.rows[0]?.epoch ?? '' };
    });
  }

  /** Stores a batch of a session. Null: this batch or a later one is stored already. Throws `cluster.lease_lost`. */
  persist(lease: ClusterLease, sequence: number, batch: FactBatch): Promise<PersistResult | null> {
    return this.database.transaction(async (client) => {
      await lockCluster(client, lease.clusterId);
      await requireLease(client, lease);
      const advanced = await client.query(
        'UPDATE cluster_agent SET last_sequence = $2 WHERE cluster_id = $1 AND last_sequence < $2',
        [lease.clusterId, sequence],
      );
      return advanced.rowCount === 0 ? null : mergeBatch(client, lease.clusterId, batch);
    });
  }
}
