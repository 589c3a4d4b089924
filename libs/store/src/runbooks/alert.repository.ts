import type pg from 'pg';
import type { Database } from '../database.js';

/** An alert that leads to a runbook of a cluster. */
export interface NewAlert {
  readonly clusterId: string;
  readonly fingerprint: string;
  readonly startsAt: Date;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: 'firing' | 'resolved';
  readonly endsAt: Date | null;
  readonly runbook: string;
}

export interface AlertRecord extends NewAlert {
  readonly deliveries: number;
  readonly jobId: string | null;
  readonly receivedAt: Date;
}

/** Names one alert: the same fingerprint with another start is another alert. */
export type AlertKey = Pick<NewAlert, 'clusterId' | 'fingerprint' | 'startsAt'>;

interface Row extends pg.QueryResultRow, AlertRecord {}

const COLUMNS = `cluster_id AS "clusterId", fingerprint, starts_at AS "startsAt", name, labels, status,
  ends_at AS "endsAt", runbook, deliveries, job_id AS "jobId", received_at AS "receivedAt"`;

/** Alerts by cluster, fingerprint and start. */
export class AlertRepository {
  constructor(private readonly database: Database) {}

  /**
   * Notes alerts, each once however often it is told, and gives them as they are now known; those told for the first
   * time have one delivery. A resolved alert does not fire again by a late message of its start.
   */
  async receive(alerts: readonly NewAlert[]): Promise<AlertRecord[]> {
    const { rows } = await this.database.query<Row>(
      `INSERT INTO alert (cluster_id, fingerprint, starts_at, name, labels, status, ends_at, runbook)
         SELECT cluster_id, fingerprint, starts_at, name, labels, status, ends_at, runbook
           FROM jsonb_to_recordset($1) AS told(cluster_id uuid, fingerprint text, starts_at timestamptz, name text,
             labels jsonb, status text, ends_at timestamptz, runbook text)
           -- One order for all: two messages about the same alerts must not wait for each other.
           ORDER BY cluster_id, fingerprint, starts_at
         ON CONFLICT (cluster_id, fingerprint, starts_at) DO UPDATE SET
           deliveries = alert.deliveries + 1,
           status = CASE WHEN alert.status = 'resolved' THEN 'resolved' ELSE EXCLUDED.status END,
           ends_at = COALESCE(EXCLUDED.ends_at, alert.ends_at)
         RETURNING ${COLUMNS}`,
      [
        JSON.stringify(
          alerts.map(({ clusterId, startsAt, endsAt, ...rest }) => ({
            ...rest,
            cluster_id: clusterId,
            starts_at: startsAt,
            ends_at: endsAt,
          })),
        ),
      ],
    );
    return rows;
  }

  /** Notes which job runs the runbook of these alerts. */
  async startedBy(jobId: string, alerts: readonly AlertKey[]): Promise<void> {
    await this.database.query(
      `UPDATE alert SET job_id = $1
         FROM jsonb_to_recordset($2) AS told(cluster_id uuid, fingerprint text, starts_at timestamptz)
        WHERE alert.cluster_id = told.cluster_id AND alert.fingerprint = told.fingerprint
          AND alert.starts_at = told.starts_at`,
      [
        jobId,
        JSON.stringify(
          alerts.map((key) => ({ cluster_id: key.clusterId, fingerprint: key.fingerprint, starts_at: key.startsAt })),
        ),
      ],
    );
  }

  /** A cluster's alerts, the last received first. */
  async list(clusterId: string, limit: number): Promise<AlertRecord[]> {
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM alert WHERE cluster_id = $1 ORDER BY received_at DESC, fingerprint LIMIT $2`,
      [clusterId, limit],
    );
    return rows;
  }
}
