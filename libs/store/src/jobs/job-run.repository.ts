import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import {
  AppError,
  JOBS,
  TRACKED_JOB_NAMES,
  type JobEventName,
  type JobProgress,
  type RunState,
  type TrackedJobName,
} from '#contracts';
import { jobFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { descending, idKey, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import type {
  FlowWork,
  JobEventRecord,
  JobFailure,
  JobFilter,
  JobLease,
  JobOutcome,
  JobRunRecord,
  NewJobRun,
  StoreWork,
} from './job-run.js';
import { settleFlow, settleForsakenFlows } from './settle-flow.js';
import { UUID } from '../uuid.js';

/** A worker may die under a job this often before the job itself is taken for the reason. */
const MOST_LOSSES = 20;
/** A job that nobody took within this time is delivered again: its message may be lost. */
const DELIVER_AGAIN_AFTER_MS = 60_000;
const SWEEP_ROWS = 500;

interface Row extends pg.QueryResultRow {
  readonly id: string;
  readonly name: string;
  readonly clusterId: string | null;
  readonly parentId: string | null;
  readonly isFlow: boolean;
  readonly input: unknown;
  readonly requester: string;
  readonly state: string;
  readonly attempts: number;
  readonly losses: number;
  readonly done: number;
  readonly total: number;
  readonly phase: string;
  readonly result: string | null;
  readonly error: JobFailure | null;
  readonly cancelRequested: boolean;
  readonly lastEvent: number;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, name, cluster_id AS "clusterId", parent_id AS "parentId", is_flow AS "isFlow", input, requester,
  state, attempts, losses, done, total, phase, result, error, cancel_requested AS "cancelRequested",
  last_event AS "lastEvent", queued_at AS "queuedAt", started_at AS "startedAt", finished_at AS "finishedAt"`;
export const JOB_ORDER: ListOrder<JobRunRecord, 'queuedAt' | 'finishedAt' | 'name' | 'state' | 'id'> = {
  keys: {
    queuedAt: timeKey('queued_at', (job) => job.queuedAt),
    finishedAt: timeKey(`COALESCE(finished_at, 'infinity')`, (job) => job.finishedAt),
    name: textKey('name', (job) => job.name),
    state: textKey('state', (job) => job.state),
    id: idKey('id', (job) => job.id),
  },
  natural: descending('queuedAt', 'id'),
};
/** Numbers and notes an event of every row that \`run\` returns as (id, last_event). */
const noteEvent = (event: string, data: string): string =>
  `INSERT INTO job_event (job_id, seq, event, data) SELECT id, last_event, ${event}, ${data} FROM run`;

function toRecord({ done, total, phase, ...row }: Row): JobRunRecord {
  return {
    ...row,
    name: row.name as TrackedJobName,
    state: row.state as RunState,
    progress: { done, total, phase },
  };
}

function notFound(id: string): AppError {
  return new AppError('job.not_found', `there is no job \`${id}\`, finished ones are kept as long as snapshots`);
}

/** Another worker has the job, or it was cancelled for good: whoever held it must drop what it did. */
function leaseLost({ id }: JobLease): AppError {
  return new AppError('job.lease_lost', `job \`${id}\` was taken by another worker`);
}

/**
 * Jobs as rows. A worker claims a row for a time and renews that; only who holds the lease may write progress and
 * outcome, and the outcome and what the job made are one transaction. So a job is done once, however often the queue
 * delivers it and whichever workers die. Every move is announced on channel `atlas_job`.
 */
export class JobRunRepository {
  /** `access` is asked when a job is looked at: one that it does not show does not exist for who asks. */
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  /** Adds a job; while one that would do the same waits, and may be seen, gives that one instead. */
  async create(job: NewJobRun): Promise<JobRunRecord> {
    const { rows } = await this.database.query<Row>(
      `INSERT INTO job_run (name, cluster_id, input, requester, waiting_key) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (waiting_key) DO UPDATE SET waiting_key = job_run.waiting_key RETURNING ${COLUMNS}`,
      [job.name, job.clusterId, JSON.stringify(job.input), job.requester, this.#waitingKey(job)],
    );
    return toRecord(rows[0] as Row);
  }

  /** Who does not see everything shares no job with others: it could not look at theirs. */
  #waitingKey(job: NewJobRun): string {
    const key = `${job.name} ${JOBS[job.name].identityOf(job.input as never)}`;
    return this.access().seesEverything ? key : `${key} ${job.requester}`;
  }

  /**
   * Adds a flow with its parts, and gives both. The flow runs from now on and ends with its last part. `also` writes more
   * in the same transaction: when it throws there is no flow.
   */
  createFlow(
    flow: NewJobRun,
    parts: readonly NewJobRun[],
    also?: FlowWork,
  ): Promise<{ flow: JobRunRecord; parts: JobRunRecord[] }> {
    return this.database.transaction(async (client) => {
      const made = await client.query<Row>(
        `INSERT INTO job_run (name, cluster_id, input, requester, is_flow, state, total, phase, started_at)
           VALUES ($1, $2, $3, $4, true, 'running', $5, 'parts', now()) RETURNING ${COLUMNS}`,
        [flow.name, flow.clusterId, JSON.stringify(flow.input), flow.requester, parts.length],
      );
      const row = made.rows[0] as Row;
      await also?.(client, row.id);
      const added = await client.query<Row>(
        `INSERT INTO job_run (name, cluster_id, input, requester, parent_id)
           SELECT part.name, part.cluster_id, part.input, part.requester, $2
             FROM jsonb_to_recordset($1) AS part(name text, cluster_id uuid, input jsonb, requester text)
           RETURNING ${COLUMNS}`,
        [JSON.stringify(parts.map(({ clusterId, ...part }) => ({ ...part, cluster_id: clusterId }))), row.id],
      );
      if (parts.length === 0) await settleFlow(client, row.id, 0);
      return { flow: toRecord(row), parts: added.rows.map(toRecord) };
    });
  }

  /** Throws `job.not_found`. */
  async get(id: string): Promise<JobRunRecord> {
    const { values, bind } = parameters(id);
    const shown = jobFilter(this.access(), bind);
    const found = UUID.test(id)
      ? await this.database.query<Row>(`SELECT ${COLUMNS} FROM job_run WHERE id = $1::text::uuid AND ${shown}`, values)
      : null;
    const row = found?.rows[0];
    if (row === undefined) throw notFound(id);
    return toRecord(row);
  }

  async list(filter: JobFilter, keyset: Keyset): Promise<JobRunRecord[]> {
    const { values, bind } = parameters();
    const { where: stretch, tail } = keysetSql(keyset, bind);
    const where = [stretch, jobFilter(this.access(), bind)];
    if (filter.state !== undefined) where.push(`state = ${bind(filter.state)}`);
    if (filter.name !== undefined) where.push(`name = ${bind(filter.name)}`);
    if (filter.parentId !== undefined) where.push(`parent_id = ${bind(filter.parentId)}`);
    if (filter.clusterIds !== null) where.push(`cluster_id = ANY(${bind(filter.clusterIds)}::uuid[])`);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM job_run WHERE ${where.join(' AND ')} ${tail}`,
      values,
    );
    return rows.map(toRecord);
  }

  /** A job's events behind number `after`, in order. */
  async events(id: string, after: number, limit: number): Promise<JobEventRecord[]> {
    const { rows } = await this.database.query<{ seq: number; event: string; data: unknown; at: Date }>(
      'SELECT seq, event, data, at FROM job_event WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [id, after, limit],
    );
    return rows.map((row) => ({ ...row, event: row.event as JobEventName }));
  }

  /** Takes a job that waits, or whose holder's time is up; null when there is nothing to take. */
  async claim(lease: JobLease, leaseMs: number): Promise<JobRunRecord | null> {
    const { rows } = await this.database.query<Row>(
      `UPDATE job_run SET state = 'running', waiting_key = NULL, attempts = attempts + 1,
           losses = losses + (state = 'running')::int, lease = $2, lease_until = now() + $3 * interval '1 ms',
           started_at = COALESCE(started_at, now())
         WHERE id = $1 AND NOT is_flow AND (state = 'queued' OR (state = 'running' AND lease_until < now()))
         RETURNING ${COLUMNS}`,
      [lease.id, lease.token, leaseMs],
    );
    return rows[0] === undefined ? null : toRecord(rows[0]);
  }

  /** Keeps the lease for a further time, and tells whether the job should stop. Throws `job.lease_lost`. */
  async renew(lease: JobLease, leaseMs: number): Promise<{ readonly cancelRequested: boolean }> {
    const { rows } = await this.database.query<{ cancelRequested: boolean }>(
      `UPDATE job_run SET lease_until = now() + $3 * interval '1 ms' WHERE id = $1 AND lease = $2
         RETURNING cancel_requested AS "cancelRequested"`,
      [lease.id, lease.token, leaseMs],
    );
    if (rows[0] === undefined) throw leaseLost(lease);
    return rows[0];
  }

  /** Notes how far the job is, as an event. Throws `job.lease_lost`. */
  async progress(lease: JobLease, { done, total, phase }: JobProgress): Promise<void> {
    const { rowCount } = await this.database.query(
      `WITH run AS (UPDATE job_run SET done = $3, total = $4, phase = $5, last_event = last_event + 1
         WHERE id = $1 AND lease = $2 RETURNING id, last_event) ${noteEvent(`'progress'`, '$6')}`,
      [lease.id, lease.token, done, total, phase, JSON.stringify({ done, total, phase })],
    );
    if (rowCount === 0) throw leaseLost(lease);
  }

  /** Notes findings, one event each. Throws `job.lease_lost`. */
  async findings(lease: JobLease, findings: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.database.query(
      `WITH run AS (UPDATE job_run SET last_event = last_event + $4 WHERE id = $1 AND lease = $2
         RETURNING id, last_event - $4 AS first)
       INSERT INTO job_event (job_id, seq, event, data)
         SELECT run.id, run.first + item.n, 'finding', item.value
           FROM run, jsonb_array_elements($3) WITH ORDINALITY AS item(value, n)`,
      [lease.id, lease.token, JSON.stringify(findings), findings.length],
    );
    if (rowCount === 0 && findings.length > 0) throw leaseLost(lease);
  }

  /** Ends the job and stores what it made, or neither. Throws `job.lease_lost`. */
  finish(lease: JobLease, outcome: JobOutcome, store?: StoreWork): Promise<void> {
    return this.database.transaction(async (client) => {
      const ended = await endRun(client, lease, outcome);
      if (ended === undefined) throw leaseLost(lease);
      await store?.(client);
      if (ended.parentId !== null) await settleFlow(client, ended.parentId, 1);
    });
  }

  /** Gives the job back after a try that failed; it waits for its next delivery. Throws `job.lease_lost`. */
  async release(lease: JobLease): Promise<void> {
    const { rowCount } = await this.database.query(
      `UPDATE job_run SET state = 'queued', lease = NULL, lease_until = NULL, delivered_at = now()
         WHERE id = $1 AND lease = $2`,
      [lease.id, lease.token],
    );
    if (rowCount === 0) throw leaseLost(lease);
  }

  /** Gives the job back untried, which counts as a worker lost; false when that was too often, or the lease is gone. */
  async leave(lease: JobLease): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE job_run SET state = 'queued', lease = NULL, lease_until = NULL, delivered_at = now(), losses = losses + 1
         WHERE id = $1 AND lease = $2 AND losses < ${String(MOST_LOSSES)}`,
      [lease.id, lease.token],
    );
    return rowCount === 1;
  }

  /**
   * Cancels a job: at once while it waits, soon when it runs, and a flow with all its parts. Does nothing to one that is
   * over. Throws `job.not_found`.
   */
  async cancel(id: string): Promise<JobRunRecord> {
    const run = await this.get(id);
    // Parts before their flow, as everywhere: who locks both never waits in a circle.
    await this.database.transaction(async (client) => {
      const cancelled = await client.query(
        `WITH run AS (UPDATE job_run SET state = 'cancelled', waiting_key = NULL, finished_at = now(),
             last_event = last_event + 1
           WHERE (id = $1 OR parent_id = $1) AND state = 'queued' RETURNING id, last_event)
         ${noteEvent(`'failed'`, `'{"state": "cancelled"}'`)}`,
        [run.id],
      );
      await client.query(
        `UPDATE job_run SET cancel_requested = true WHERE (id = $1 OR parent_id = $1) AND NOT is_flow AND state = 'running'`,
        [run.id],
      );
      const flow = run.isFlow ? run.id : run.parentId;
      if (flow !== null) await settleFlow(client, flow, cancelled.rowCount ?? 0);
      await client.query(
        `UPDATE job_run SET cancel_requested = true
         WHERE id = $1 AND is_flow AND state NOT IN ('succeeded', 'failed')`,
        [run.id],
      );
    });
    return this.get(run.id);
  }

  /**
   * Finds lost work: jobs whose worker went away wait again, or fail when that was too often, and jobs that nobody took
   * for long are due for another delivery. Gives those to be delivered, with a number that no delivery had. Jobs that only
   * another version of the product knows are left to it.
   */
  sweep(): Promise<{ id: string; name: TrackedJobName; delivery: number }[]> {
    return this.database.transaction(async (client) => {
      const lost = await client.query<Row & { lease: string }>(
        `SELECT ${COLUMNS}, lease FROM job_run WHERE state = 'running' AND lease_until < now()
           ORDER BY lease_until LIMIT ${String(SWEEP_ROWS)} FOR UPDATE SKIP LOCKED`,
      );
      for (const row of lost.rows) await giveUpOrWait(client, row);
      const due = await client.query<{ id: string; name: TrackedJobName; delivery: number }>(
        `UPDATE job_run SET delivered_at = now()
           WHERE state = 'queued' AND name = ANY($3)
             AND (id = ANY($1::uuid[]) OR delivered_at < now() - $2 * interval '1 ms')
           RETURNING id, name, attempts AS delivery`,
        [lost.rows.map((row) => row.id), DELIVER_AGAIN_AFTER_MS, TRACKED_JOB_NAMES],
      );
      await settleForsakenFlows(client);
      return due.rows;
    });
  }

  /** Deletes jobs that ended more than `keepDays` ago, with their events. */
  async prune(keepDays: number): Promise<number> {
    const { rowCount } = await this.database.query(
      `DELETE FROM job_run WHERE finished_at < now() - $1 * interval '1 day'`,
      [keepDays],
    );
    return rowCount ?? 0;
  }
}

