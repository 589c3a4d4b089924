import type { Database } from './database.js';

/** A cluster that was asked about, with its newest snapshot. */
export interface AskedCluster {
  readonly clusterId: string;
  readonly seq: number;
  /** Of that snapshot. */
  readonly objects: number;
  /** How long ago, by the clock of the database. */
  readonly askedAgoMs: number;
}

/** When each cluster was last asked about, by whatever process. */
export class ClusterAskedRepository {
  constructor(private readonly database: Database) {}

  /** Notes that these were asked about so long ago. What is not there any more is left out. */
  async note(asked: readonly Pick<AskedCluster, 'clusterId' | 'askedAgoMs'>[]): Promise<void> {
    if (asked.length === 0) return;
    // In order, so that processes that note the same clusters wait for each other and not in a circle.
    await this.database.query(
      `INSERT INTO cluster_asked (cluster_id, asked_at)
       SELECT id, now() - make_interval(secs => ago_ms / 1000)
         FROM cluster JOIN unnest($1::uuid[], $2::float8[]) AS asked(cluster_id, ago_ms) ON cluster_id = id
        ORDER BY id
           ON CONFLICT (cluster_id) DO UPDATE SET asked_at = GREATEST(cluster_asked.asked_at, excluded.asked_at)`,
      [asked.map(({ clusterId }) => clusterId), asked.map(({ askedAgoMs }) => askedAgoMs)],
    );
  }

  /** Clusters with a snapshot that were asked about since then, the last ones first. */
  async lately(sinceHours: number, most: number): Promise<readonly AskedCluster[]> {
    const { rows } = await this.database.query<AskedCluster>(
      `SELECT cluster_id AS "clusterId", latest.seq, latest.object_count AS objects,
              (extract(epoch FROM now() - asked_at) * 1000)::float8 AS "askedAgoMs"
         FROM cluster_asked CROSS JOIN LATERAL
              (SELECT seq, object_count FROM snapshot WHERE cluster_id = cluster_asked.cluster_id
                ORDER BY seq DESC LIMIT 1) latest
        WHERE asked_at > now() - make_interval(secs => $1::float8 * 3600)
        ORDER BY asked_at DESC LIMIT $2`,
      [sinceHours, most],
    );
    return rows;
  }

  /** Clusters that were not asked about since then and whose newest snapshot has so many objects, the largest first. */
  async notLately(
    sinceHours: number,
    objects: { readonly least: number; readonly most: number },
    most: number,
  ): Promise<readonly Omit<AskedCluster, 'askedAgoMs'>[]> {
    const { rows } = await this.database.query<Omit<AskedCluster, 'askedAgoMs'>>(
      `SELECT cluster.id AS "clusterId", latest.seq, latest.object_count AS objects
         FROM cluster LEFT JOIN cluster_asked ON cluster_id = cluster.id CROSS JOIN LATERAL
              (SELECT seq, object_count FROM snapshot WHERE cluster_id = cluster.id ORDER BY seq DESC LIMIT 1) latest
        WHERE coalesce(asked_at, '-infinity') <= now() - make_interval(secs => $1::float8 * 3600)
          AND latest.object_count BETWEEN $2 AND $3
        ORDER BY latest.object_count DESC, cluster.id LIMIT $4`,
      [sinceHours, objects.least, objects.most, most],
    );
    return rows;
  }
}
