import { parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { columnText } from '../fact-json.js';

/** A request as the log keeps it, or several in a row that say the same. */
export interface LoggedQuestion {
  readonly at: Date;
  readonly subject: string;
  /** What people call the caller. */
  readonly name: string;
  readonly action: string;
  /** Route and parameters, or the GraphQL operation. */
  readonly question: string;
  readonly decision: 'allowed' | 'refused' | 'failed';
  readonly status: number;
  /** Where it came from. */
  readonly address: string;
  /** Of the first one. */
  readonly requestId: string;
  readonly times: number;
  readonly lastAt: Date;
}

export type LogEntry = LoggedQuestion & { readonly id: string };

/** Which entries. All filters must hold. */
export interface LogFilter {
  readonly subject?: string | undefined;
  readonly decision?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

const COLUMNS = `id::text AS id, at, subject, name, action, question, decision, status, address, request_id AS "requestId",
  times, COALESCE(last_at, at) AS "lastAt"`;

const TEXTS = ['subject', 'name', 'action', 'question', 'decision', 'address', 'requestId'] as const;

const APPEND = `
  INSERT INTO question_log (at, subject, name, action, question, decision, address, request_id, status, times, last_at)
  SELECT to_timestamp(at::float8 / 1000), subject, name, action, question, decision, address, request_id, status::int,
         times::int, to_timestamp(NULLIF(last_at, at)::float8 / 1000)
    FROM ROWS FROM (${Array.from({ length: TEXTS.length + 4 }, (_, i) => `json_array_elements_text($${i + 1})`).join(', ')})
      AS entry(at, subject, name, action, question, decision, address, request_id, status, times, last_at)`;

/** The log of questions. It grows only: the table itself refuses changes. */
export class QuestionLogRepository {
  constructor(private readonly database: Database) {}

  /** Adds entries, in one statement. They go as columns of plain values, which are the quickest to write and to read. */
  async append(entries: readonly LoggedQuestion[]): Promise<void> {
    if (entries.length === 0) return;
    const columns = [
      entries.map(({ at }) => at.getTime()),
      ...TEXTS.map((name) => entries.map((entry) => columnText(entry[name]))),
      entries.map(({ status }) => status),
      entries.map(({ times }) => times),
      entries.map(({ lastAt }) => lastAt.getTime()),
    ];
    await this.database.query(
      APPEND,
      columns.map((values) => JSON.stringify(values)),
    );
  }

  /** Entries, the newest first, from before number `before` on. */
  async list(filter: LogFilter, limit: number, before?: string): Promise<LogEntry[]> {
    const { values, bind } = parameters();
    const where = ['true'];
    if (filter.subject !== undefined) where.push(`subject = ${bind(filter.subject)}`);
    if (filter.decision !== undefined) where.push(`decision = ${bind(filter.decision)}`);
    if (filter.since !== undefined) where.push(`COALESCE(last_at, at) >= ${bind(filter.since)}`);
    if (filter.until !== undefined) where.push(`at < ${bind(filter.until)}`);
    if (before !== undefined) where.push(`id < ${bind(before)}::bigint`);
    const { rows } = await this.database.query<LogEntry>(
      `SELECT ${COLUMNS} FROM question_log WHERE ${where.join(' AND ')} ORDER BY question_log.id DESC LIMIT ${bind(limit)}`,
      values,
    );
    return rows;
  }

  /** Deletes what is older than this, but never what is younger than thirty days. Gives how many entries that were. */
  async prune(keepDays: number): Promise<number> {
    const { rows } = await this.database.query<{ deleted: number }>('SELECT atlas_prune_question_log($1) AS deleted', [
      keepDays,
    ]);
    return rows[0]?.deleted ?? 0;
  }
}
