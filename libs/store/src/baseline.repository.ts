import type { Database } from './database.js';

/** What a cluster is declared to be: a snapshot of it, or manifests. */
export interface NewBaseline {
  readonly name: string;
  readonly seq: number | null;
  readonly manifests: string | null;
  readonly encoding: 'text' | 'base64';
  /** Who declared it. */
  readonly requester: string;
}

export interface BaselineRecord extends NewBaseline {
  readonly setAt: Date;
}

/** One baseline a cluster. */
export class BaselineRepository {
  constructor(private readonly database: Database) {}

  async get(clusterId: string): Promise<BaselineRecord | null> {
    const found = await this.database.query<BaselineRecord>(
      `SELECT name, seq, manifests, encoding, requester, set_at AS "setAt" FROM drift_baseline WHERE cluster_id = $1`,
      [clusterId],
    );
    return found.rows[0] ?? null;
  }

  /** Puts a baseline in the place of an earlier one. */
  async set(clusterId: string, baseline: NewBaseline): Promise<void> {
    const { name, seq, manifests, encoding, requester } = baseline;
    await this.database.query(
      `INSERT INTO drift_baseline (cluster_id, name, seq, manifests, encoding, requester) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (cluster_id) DO UPDATE SET name = EXCLUDED.name, seq = EXCLUDED.seq, manifests = EXCLUDED.manifests,
         encoding = EXCLUDED.encoding, requester = EXCLUDED.requester, set_at = now()`,
      [clusterId, name, seq, manifests, encoding, requester],
    );
  }

  /** True when there was one. */
  async remove(clusterId: string): Promise<boolean> {
    const removed = await this.database.query('DELETE FROM drift_baseline WHERE cluster_id = $1', [clusterId]);
    return (removed.rowCount ?? 0) > 0;
  }
}
