import type pg from 'pg';
import { ASSERTION_CHANNEL } from '#contracts';
import { parameters } from './access-filter.js';
import type { Database } from './database.js';
import { descending, keysetSql, numberKey, textKey, timeKey, type Keyset, type ListOrder } from './keyset.js';

/** The file of expectations of a cluster. */
export interface AssertionSetRecord {
  readonly source: string;
  readonly updatedAt: Date;
}

/** How one expectation stands. `result` is what was given to `record`. */
export interface AssertionStateRecord {
  readonly name: string;
  readonly outcome: string;
  readonly sinceSeq: number;
  readonly sinceAt: Date;
  readonly seq: number;
  readonly result: unknown;
}

/** What became of one expectation in a snapshot. */
export interface AssertionCheck {
  readonly name: string;
  readonly owner: string;
  readonly outcome: string;
  readonly result: unknown;
}

/** An expectation that turned. `before` is null for the first check. */
export interface AssertionEventRecord {
  readonly id: string;
  readonly clusterId: string;
  readonly name: string;
  readonly owner: string;
  readonly before: string | null;
  readonly after: string;
  readonly seq: number;
  readonly at: Date;
  readonly result: unknown;
  readonly causes: unknown;
}

const EVENT = `id::text AS id, cluster_id AS "clusterId", name, owner, before, after, seq, at, result, causes`;

export const ASSERTION_EVENT_ORDER: ListOrder<AssertionEventRecord, 'at' | 'name' | 'owner' | 'id'> = {
  keys: {
    at: timeKey('at', (event) => event.at),
    name: textKey('name', (event) => event.name),
    owner: textKey('owner', (event) => event.owner),
    id: numberKey('assertion_event.id', (event) => event.id),
  },
  natural: descending('id'),
};

/** Expectations of clusters, how they stand, and when they turned. */
export class AssertionRepository {
  constructor(private readonly database: Database) {}

  async get(clusterId: string): Promise<AssertionSetRecord | null> {
    const found = await this.database.query<AssertionSetRecord>(
      'SELECT source, updated_at AS "updatedAt" FROM assertion_set WHERE cluster_id = $1',
      [clusterId],
    );
    return found.rows[0] ?? null;
  }

  /** Puts a file in the place of an earlier one. How its expectations stand is kept for those that keep their name. */
  async set(clusterId: string, source: string, names: readonly string[]): Promise<void> {
    await this.database.transaction(async (client) => {
      await client.query(
        `INSERT INTO assertion_set (cluster_id, source) VALUES ($1, $2)
         ON CONFLICT (cluster_id) DO UPDATE SET source = EXCLUDED.source, updated_at = now()`,
        [clusterId, source],
      );
      await client.query('DELETE FROM assertion_state WHERE cluster_id = $1 AND name <> ALL($2::text[])', [
        clusterId,
        [...names],
      ]);
    });
  }

  /** True when there was a file. */
  async remove(clusterId: string): Promise<boolean> {
    const removed = await this.database.query('DELETE FROM assertion_set WHERE cluster_id = $1', [clusterId]);
    return (removed.rowCount ?? 0) > 0;
  }

  async states(clusterId: string): Promise<AssertionStateRecord[]> {
    const found = await this.database.query<AssertionStateRecord>(
      `SELECT name, outcome, since_seq AS "sinceSeq", since_at AS "sinceAt", seq, result
         FROM assertion_state WHERE cluster_id = $1 ORDER BY name`,
      [clusterId],
    );
    return found.rows;
  }

  /**
   * Keeps what became of expectations in a snapshot, and an event for each that turned; a snapshot that is not newer than
   * the last one changes nothing. `causesOf` is asked for those that turned, and `also` writes more for each, with its
   * causes. Events are announced on `atlas_assertion`.
   */
  async record<C>(
    clusterId: string,
    snapshot: { readonly seq: number; readonly takenAt: Date },
    checks: readonly AssertionCheck[],
    causesOf: (check: AssertionCheck) => C,
    also: (client: pg.PoolClient, eventId: string, check: AssertionCheck, causes: C) => Promise<void>,
  ): Promise<number> {
    return this.database.transaction(async (client) => {
      const locked = await client.query('SELECT 1 FROM assertion_set WHERE cluster_id = $1 FOR UPDATE', [clusterId]);
      if (locked.rowCount === 0) return 0;
      const known = await client.query<{ name: string; outcome: string; seq: number }>(
        'SELECT name, outcome, seq FROM assertion_state WHERE cluster_id = $1',
        [clusterId],
      );
      const earlier = new Map(known.rows.map((row) => [row.name, row]));
      let events = 0;
      for (const check of checks) {
        const was = earlier.get(check.name);
        if (was !== undefined && was.seq > snapshot.seq) continue;
        const turned = was?.outcome !== check.outcome;
        await client.query(
          `INSERT INTO assertion_state (cluster_id, name, outcome, since_seq, since_at, seq, result)
           VALUES ($1, $2, $3, $4, $5, $4, $6)
           ON CONFLICT (cluster_id, name) DO UPDATE SET outcome = EXCLUDED.outcome, seq = EXCLUDED.seq,
             result = EXCLUDED.result,
             since_seq = CASE WHEN $7 THEN EXCLUDED.since_seq ELSE assertion_state.since_seq END,
             since_at = CASE WHEN $7 THEN EXCLUDED.since_at ELSE assertion_state.since_at END`,
          [clusterId, check.name, check.outcome, snapshot.seq, snapshot.takenAt, JSON.stringify(check.result), turned],
        );
        // That something passes at its first check is no news.
        if (!turned || (was === undefined && check.outcome === 'pass')) continue;
        const causes = causesOf(check);
        const written = await client.query<{ id: string }>(
          `INSERT INTO assertion_event (cluster_id, name, owner, before, after, seq, at, result, causes)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id::text AS id`,
          [
            clusterId,
            check.name,
            check.owner,
            was?.outcome ?? null,
            check.outcome,
            snapshot.seq,
            snapshot.takenAt,
            JSON.stringify(check.result),
            JSON.stringify(causes),
          ],
        );
        const eventId = written.rows[0]?.id ?? '';
        await client.query('SELECT pg_notify($1, $2)', [ASSERTION_CHANNEL, `${clusterId}:${eventId}`]);
        await also(client, eventId, check, causes);
        events += 1;
      }
      return events;
    });
  }

  /** Events of a cluster, of the expectations that are named, or of all. */
  async events(
    clusterId: string,
    names: readonly string[] | undefined,
    keyset: Keyset,
  ): Promise<AssertionEventRecord[]> {
    const { values, bind } = parameters(clusterId, names ?? null);
    const { where, tail } = keysetSql(keyset, bind);
    const found = await this.database.query<AssertionEventRecord>(
      `SELECT ${EVENT} FROM assertion_event
        WHERE cluster_id = $1 AND ($2::text[] IS NULL OR name = ANY($2)) AND ${where} ${tail}`,
      values,
    );
    return found.rows;
  }

  /** Events of a cluster behind `after`, oldest first. */
  async eventsAfter(clusterId: string, after: string, limit: number): Promise<AssertionEventRecord[]> {
    const found = await this.database.query<AssertionEventRecord>(
      `SELECT ${EVENT} FROM assertion_event WHERE cluster_id = $1 AND id > $2::bigint ORDER BY assertion_event.id LIMIT $3`,
      [clusterId, after, limit],
    );
    return found.rows;
  }
}
