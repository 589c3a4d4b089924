import type pg from 'pg';
import { AppError, type RunbookResult } from '#contracts';
import type { Database } from '../database.js';
import { columnText, storableJson } from '../fact-json.js';
import type { StoreWork } from '../jobs/job-run.js';
import { UUID } from '../uuid.js';

/** A run as it is listed. */
export interface RunbookRunRecord {
  readonly id: string;
  readonly clusterId: string;
  readonly runbook: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly snapshotSeq: number;
  readonly result: RunbookResult;
  readonly answer: string;
  readonly ranAt: Date;
}

export interface NewRunbookRun extends Omit<RunbookRunRecord, 'ranAt'> {
  /** JSON; kept as text, so that what clusters write into names cannot be refused. */
  readonly report: unknown;
}

interface Row extends pg.QueryResultRow, RunbookRunRecord {}

const COLUMNS = `id, cluster_id AS "clusterId", runbook, input, snapshot_seq AS "snapshotSeq", result, answer, ran_at AS "ranAt"`;

/** Runs of runbooks, with their reports. */
export class RunbookRunRepository {
  constructor(private readonly database: Database) {}

  /** Stores a run by itself. */
  async add(run: NewRunbookRun): Promise<void> {
    await this.database.transaction(addRun(run));
  }

  /** How to store a run in a transaction that does more. */
  adding(run: NewRunbookRun): StoreWork {
    return addRun(run);
  }

  /** A cluster's runs, the newest first, from behind `after` on. */
  async list(
    clusterId: string,
    filter: { readonly runbook?: string | undefined; readonly result?: string | undefined },
    limit: number,
    after?: { readonly ranAt: Date; readonly id: string },
  ): Promise<RunbookRunRecord[]> {
    const values: unknown[] = [clusterId];
    const bind = (value: unknown): string => `$${String(values.push(value))}`;
    const where = ['cluster_id = $1'];
    if (filter.runbook !== undefined) where.push(`runbook = ${bind(filter.runbook)}`);
    if (filter.result !== undefined) where.push(`result = ${bind(filter.result)}`);
    if (after !== undefined) where.push(`(ran_at, id) < (${bind(after.ranAt)}, ${bind(after.id)}::uuid)`);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM runbook_run WHERE ${where.join(' AND ')} ORDER BY ran_at DESC, id DESC LIMIT ${bind(limit)}`,
      values,
    );
    return rows;
  }

  /** One run with its report as JSON text. Throws `not_found`. */
  async get(clusterId: string, id: string): Promise<RunbookRunRecord & { readonly report: string }> {
    const found = UUID.test(id)
      ? await this.database.query<Row & { report: string }>(
          `SELECT ${COLUMNS}, report::text AS report FROM runbook_run WHERE cluster_id = $1 AND id = $2`,
          [clusterId, id],
        )
      : null;
    const row = found?.rows[0];
    if (row === undefined) throw new AppError('not_found', `there is no run \`${id}\` of this cluster, list its runs`);
    return row;
  }
}

function addRun(run: NewRunbookRun): StoreWork {
  return async (client) => {
    await client.query(
      `INSERT INTO runbook_run (cluster_id, id, runbook, input, snapshot_seq, result, answer, report)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        run.clusterId,
        run.id,
        run.runbook,
        JSON.stringify(storableJson(run.input)),
        run.snapshotSeq,
        run.result,
        columnText(run.answer),
        JSON.stringify(run.report),
      ],
    );
  };
}
