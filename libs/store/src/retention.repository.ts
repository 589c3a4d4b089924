import type { Database } from './database.js';

/** Which snapshots are kept. The newest of a cluster, its baseline and pinned ones always are. */
export interface RetentionPolicy {
  /** Every snapshot is kept for this long, */
  readonly fullHours: number;
  /** then the last of each hour until it is this old, */
  readonly hourlyDays: number;
  /** then the last of each day until it is this old. At least `hourlyDays`. */
  readonly days: number;
  /** By `kindId`, kinds whose past goes after fewer days: snapshots that are older say that they lack it. */
  readonly kindDays: Readonly<Record<string, number>>;
}

/** What was deleted. */
export interface Pruned {
  readonly snapshots: number;
  readonly revisions: number;
}

/** How the reason begins why a snapshot lacks a kind whose past went. */
export const PAST_IS_GONE = 'the past of this kind is kept for';

const PRUNE_ROWS = 10_000;
const DAY_MS = 86_400_000;

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
const unseen = (snapshots: string, revisions: string): string => `
  SELECT r.ctid
    FROM (
      SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM snapshot WHERE cluster_id = $1 AND ${snapshots}) kept
    JOIN object_revision r
      ON r.cluster_id = $1 AND r.valid_to_seq > kept.before AND r.valid_to_seq <= kept.seq
     AND r.valid_from_seq > kept.before AND ${revisions}
   WHERE kept.seq - kept.before > 1
   LIMIT ${String(PRUNE_ROWS)}`;

const UNSEEN = unseen('true', 'true');

/** The snapshot that held at a time; those before it are past by then. */
const HELD_AT = 'SELECT COALESCE(max(seq), 0) FROM snapshot WHERE cluster_id = $1 AND taken_at <= $2';

/** Revisions of a kind that hold for no snapshot which keeps that kind. */
const UNSEEN_OF_KIND = unseen(`(pinned OR seq >= (${HELD_AT}))`, 'r.kind = $3');

/** Says of snapshots that they lack a kind, before it goes: nobody may read less of it as all there was. */
const MARK_LACKING = `
  UPDATE snapshot
     SET completeness = completeness || jsonb_build_object($3::text, jsonb_build_object('complete', false, 'reason', $4::text))
   WHERE cluster_id = $1 AND NOT pinned AND seq < (${HELD_AT})
     AND (completeness ? $3 OR EXISTS (SELECT 1 FROM object_revision r WHERE r.cluster_id = $1 AND r.kind = $3))
     AND completeness->$3->>'reason' IS DISTINCT FROM $4`;

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
    let revisions = await this.pruneRevisions(UNSEEN, [clusterId]);
    for (const [kind, kindDays] of Object.entries(policy.kindDays)) {
      const before = new Date(now.getTime() - kindDays * DAY_MS);
      const reason = `${PAST_IS_GONE} ${String(kindDays)} days`;
      await this.database.query(MARK_LACKING, [clusterId, before, kind, reason]);
      revisions += await this.pruneRevisions(UNSEEN_OF_KIND, [clusterId, before, kind]);
    }
    return { snapshots: snapshots.rowCount ?? 0, revisions };
  }

  /** Whatever an earlier run left behind goes too: what is unseen is found from what is kept, not from what was deleted. */
  private async pruneRevisions(unseen: string, values: readonly unknown[]): Promise<number> {
    let deleted = 0;
    for (;;) {
      const portion = await this.database.query(
        // A place of a row is one only within its cluster's partition.
        `DELETE FROM object_revision WHERE cluster_id = $1 AND ctid = ANY(ARRAY(${unseen}))`,
        values,
      );
      deleted += portion.rowCount ?? 0;
      if ((portion.rowCount ?? 0) < PRUNE_ROWS) return deleted;
    }
  }
}
