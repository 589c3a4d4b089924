import type pg from 'pg';
import type { Database } from './database.js';
import { UUID } from './uuid.js';

/** Which policies change most what is within reach, as a job found. */
export interface LeverReportRecord {
  /** Of the job. */
  readonly id: string;
  readonly clusterId: string;
  readonly seq: number;
  readonly of: string;
  readonly direction: 'from' | 'to';
  /** Null for as far as it goes. */
  readonly hops: number | null;
  readonly reading: 'intended' | 'enforced';
  /** What it was made from, '' for what has no namespace; null for everything. */
  readonly namespaces: readonly string[] | null;
  readonly engineVersion: string;
  readonly levers: unknown;
}

/** Reports on policy levers. Each is kept as long as its job. */
export class LeverReportRepository {
  constructor(private readonly database: Database) {}

  /** Stores a report in a transaction of the caller's. */
  async save(client: pg.PoolClient, report: LeverReportRecord): Promise<void> {
    await client.query(
      `INSERT INTO lever_report (id, cluster_id, seq, of, direction, hops, reading, namespaces, engine_version, levers)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        report.id,
        report.clusterId,
        report.seq,
        report.of,
        report.direction,
        report.hops,
        report.reading,
        report.namespaces,
        report.engineVersion,
        JSON.stringify(report.levers),
      ],
    );
  }

  async find(clusterId: string, id: string): Promise<LeverReportRecord | null> {
    if (!UUID.test(id)) return null;
    const { rows } = await this.database.query<LeverReportRecord & pg.QueryResultRow>(
      `SELECT id, cluster_id AS "clusterId", seq, of, direction, hops, reading, namespaces,
           engine_version AS "engineVersion", levers
         FROM lever_report WHERE cluster_id = $1 AND id = $2`,
      [clusterId, id],
    );
    return rows[0] ?? null;
  }
}
