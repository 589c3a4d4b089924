import { AppError } from '#contracts';
import type { Fact } from '#engine';
import type { Database } from './database.js';
import { columnText, factFromText } from './fact-json.js';

/** What became of one object from the snapshot before to this one. Exactly one of both sides is null, or none. */
export interface StoredChange {
  readonly clusterId: string;
  /** The snapshot that has the change. */
  readonly seq: number;
  /** Of that snapshot. */
  readonly takenAt: Date;
  readonly storedAt: Date;
  readonly kindId: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Null when the object was added. */
  readonly before: Fact | null;
  /** Null when it is gone. */
  readonly after: Fact | null;
  /** Who wrote the new content, '' when that is not known. */
  readonly manager: string;
}

/** A place in the feed: behind one object of one snapshot, or with the object '' in front of all of that snapshot's. */
export interface ChangePosition {
  readonly storedAt: Date;
  readonly clusterId: string;
  readonly seq: number;
  readonly kindId: string;
  readonly namespace: string;
  readonly name: string;
}

/** Which changes. All filters must hold. */
export interface ChangeQuery {
  /** Of one cluster; of all when left out. */
  readonly clusterId?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** By the time of storing: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Whether snapshots come newest or oldest first; inside one, objects come by kind, namespace and name. */
  readonly order: 'newest' | 'oldest';
  readonly after?: ChangePosition | undefined;
  /** 1 to 1000. */
  readonly limit: number;
}

/** The newest snapshot of a cluster at some time, as a place that all its changes until then are behind. */
export type ChangeMark = Pick<ChangePosition, 'clusterId' | 'seq' | 'storedAt'>;

interface ChangeRow {
  readonly clusterId: string;
  readonly seq: number;
  readonly takenAt: Date;
  readonly storedAt: Date;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly manager: string;
  readonly before: string | null;
  readonly after: string | null;
}

const MAX_LIMIT = 1_000;
const SAME_OBJECT = 'b.cluster_id = r.cluster_id AND b.kind = r.kind AND b.namespace = r.namespace AND b.name = r.name';

/**
 * The changes of snapshot `s` against `s.prev`, the one that is kept before it. Revisions say it alone: those that began
 * in between and still hold at `s` were added or changed, those that ended in between and were not replaced are gone.
 */
const changesOf = (filter: (row: string) => string): string => `
  SELECT r.kind, r.namespace, r.name, r.uid, r.manager, b.fact::text AS before, r.fact::text AS after
    FROM object_revision r
    LEFT JOIN object_revision b ON ${SAME_OBJECT} AND b.valid_from_seq <= s.prev AND b.valid_to_seq > s.prev
   WHERE r.cluster_id = s.cluster_id AND r.valid_from_seq > s.prev AND r.valid_from_seq <= s.seq
     AND r.valid_to_seq > s.seq AND r.hash IS DISTINCT FROM b.hash ${filter('r')}
  UNION ALL
  SELECT r.kind, r.namespace, r.name, r.uid, '' AS manager, r.fact::text AS before, NULL AS after
    FROM object_revision r
   WHERE r.cluster_id = s.cluster_id AND r.valid_to_seq > s.prev AND r.valid_to_seq <= s.seq
     AND r.valid_from_seq <= s.prev ${filter('r')}
     AND NOT EXISTS (
       SELECT 1 FROM object_revision b WHERE ${SAME_OBJECT} AND b.valid_from_seq <= s.seq AND b.valid_to_seq > s.seq)`;

function toChange(row: ChangeRow): StoredChange {
  const { kind, before, after, ...rest } = row;
  return {
    ...rest,
    kindId: kind,
    before: before === null ? null : factFromText(before),
    after: after === null ? null : factFromText(after),
  };
}

/** What changed from snapshot to snapshot. The oldest snapshot of a cluster that is kept is where its changes begin. */
export class ChangeRepository {
  constructor(private readonly database: Database) {}

