import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import { AppError, type ChannelEvent, type DeliveryState } from '#contracts';
import { clusterSetFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { descending, idKey, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import { columnText } from '../fact-json.js';
import { UUID } from '../uuid.js';

/** What there is to tell, before it is put into the words of a channel. */
export interface Notice {
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly title: string;
  readonly text: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Address of what it is about, below the service's own; '' for none. */
  readonly path: string;
  /** Equal for what is about the same matter, as an expectation that breaks and holds again. */
  readonly matter: string;
  readonly isOver: boolean;
  /** A kept report that goes with it. */
  readonly reportId: string | null;
}

/** A notice, and whom it concerns. `key` is unique for the event: told again, it is told once. */
export interface NewNotice {
  readonly event: ChannelEvent;
  readonly key: string;
  /** Null for what is about no single cluster. */
  readonly clusterId: string | null;
  /** A part of something: channels of every cluster are told of the whole instead. */
  readonly isPart?: boolean;
  readonly notice: Notice;
}

export interface DeliveryRecord {
  readonly id: string;
  readonly channelId: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly event: ChannelEvent;
  readonly clusterId: string | null;
  readonly cluster: string | null;
  readonly notice: Notice;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Why the last try failed, '' when none has. */
  readonly lastError: string;
  readonly nextAt: Date;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** What came of one try. */
export type TryOutcome =
  | { readonly state: 'sent' }
  | { readonly state: 'dead'; readonly error: string }
  | { readonly state: 'queued'; readonly error: string; readonly waitMs: number };

/** A try that takes longer is taken for lost with its worker. */
const LEASE_MS = 180_000;
const AT_ONCE = 100;
const COLUMNS = `d.id, d.channel_id AS "channelId", c.name AS channel, d.event, d.cluster_id AS "clusterId",
  k.name AS cluster, d.notice, d.state, d.attempts, d.last_error AS "lastError", d.next_at AS "nextAt",
  d.created_at AS "createdAt", d.ended_at AS "endedAt"`;
const ROWS = 'delivery d JOIN channel c ON c.id = d.channel_id LEFT JOIN cluster k ON k.id = d.cluster_id';

export const DELIVERY_ORDER: ListOrder<DeliveryRecord, 'createdAt' | 'nextAt' | 'channel' | 'state' | 'id'> = {
  keys: {
    createdAt: timeKey('d.created_at', (delivery) => delivery.createdAt),
    nextAt: timeKey('d.next_at', (delivery) => delivery.nextAt),
    channel: textKey('c.name', (delivery) => delivery.channel),
    state: textKey('d.state', (delivery) => delivery.state),
    id: idKey('d.id', (delivery) => delivery.id),
  },
  natural: descending('createdAt', 'id'),
};

type Row = DeliveryRecord & pg.QueryResultRow;

/** Things to tell channels, each with its tries. A row is the truth; the queue delivers its id. */
export class DeliveryRepository {
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  /**
   * Adds a notice for each channel that wants it, in a transaction of the caller's. Where findings open an incident, it is
   * resolved without being asked to.
   */
  async add(client: pg.PoolClient, { event, key, clusterId, isPart = false, notice }: NewNotice): Promise<void> {
    await client.query(
      `INSERT INTO delivery (channel_id, event, event_key, cluster_id, notice, matter)
         SELECT id, $1, $2, $3, $4, $5 FROM channel
           WHERE ($1 = ANY(events) OR $1 = 'finding.resolved' AND 'finding.new' = ANY(events) AND type = 'pagerduty')
             AND (cluster_ids IS NULL AND NOT $6::boolean OR $3::uuid = ANY(cluster_ids))
         ON CONFLICT (channel_id, event_key) DO NOTHING`,
      [event, `${event} ${key}`, clusterId, JSON.stringify(notice), notice.matter, isPart],
    );
  }

  /**
   * Takes what is to be tried now for a time, so that one worker hands each on; gives ids and the tries before. What a
   * channel is to be told of one matter waits until what came before is told or given up: else it would hear that
   * something broke after it heard that it holds again.
   */
  async due(): Promise<{ id: string; attempts: number }[]> {
    const { rows } = await this.database.query<{ id: string; attempts: number }>(
      `UPDATE delivery SET lease_until = now() + $1 * interval '1 ms'
         WHERE id IN (SELECT d.id FROM delivery d JOIN channel c ON c.id = d.channel_id
           WHERE d.state = 'queued' AND d.next_at <= now() AND (d.lease_until IS NULL OR d.lease_until < now())
             AND NOT c.paused
             AND NOT EXISTS (SELECT 1 FROM delivery e WHERE e.channel_id = d.channel_id AND e.matter = d.matter
               AND e.state = 'queued' AND (e.created_at, e.id) < (d.created_at, d.id))
             ORDER BY d.next_at LIMIT ${String(AT_ONCE)} FOR UPDATE OF d SKIP LOCKED)
         RETURNING id, attempts`,
      [LEASE_MS],
    );
    return rows;
  }

  /** Begins a try; null when it was begun already, or there is nothing to send any more. */
  async begin(id: string, attemptsBefore: number): Promise<DeliveryRecord | null> {
    const { rowCount } = await this.database.query(
      `UPDATE delivery SET attempts = attempts + 1, lease_until = now() + $3 * interval '1 ms'
         WHERE id = $1 AND attempts = $2 AND state = 'queued'`,
      [id, attemptsBefore, LEASE_MS],
    );
    if (rowCount === 0) return null;
    const { rows } = await this.database.query<Row>(`SELECT ${COLUMNS} FROM ${ROWS} WHERE d.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Notes what came of a try, unless another one has begun since. */
  async end({ id, attempts }: DeliveryRecord, outcome: TryOutcome): Promise<void> {
    const error = outcome.state === 'sent' ? '' : columnText(outcome.error);
    const waitMs = outcome.state === 'queued' ? outcome.waitMs : 0;
    await this.database.query(
      `UPDATE delivery SET state = $3, last_error = $4, next_at = now() + $5 * interval '1 ms', lease_until = NULL,
           ended_at = CASE WHEN $3 = 'queued' THEN NULL ELSE now() END
         WHERE id = $1 AND attempts = $2 AND state = 'queued'`,
      [id, attempts, outcome.state, error, waitMs],
    );
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<DeliveryRecord> {
    const [found] = UUID.test(id) ? await this.#select([id], 'd.id = $1::text::uuid', '') : [];
    if (found !== undefined) return found;
    throw new AppError('not_found', `there is no delivery \`${id}\`, list the deliveries to see their ids`);
  }

  list(
    filter: { readonly channelId?: string | undefined; readonly state?: DeliveryState | undefined },
    keyset: Keyset,
  ): Promise<DeliveryRecord[]> {
    const { values, bind } = parameters(filter.channelId ?? null, filter.state ?? null);
    const { where, tail } = keysetSql(keyset, bind);
    return this.#select(
      values,
      `($1::uuid IS NULL OR d.channel_id = $1) AND ($2::text IS NULL OR d.state = $2) AND ${where}`,
      tail,
    );
  }

  /** Has a delivery that was given up tried again from the start; false when it was not given up. */
  async again(id: string): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE delivery SET state = 'queued', attempts = 0, next_at = now(), lease_until = NULL, ended_at = NULL
         WHERE id = $1 AND state = 'dead'`,
      [id],
    );
    return (rowCount ?? 0) > 0;
  }

  /** Deletes what ended more than `keepDays` ago. */
  async prune(keepDays: number): Promise<void> {
    await this.database.query(`DELETE FROM delivery WHERE ended_at < now() - $1 * interval '1 day'`, [keepDays]);
  }

  async #select(given: readonly unknown[], where: string, tail: string): Promise<DeliveryRecord[]> {
    const { values, bind } = parameters(...given);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM ${ROWS} WHERE ${where} AND ${clusterSetFilter(this.access(), bind)} ${tail}`,
      values,
    );
    return rows;
  }
}
