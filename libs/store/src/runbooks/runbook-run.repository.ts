import type pg from 'pg';
import { AppError, type RunbookResult } from '#contracts';
import { parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { columnText, storableJson } from '../fact-json.js';
import { descending, idKey, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
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

export const RUNBOOK_RUN_ORDER: ListOrder<RunbookRunRecord, 'ranAt' | 'runbook' | 'result' | 'id'> = {
  keys: {
    ranAt: timeKey('ran_at', (run) => run.ranAt),
    runbook: textKey('runbook', (run) => run.runbook),
    result: textKey('result', (run) => run.result),
    id: idKey('id', (run) => run.id),
  },
  natural: descending('ranAt', 'id'),
};

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

  /** A cluster's runs. */
  async list(
    clusterId: string,
    filter: { readonly runbook?: string | undefined; readonly result?: string | undefined },
    keyset: Keyset,
  ): Promise<RunbookRunRecord[]> {
    const { values, bind } = parameters(clusterId);
    const { where: stretch, tail } = keysetSql(keyset, bind);
    const where = ['cluster_id = $1', stretch];
    if (filter.runbook !== undefined) where.push(`runbook = ${bind(filter.runbook)}`);
    if (filter.result !== undefined) where.push(`result = ${bind(filter.result)}`);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM runbook_run WHERE ${where.join(' AND ')} ${tail}`,
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
