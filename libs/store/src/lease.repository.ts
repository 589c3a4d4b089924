import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { AppError, SYNC_CHANNEL } from '#contracts';
import type { Database } from './database.js';

/** The right to read one cluster and to write what was read. `epoch` is never given out twice. */
export interface ClusterLease {
  readonly clusterId: string;
  readonly epoch: string;
}

/** What a worker has, and how many clusters it should have. */
export interface LeaseShare {
  readonly leases: readonly ClusterLease[];
  /** The quotas of all workers add up to the clusters that there are to read. */
  readonly quota: number;
}

/** Orders the workers that claim, so that no two choose the same clusters. */
const CLAIM_LOCK = 402_118;
const IS_ALIVE = 'expires_at > now()';
/** Clusters that a sync worker is to read; those with an agent are read by that. */
const READABLE = `NOT paused AND source->>'type' <> 'agent'`;

/** For a writer whose lease another has by now. */
export function leaseLost({ clusterId }: ClusterLease): AppError {
  return new AppError('cluster.lease_lost', `another process reads cluster \`${clusterId}\` by now, leave it alone`);
}

/** Keeps the lease from being taken over until the end of the transaction. Throws `cluster.lease_lost`. */
export async function requireLease(client: pg.PoolClient, lease: ClusterLease): Promise<void> {
  const found = await client.query('SELECT 1 FROM cluster_lease WHERE cluster_id = $1 AND epoch = $2 FOR KEY SHARE', [
    lease.clusterId,
    lease.epoch,
  ]);
  if (found.rowCount === 0) throw leaseLost(lease);
}

/**
 * The leases of one sync worker. They hold for as long as the worker calls `beat` in time, by the database's clock; a lease
 * whose worker did not is free for others, and the epoch keeps a worker that comes back too late from writing.
 */
export class LeaseRepository {
  readonly workerId = randomUUID();

  constructor(
    private readonly database: Database,
    /** How long the leases hold after a beat. */
    readonly ttlMs: number,
  ) {}

  /** Says that this worker is there. Others hear of it when it is new; `isLeaving`: it gives its share up. */
  async beat(options: { readonly isLeaving: boolean }): Promise<LeaseShare> {
    const said = await this.database.query<{ isNews: boolean }>(
      `WITH before AS (SELECT is_leaving FROM sync_worker WHERE id = $1)
       INSERT INTO sync_worker (id, expires_at, is_leaving) VALUES ($1, now() + make_interval(secs => $2), $3)
       ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, is_leaving = excluded.is_leaving
       RETURNING (SELECT is_leaving FROM before) IS DISTINCT FROM is_leaving AS "isNews"`,
      [this.workerId, this.ttlMs / 1000, options.isLeaving],
    );
    if (said.rows[0]?.isNews === true) await this.announce();
    const leases = await this.database.query<ClusterLease>(
      'SELECT cluster_id AS "clusterId", epoch::text AS epoch FROM cluster_lease WHERE worker_id = $1',
      [this.workerId],
    );
    return { leases: leases.rows, quota: await this.quota() };
  }

  /** Takes up to `count` clusters that nobody alive has. */
  claim(count: number): Promise<ClusterLease[]> {
    return this.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [CLAIM_LOCK]);
      // A lease in the middle of a write is left for the next time: its holder may be slow, not dead.
      await client.query(
        `DELETE FROM cluster_lease WHERE cluster_id IN (
           SELECT l.cluster_id FROM cluster_lease l
            WHERE EXISTS (SELECT 1 FROM cluster c WHERE c.id = l.cluster_id AND ${READABLE}) AND NOT EXISTS (SELECT 1 FROM sync_worker w WHERE w.id = l.worker_id AND w.${IS_ALIVE})
            LIMIT $1 FOR UPDATE SKIP LOCKED)`,
        [count],
      );
      await client.query(
        `DELETE FROM sync_worker w WHERE NOT w.${IS_ALIVE}
            AND NOT EXISTS (SELECT 1 FROM cluster_lease l WHERE l.worker_id = w.id)`,
      );
      const claimed = await client.query<ClusterLease>(
        `INSERT INTO cluster_lease (cluster_id, worker_id)
         SELECT id, $1 FROM cluster c
          WHERE ${READABLE} AND NOT EXISTS (SELECT 1 FROM cluster_lease l WHERE l.cluster_id = c.id)
          LIMIT $2
         RETURNING cluster_id AS "clusterId", epoch::text AS epoch`,
        [this.workerId, count],
      );
      return claimed.rows;
    });
  }

  /** Gives a lease back; others hear of it. Does nothing when it is lost already. */
  async release(lease: ClusterLease): Promise<void> {
    const values = [lease.clusterId, lease.epoch];
    const released = await this.database.query(
      'DELETE FROM cluster_lease WHERE cluster_id = $1 AND epoch = $2',
      values,
    );
    if (released.rowCount !== 0) await this.announce();
  }

  /** Ends this worker, and every lease that it still has. */
  async leave(): Promise<void> {
    await this.database.query('DELETE FROM cluster_lease WHERE worker_id = $1', [this.workerId]);
    await this.database.query('DELETE FROM sync_worker WHERE id = $1', [this.workerId]);
    await this.announce();
  }

  /** The clusters spread over the workers in order of their ids: the first ones have one more when it does not come out even. */
  private async quota(): Promise<number> {
    const found = await this.database.query<{ clusters: number; workers: number; rank: number; isIn: boolean }>(
      `SELECT (SELECT count(*) FROM cluster WHERE ${READABLE})::int AS clusters,
              count(*)::int AS workers,
              (count(*) FILTER (WHERE id < $1))::int AS rank,
              bool_or(id = $1) AS "isIn"
         FROM sync_worker WHERE ${IS_ALIVE} AND NOT is_leaving`,
      [this.workerId],
    );
    const share = found.rows[0];
    if (share?.isIn !== true) return 0;
    const rest = share.clusters % share.workers;
    return Math.floor(share.clusters / share.workers) + (share.rank < rest ? 1 : 0);
  }

  private async announce(): Promise<void> {
    await this.database.query('SELECT pg_notify($1, $2)', [SYNC_CHANNEL, '']);
  }
}
