import type { Database } from '../database.js';

/** What a request with a key is known by. */
export interface IdempotencyScope {
  readonly subject: string;
  readonly route: string;
  readonly key: string;
}

/** An answer to be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a key means for a request that has come with it. */
export type Claim =
  | { readonly type: 'first' }
  | { readonly type: 'running' }
  | { readonly type: 'otherBody' }
  | { readonly type: 'answered'; readonly answer: KeptAnswer };

interface Row {
  readonly [column: string]: unknown;
  readonly bodyHash: string;
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly body: string | null;
}

/** A request that was never answered, as its process died, may be tried again after this. */
const GIVE_UP_MINUTES = 5;
const KEEP_HOURS = 24;

/** Answers of requests that started work, by caller, route and key, for a day. */
export class IdempotentRequestRepository {
  constructor(private readonly database: Database) {}

  /** Takes the key for a request, or says what became of the one that has it. */
  async claim({ subject, route, key }: IdempotencyScope, bodyHash: string): Promise<Claim> {
    const taken = await this.database.query(
      `INSERT INTO idempotent_request (subject, route, key, body_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (subject, route, key) DO UPDATE
           SET body_hash = $4, status = NULL, headers = NULL, body = NULL, started_at = now()
           WHERE idempotent_request.started_at < now() - $5 * interval '1 hour'
             OR (idempotent_request.status IS NULL AND idempotent_request.started_at < now() - $6 * interval '1 minute')
         RETURNING 1`,
      [subject, route, key, bodyHash, KEEP_HOURS, GIVE_UP_MINUTES],
    );
    if (taken.rowCount === 1) return { type: 'first' };
    const { rows } = await this.database.query<Row>(
      `SELECT body_hash AS "bodyHash", status, headers, body FROM idempotent_request
         WHERE subject = $1 AND route = $2 AND key = $3`,
      [subject, route, key],
    );
    const known = rows[0];
    if (known?.bodyHash !== bodyHash) return { type: 'otherBody' };
    const { status, headers, body } = known;
    return status === null
      ? { type: 'running' }
      : { type: 'answered', answer: { status, headers: headers ?? {}, body: body ?? '' } };
  }

  /** Keeps the answer. */
  async finish({ subject, route, key }: IdempotencyScope, { status, headers, body }: KeptAnswer): Promise<void> {
    await this.database.query(
      `UPDATE idempotent_request SET status = $4, headers = $5, body = $6 WHERE subject = $1 AND route = $2 AND key = $3`,
      [subject, route, key, status, JSON.stringify(headers), body],
    );
  }

  /** Forgets a request that failed, so that it can be tried again. */
  async forget({ subject, route, key }: IdempotencyScope): Promise<void> {
    await this.database.query('DELETE FROM idempotent_request WHERE subject = $1 AND route = $2 AND key = $3', [
      subject,
      route,
      key,
    ]);
  }

  /** Deletes what is older than a day. */
  async prune(): Promise<void> {
    await this.database.query(`DELETE FROM idempotent_request WHERE started_at < now() - $1 * interval '1 hour'`, [
      KEEP_HOURS,
    ]);
  }
}
