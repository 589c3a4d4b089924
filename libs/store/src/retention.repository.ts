import type { Database } from './database.js';

/** Which snapshots are kept. The newest of a cluster, its baseline and pinned ones always are. */
export interface RetentionPolicy {
  /** Every snapshot is kept for this long, */
  readonly fullHours: number;
  /** then the last of each hour until it is this old, */
  readonly hourlyDays: number;
  /** then the last of each day until it is this old. At least `hourlyDays`. */
  readonly days: number;
}

/** What was deleted. */
export interface Pruned {
  readonly snapshots: number;
  readonly revisions: number;
}

const PRUNE_ROWS = 10_000;

/**
 * Snapshots that the policy gives up. Of an hour or a day its last one is kept, as it says what held at the end; of those
 * past their age the last one is, as it held until the next began: so every later time still has an answer.
 */
const GIVEN_UP = `
  SELECT seq FROM (
    SELECT seq, taken_at, pinned,
           seq = max(seq) OVER () AS is_newest,
           row_number() OVER (
             PARTITION BY CASE
               WHEN taken_at >= $2::timestamptz - make_interval(hours => $3) THEN 'full ' || seq
               WHEN taken_at >= $2::timestamptz - make_interval(days => $4) THEN 'hour ' || date_trunc('hour', taken_at, 'UTC')
               WHEN taken_at >= $2::timestamptz - make_interval(days => $5) THEN 'day ' || date_trunc('day', taken_at, 'UTC')
               ELSE 'over'
             END
             ORDER BY seq DESC) AS place
      FROM snapshot WHERE cluster_id = $1) kept
   WHERE place > 1 AND NOT pinned AND NOT is_newest
     AND NOT EXISTS (SELECT 1 FROM drift_baseline b WHERE b.cluster_id = $1 AND b.seq = kept.seq)`;

/** Revisions that hold for no snapshot which is kept: begun and ended between two neighbours, or before the first. */
const UNSEEN = `
  SELECT r.ctid
    FROM (
      SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM snapshot WHERE cluster_id = $1) kept
    JOIN object_revision r
      ON r.cluster_id = $1 AND r.valid_to_seq > kept.before AND r.valid_to_seq <= kept.seq
     AND r.valid_from_seq > kept.before
   WHERE kept.seq - kept.before > 1
   LIMIT ${String(PRUNE_ROWS)}`;

/** Gives up the past by and by. */
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /** Deletes what the policy gives up of a cluster at the time `now`. In portions: no lock lasts long. */
  async prune(clusterId: string, policy: RetentionPolicy, now: Date): Promise<Pruned> {
    const { fullHours, hourlyDays, days } = policy;
    const snapshots = await this.database.query(`DELETE FROM snapshot WHERE cluster_id = $1 AND seq IN (${GIVEN_UP})`, [
      clusterId,
      now,
      fullHours,
      hourlyDays,
      days,
    ]);
    return { snapshots: snapshots.rowCount ?? 0, revisions: await this.pruneRevisions(clusterId) };
  }

  /** Whatever an earlier run left behind goes too: what is unseen is found from what is kept, not from what was deleted. */
  private async pruneRevisions(clusterId: string): Promise<number> {
    let deleted = 0;
    for (;;) {
      const portion = await this.database.query(`DELETE FROM object_revision WHERE ctid = ANY(ARRAY(${UNSEEN}))`, [
        clusterId,
      ]);
      deleted += portion.rowCount ?? 0;
      if ((portion.rowCount ?? 0) < PRUNE_ROWS) return deleted;
    }
  }
}
