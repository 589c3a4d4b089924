import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import { AppError, type RunState, type ScheduleTask } from '#contracts';
import { clusterSetFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { ascending, descending, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import type { FlowWork, StoreWork } from '../jobs/job-run.js';
import { namingOnce } from '../naming-once.js';
import { UUID } from '../uuid.js';

/** One time that a schedule came round. */
export interface ScheduleRunRecord {
  readonly dueAt: Date;
  readonly startedAt: Date;
  /** Further times that had passed while no worker ran; this run makes up for them. */
  readonly missed: number;
  /** Who asked for it at once, '' for the clock. */
  readonly requester: string;
  readonly jobId: string;
  readonly state: RunState;
  readonly result: string | null;
  readonly finishedAt: Date | null;
}

/** What a run came to in one cluster. */
export interface ScheduleRunPart {
  readonly jobId: string;
  readonly clusterId: string;
  readonly cluster: string;
  readonly state: RunState;
  readonly error: string;
}

/** A run that has ended, and that nobody was told of. */
export interface UntoldRun {
  readonly schedule: ScheduleRecord;
  readonly run: ScheduleRunRecord & { readonly error: string };
  readonly parts: readonly ScheduleRunPart[];
}

export interface ScheduleRecord {
  readonly id: string;
  readonly name: string;
  /** Five fields. */
  readonly cron: string;
  readonly timeZone: string;
  readonly task: ScheduleTask;
  /** Null for every cluster. */
  readonly clusterIds: readonly string[] | null;
  /** Names of those that there still are; null for every cluster. */
  readonly clusters: readonly string[] | null;
  readonly paused: boolean;
  /** Null while it is paused, and until a worker has worked it out. */
  readonly nextAt: Date | null;
  readonly requester: string;
  readonly createdAt: Date;
  /** The newest; null before the first. */
  readonly lastRun: ScheduleRunRecord | null;
}

export type NewSchedule = Pick<
  ScheduleRecord,
  'name' | 'cron' | 'timeZone' | 'task' | 'clusterIds' | 'paused' | 'nextAt' | 'requester'
>;
export type SchedulePatch = Partial<Omit<NewSchedule, 'requester'>>;

const DUE_AT_ONCE = 50;

const RUN = `r.due_at AS "dueAt", r.started_at AS "startedAt", r.missed, r.requester, r.job_id AS "jobId", j.state,
  j.result, j.finished_at AS "finishedAt"`;
const RUN_ROWS = 'schedule_run r JOIN job_run j ON j.id = r.job_id';
const COLUMNS = `s.id, s.name, s.cron, s.time_zone AS "timeZone", s.task, s.cluster_ids AS "clusterIds",
  CASE WHEN s.cluster_ids IS NOT NULL
    THEN ARRAY(SELECT c.name FROM cluster c WHERE c.id = ANY(s.cluster_ids) ORDER BY c.name) END AS clusters,
  s.paused, s.next_at AS "nextAt", s.requester, s.created_at AS "createdAt"`;
const PATCHED: Readonly<Record<keyof SchedulePatch, string>> = {
  name: 'name',
  cron: 'cron',
  timeZone: 'time_zone',
  task: 'task',
  clusterIds: 'cluster_ids',
  paused: 'paused',
  nextAt: 'next_at',
};

export const SCHEDULE_ORDER: ListOrder<ScheduleRecord, 'name' | 'nextAt' | 'createdAt'> = {
  keys: {
    name: textKey('s.name', (schedule) => schedule.name),
    nextAt: timeKey(`COALESCE(s.next_at, 'infinity')`, (schedule) => schedule.nextAt),
    createdAt: timeKey('s.created_at', (schedule) => schedule.createdAt),
  },
  natural: ascending('name'),
};
export const SCHEDULE_RUN_ORDER: ListOrder<ScheduleRunRecord, 'dueAt' | 'state'> = {
  keys: {
    dueAt: timeKey('r.due_at', (run) => run.dueAt),
    state: textKey('j.state', (run) => run.state),
  },
  natural: descending('dueAt'),
};

type Row = Omit<ScheduleRecord, 'lastRun'> & pg.QueryResultRow;

/** Schedules, and each time that one came round. */
export class ScheduleRepository {
  /** `access` is asked when they are looked at: those of clusters that it does not show whole do not exist for who asks. */
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  /** Throws `conflict` when the name is taken. */
  async create(schedule: NewSchedule): Promise<ScheduleRecord> {
    const { name, cron, timeZone, task, clusterIds, paused, nextAt, requester } = schedule;
    const { rows } = await namingOnce('schedule', name, () =>
      this.database.query<{ id: string }>(
        `INSERT INTO schedule (name, cron, time_zone, task, cluster_ids, paused, next_at, requester)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
        [name, cron, timeZone, JSON.stringify(task), clusterIds, paused, nextAt, requester],
      ),
    );
    return this.get(rows[0]?.id ?? '');
  }

  /** The schedule with this id, else the one with this name. Throws `not_found`. */
  async get(idOrName: string): Promise<ScheduleRecord> {
    const [found] = await this.#select([idOrName], UUID.test(idOrName) ? 's.id = $1::text::uuid' : 's.name = $1', '');
    if (found !== undefined) return found;
    throw new AppError('not_found', `there is no schedule \`${idOrName}\`, list the schedules to see their names`);
  }

  list(keyset: Keyset): Promise<ScheduleRecord[]> {
    const { values, bind } = parameters();
    const { where, tail } = keysetSql(keyset, bind);
    return this.#select(values, where, tail);
  }

  /** Throws `not_found`, and `conflict` when the name is taken. */
  async update(id: string, patch: SchedulePatch): Promise<ScheduleRecord> {
    const values: unknown[] = [id];
    const sets = (Object.keys(patch) as (keyof SchedulePatch)[]).map((key) => {
      const value = key === 'task' ? JSON.stringify(patch.task) : patch[key];
      return `${PATCHED[key]} = $${String(values.push(value))}`;
    });
    if (sets.length > 0) {
      await namingOnce('schedule', patch.name ?? '', () =>
        this.database.query(`UPDATE schedule SET ${sets.join(', ')} WHERE id = $1`, values),
      );
    }
    return this.get(id);
  }

  async remove(id: string): Promise<void> {
    await this.database.query('DELETE FROM schedule WHERE id = $1', [id]);
  }

  /** Runs of a schedule. */
  async runs(id: string, keyset: Keyset): Promise<ScheduleRunRecord[]> {
    const { values, bind } = parameters(id);
    const { where, tail } = keysetSql(keyset, bind);
    const { rows } = await this.database.query<ScheduleRunRecord & pg.QueryResultRow>(
      `SELECT ${RUN} FROM ${RUN_ROWS} WHERE r.schedule_id = $1 AND ${where} ${tail}`,
      values,
    );
    return rows;
  }

  /** Schedules whose time has come, and those whose next time nobody has worked out yet. */
  due(): Promise<ScheduleRecord[]> {
    return this.#select(
      [DUE_AT_ONCE],
      'NOT s.paused AND (s.next_at IS NULL OR s.next_at <= now())',
      'ORDER BY s.next_at NULLS FIRST LIMIT $1',
    );
  }

  /** Sets when a schedule comes round next, unless somebody else has. */
  async plan(id: string, nextAt: Date): Promise<void> {
    await this.database.query('UPDATE schedule SET next_at = $2 WHERE id = $1 AND next_at IS NULL', [id, nextAt]);
  }

  /**
   * Notes that a due time is taken, in the transaction that adds its jobs. Throws `conflict` there when another worker was
   * first, or the schedule was paused, changed or removed meanwhile.
   */
  taking(id: string, dueAt: Date, nextAt: Date, missed: number): FlowWork {
    return async (client, jobId) => {
      // INVARIANT: one of several workers that see the same due time moves it on; the others find it moved.
      const { rowCount } = await client.query(
        'UPDATE schedule SET next_at = $3 WHERE id = $1 AND next_at = $2 AND NOT paused',
        [id, dueAt, nextAt],
      );
      if (rowCount === 0) throw new AppError('conflict', 'the schedule was run by another worker, or has changed');
      await client.query('INSERT INTO schedule_run (schedule_id, due_at, missed, job_id) VALUES ($1, $2, $3, $4)', [
        id,
        dueAt,
        missed,
        jobId,
      ]);
    };
  }

  /** Notes that somebody asked for a run beside the due times. */
  asking(id: string, requester: string): FlowWork {
    return async (client, jobId) => {
      await client.query(
        'INSERT INTO schedule_run (schedule_id, due_at, requester, job_id) VALUES ($1, clock_timestamp(), $2, $3)',
        [id, requester, jobId],
      );
    };
  }

  /** Runs that have ended and that nobody was told of, each with its schedule. */
  async untold(): Promise<UntoldRun[]> {
    const { rows } = await this.database.query<ScheduleRunRecord & { id: string; error: string } & pg.QueryResultRow>(
      `SELECT r.schedule_id AS id, COALESCE(j.error ->> 'message', '') AS error, ${RUN} FROM ${RUN_ROWS}
         WHERE NOT r.told AND j.state IN ('succeeded', 'failed', 'cancelled') ORDER BY r.due_at LIMIT $1`,
      [DUE_AT_ONCE],
    );
    return Promise.all(
      rows.map(async ({ id, ...run }) => ({
        schedule: await this.get(id),
        run,
        parts: await this.#partsOf(run.jobId),
      })),
    );
  }

  async #partsOf(jobId: string): Promise<ScheduleRunPart[]> {
    const { rows } = await this.database.query<ScheduleRunPart & pg.QueryResultRow>(
      `SELECT j.id AS "jobId", c.id AS "clusterId", c.name AS cluster, j.state,
           COALESCE(j.error ->> 'message', '') AS error
         FROM job_run j JOIN cluster c ON c.id = j.cluster_id WHERE j.parent_id = $1 ORDER BY c.name`,
      [jobId],
    );
    return rows;
  }

  /** Notes that channels are told of a run, and tells them by `work`, or neither; nothing when they were told. */
  async telling(id: string, { dueAt }: ScheduleRunRecord, work: StoreWork): Promise<void> {
    await this.database.transaction(async (client) => {
      const { rowCount } = await client.query(
        'UPDATE schedule_run SET told = true WHERE schedule_id = $1 AND due_at = $2 AND NOT told',
        [id, dueAt],
      );
      if (rowCount === 1) await work(client);
    });
  }

  async #select(given: readonly unknown[], where: string, tail: string): Promise<ScheduleRecord[]> {
    const { values, bind } = parameters(...given);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM schedule s WHERE ${where} AND ${clusterSetFilter(this.access(), bind)} ${tail}`,
      values,
    );
    const last = await this.#lastRuns(rows.map(({ id }) => id));
    return rows.map((row) => ({ ...row, lastRun: last.get(row.id) ?? null }));
  }

  async #lastRuns(ids: readonly string[]): Promise<ReadonlyMap<string, ScheduleRunRecord>> {
    const { rows } = await this.database.query<ScheduleRunRecord & { id: string } & pg.QueryResultRow>(
      `SELECT DISTINCT ON (r.schedule_id) r.schedule_id AS id, ${RUN} FROM ${RUN_ROWS}
         WHERE r.schedule_id = ANY($1::uuid[]) ORDER BY r.schedule_id, r.due_at DESC`,
      [ids],
    );
    return new Map(rows.map(({ id, ...run }) => [id, run]));
  }
}