async function endRun(
  client: pg.PoolClient,
  lease: JobLease,
  outcome: JobOutcome,
): Promise<{ parentId: string | null } | undefined> {
  const result = outcome.state === 'succeeded' ? outcome.result : null;
  const error = outcome.state === 'failed' ? outcome.error : null;
  const event: JobEventName = outcome.state === 'succeeded' ? 'done' : 'failed';
  const { rows } = await client.query<{ parentId: string | null }>(
    `WITH run AS (UPDATE job_run SET state = $3, result = $4, error = $5, lease = NULL, lease_until = NULL,
         done = CASE WHEN $3 = 'succeeded' THEN total ELSE done END, finished_at = now(), last_event = last_event + 1
       WHERE id = $1 AND lease = $2 AND state = 'running' RETURNING id, last_event, parent_id),
     event AS (${noteEvent('$6', '$7')})
     SELECT parent_id AS "parentId" FROM run`,
    [lease.id, lease.token, outcome.state, result, json(error), event, JSON.stringify(outcome)],
  );
  return rows[0];
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** What becomes of a job whose worker was lost. */
async function giveUpOrWait(client: pg.PoolClient, row: Row & { lease: string }): Promise<void> {
  if (row.cancelRequested || row.losses >= MOST_LOSSES) {
    const message = `its worker was lost ${String(row.losses + 1)} times, look at the workers' logs and memory`;
    const outcome: JobOutcome = row.cancelRequested
      ? { state: 'cancelled' }
      : { state: 'failed', error: { code: 'job.lost', message } };
    await endRun(client, { id: row.id, token: row.lease }, outcome);
    if (row.parentId !== null) await settleFlow(client, row.parentId, 1);
    return;
  }
  await client.query(
    `UPDATE job_run SET state = 'queued', lease = NULL, lease_until = NULL, losses = losses + 1 WHERE id = $1`,
    [row.id],
  );
}