  /** The next changes behind a place, at most `limit`. */
  async list(query: ChangeQuery): Promise<StoredChange[]> {
    const limit = Math.min(Math.max(query.limit, 1), MAX_LIMIT);
    const { sql, values } = changeSql(query, limit);
    return (await this.database.query<ChangeRow>(sql, values)).rows.map(toChange);
  }

  /** The newest snapshot of each cluster, of those that were stored by `until` when it is given. */
  async marks(filter: { readonly clusterId?: string; readonly until?: Date }): Promise<ChangeMark[]> {
    const found = await this.database.query<ChangeMark>(
      `SELECT c.id AS "clusterId", s.seq, s.stored_at AS "storedAt"
         FROM cluster c
        CROSS JOIN LATERAL (
          SELECT seq, stored_at FROM snapshot
           WHERE cluster_id = c.id AND ($2::timestamptz IS NULL OR stored_at <= $2) ORDER BY seq DESC LIMIT 1) s
        WHERE $1::uuid IS NULL OR c.id = $1`,
      [filter.clusterId ?? null, filter.until ?? null],
    );
    return found.rows;
  }

  /** The database's time, which `storedAt` is told in. */
  async now(): Promise<Date> {
    const found = await this.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const now = found.rows[0]?.now;
    if (now === undefined) throw new AppError('internal', 'the database tells no time');
    return now;
  }
}

/** The statement of a list. */
function changeSql(query: ChangeQuery, limit: number): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${String(values.push(value))}`;
  const [direction, past] = query.order === 'newest' ? (['DESC', '<'] as const) : (['ASC', '>'] as const);
  const snapshots: string[] = [];
  if (query.clusterId !== undefined) snapshots.push(`n.cluster_id = ${bind(query.clusterId)}`);
  if (query.since !== undefined) snapshots.push(`n.stored_at >= ${bind(query.since)}`);
  if (query.until !== undefined) snapshots.push(`n.stored_at < ${bind(query.until)}`);
  const changes: string[] = [];
  if (query.after !== undefined) {
    const { storedAt, clusterId, seq, kindId, namespace, name } = query.after;
    const at = `(${bind(storedAt)}::timestamptz, ${bind(clusterId)}::uuid, ${bind(seq)}::int)`;
    snapshots.push(`(n.stored_at, n.cluster_id, n.seq) ${past}= ${at}`);
    const object = [kindId, namespace, name].map((part) => `${bind(columnText(part))}::text`).join(', ');
    changes.push(`((s.stored_at, s.cluster_id, s.seq) <> ${at} OR (c.kind, c.namespace, c.name) > (${object}))`);
  }
  const { kinds, namespace, name } = query;
  const filters: ((row: string) => string)[] = [];
  if (kinds !== undefined) {
    const list = bind(kinds.map(columnText));
    filters.push((row) => `${row}.kind = ANY(${list}::text[])`);
  }
  for (const [column, value] of [
    ['namespace', namespace],
    ['name', name],
  ] as const) {
    if (value === undefined) continue;
    const text = bind(columnText(value));
    filters.push((row) => `${row}.${column} = ${text}`);
  }
  const filter = (row: string): string => filters.map((of) => ` AND ${of(row)}`).join('');
  const sql = `
    SELECT s.cluster_id AS "clusterId", s.seq, s.taken_at AS "takenAt", s.stored_at AS "storedAt", c.*
      FROM (
        SELECT n.cluster_id, n.seq, n.taken_at, n.stored_at,
               (SELECT max(p.seq) FROM snapshot p WHERE p.cluster_id = n.cluster_id AND p.seq < n.seq) AS prev
          FROM snapshot n ${snapshots.length === 0 ? '' : `WHERE ${snapshots.join(' AND ')}`}
         ORDER BY n.stored_at ${direction}, n.cluster_id ${direction}, n.seq ${direction}) s
     CROSS JOIN LATERAL (${changesOf(filter)}) c
     WHERE s.prev IS NOT NULL ${changes.map((condition) => `AND ${condition}`).join(' ')}
     ORDER BY s.stored_at ${direction}, s.cluster_id ${direction}, s.seq ${direction}, c.kind, c.namespace, c.name
     LIMIT ${String(limit)}`;
  return { sql, values };
}
