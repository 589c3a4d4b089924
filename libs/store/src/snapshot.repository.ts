import type { Snapshot } from './generated/client.js';
import type { NamespaceLabels, NamespaceScope } from '#access';
import { AppError, type KindCompleteness, type Page, type SnapshotAt } from '#contracts';
import { kindId, objectRef, type Fact, type ObjectRef } from '#engine';
import { objectFilter, parameters } from './access-filter.js';
import type { Database } from './database.js';
import { descending, keysetSql, numberKey, timeKey, type Keyset, type ListOrder } from './keyset.js';
import type {
  FactBatch,
  KeptRead,
  ObjectQuery,
  PersistResult,
  SnapshotDelta,
  SnapshotRecord,
  StoredObject,
} from './fact-batch.js';
import { EqualParts } from './equal-parts.js';
import { columnText, factFromText } from './fact-json.js';
import { type ClusterLease, requireLease } from './lease.repository.js';
import { decodeCursor, encodeCursor } from './page-cursor.js';
import { PAST_IS_GONE } from './retention.repository.js';
import { lockCluster, mergeBatch } from './snapshot-merge.js';
import { withStoreErrors } from './store-error.js';

/** As many as the server looks for while those before them are read. */
const LOAD_ROWS = 500;
const MAX_LIST_LIMIT = 1_000;
/**
 * How a state is read: to its end, and by index. Postgres takes it for chance when a revision begins and when it ends, so it
 * expects a quarter of all to hold in the middle of a history, and would scan the table of the whole fleet for them.
 */
const READ_ONLY = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL enable_seqscan = off; SET LOCAL cursor_tuple_fraction = 1`;

/** Runs work that may pause at each null to its end. */
export type RunWork = (work: Generator<null, void>) => Promise<void>;

const atOnce: RunWork = (work) => {
  while (work.next().done !== true);
  return Promise.resolve();
};

interface ObjectRow {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly hash: string;
  readonly sinceSeq: number;
  readonly fact: string;
}

/** The fact travels as text: the driver would parse it, and ours restores what JSON loses. */
const OBJECT_COLUMNS = `kind, namespace, name, uid, hash, valid_from_seq AS "sinceSeq", fact::text AS fact`;
const HOLDS = 'cluster_id = $1 AND valid_from_seq <= $2 AND valid_to_seq > $2';

const WHOLE = `
  SELECT 1 FROM snapshot
   WHERE cluster_id = $1 AND seq IN ($2, $3)
     AND NOT EXISTS (SELECT 1 FROM jsonb_each(completeness) kind WHERE kind.value->>'reason' LIKE $4)`;

/** Revisions that hold at the later of two snapshots, $3, and did not at the earlier, $2; and the other way about. */
const BEGAN = 'valid_from_seq > $2 AND valid_from_seq <= $3 AND valid_to_seq > $3';
const ENDED = 'valid_from_seq <= $2 AND valid_to_seq > $2 AND valid_to_seq <= $3';

/** Revisions that `came`, then those of objects of which one `went` and none came. */
const changed = (came: string, went: string): string => `
  SELECT fact::text AS fact, true AS holds FROM object_revision WHERE cluster_id = $1 AND ${came}
  UNION ALL
  SELECT fact::text, false FROM object_revision r
   WHERE cluster_id = $1 AND ${went}
     AND NOT EXISTS (
       SELECT 1 FROM object_revision b
        WHERE b.cluster_id = $1 AND b.kind = r.kind AND b.namespace = r.namespace AND b.name = r.name AND ${came})`;
const CHANGED_LATER = changed(BEGAN, ENDED);
const CHANGED_EARLIER = changed(ENDED, BEGAN);

/**
 * All but what a cluster has thousands of: pods of no DaemonSet, endpoint slices, service accounts. Compared as JSON: reading
 * one field of a fact as text fails when another one holds a NUL.
 */
const TELLS_WHO_GOES_ON = `((fact->'type')::text = '"rejected"' OR CASE kind
  WHEN 'Pod' THEN (fact #> '{meta,owner,kind}')::text = '"DaemonSet"'
  ELSE kind NOT IN ('EndpointSlice.discovery.k8s.io', 'ServiceAccount') END)`;

/** Columns of `snapshot` as a `SnapshotRecord`. */
export const SNAPSHOT_COLUMNS = `cluster_id AS "clusterId", seq, taken_at AS "takenAt", stored_at AS "storedAt", completeness,
  digest, object_count AS "objectCount", pinned`;

export const SNAPSHOT_ORDER: ListOrder<SnapshotRecord, 'seq' | 'takenAt'> = {
  keys: {
    seq: numberKey('seq', (snapshot) => snapshot.seq),
    takenAt: timeKey('taken_at', (snapshot) => snapshot.takenAt),
  },
  natural: descending('seq'),
};

export function toSnapshotRecord(row: Snapshot): SnapshotRecord {
  return {
    clusterId: row.clusterId,
    seq: row.seq,
    takenAt: row.takenAt,
    storedAt: row.storedAt,
    completeness: row.completeness as unknown as Record<string, KindCompleteness>,
    digest: row.digest,
    objectCount: row.objectCount,
    pinned: row.pinned,
  };
}

function toObject(row: ObjectRow): StoredObject {
  return {
    kindId: row.kind,
    uid: row.uid,
    hash: row.hash,
    sinceSeq: row.sinceSeq,
    fact: factFromText(row.fact),
  };
}

function notFound(seq: number): AppError {
  return new AppError('snapshot.not_found', `snapshot \`${String(seq)}\` is not kept, ask for a newer one`);
}

/** Numbered snapshots of clusters and the objects in them. Times are of the source, order is of the numbers. */
export class SnapshotRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores what became of a cluster's objects, as one new snapshot, and announces it on channel `atlas_snapshot` as
   * `clusterId:seq`. A batch that says nothing new writes nothing; the first batch of a cluster always makes snapshot 1.
   * Batches of one cluster are stored one after the other. Throws `cluster.not_found`, and `cluster.lease_lost` when the
   * writer's lease does not hold any longer.
   */
  persist(clusterId: string, batch: FactBatch, lease?: ClusterLease): Promise<PersistResult> {
    return this.database.transaction(async (client) => {
      await lockCluster(client, clusterId);
      if (lease) await requireLease(client, lease);
      return mergeBatch(client, clusterId, batch);
    });
  }

  /** The newest snapshot; null when the cluster has none. */
  async latest(clusterId: string): Promise<SnapshotRecord | null> {
    const { rows } = await this.database.query<SnapshotRecord>(
      `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE cluster_id = $1 ORDER BY seq DESC LIMIT 1`,
      [clusterId],
    );
    return rows[0] ?? null;
  }

  /** The oldest snapshot that is kept; null when the cluster has none. */
  async oldest(clusterId: string): Promise<SnapshotRecord | null> {
    const row = await withStoreErrors(() =>
      this.database.prisma.snapshot.findFirst({ where: { clusterId }, orderBy: { seq: 'asc' } }),
    );
    return row === null ? null : toSnapshotRecord(row);
  }

  /** The snapshot with this number, or the one that held at this time; null when there is none or it is not kept. */
  async at(clusterId: string, at: SnapshotAt): Promise<SnapshotRecord | null> {
    const [where, value] = 'seq' in at ? ['seq = $2', at.seq] : ['taken_at <= $2', at.time];
    const { rows } = await this.database.query<SnapshotRecord>(
      `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE cluster_id = $1 AND ${where} ORDER BY taken_at DESC, seq DESC LIMIT 1`,
      [clusterId, value],
    );
    return rows[0] ?? null;
  }

  /** The snapshots that held at some time between the two, oldest first: the one that held at `from` is the first. */
  async between(clusterId: string, from: Date, to: Date): Promise<readonly Pick<SnapshotRecord, 'seq' | 'takenAt'>[]> {
    const { rows } = await this.database.query<{ seq: number; takenAt: Date }>(
      `SELECT seq, taken_at AS "takenAt" FROM snapshot
        WHERE cluster_id = $1 AND taken_at <= $3 AND seq >= COALESCE(
          (SELECT seq FROM snapshot WHERE cluster_id = $1 AND taken_at <= $2 ORDER BY taken_at DESC, seq DESC LIMIT 1), 0)
        ORDER BY seq`,
      [clusterId, from, to],
    );
    return rows;
  }

  /** Snapshots of a cluster. */
  async list(clusterId: string, keyset: Keyset): Promise<SnapshotRecord[]> {
    const { values, bind } = parameters(clusterId);
    const { where, tail } = keysetSql(keyset, bind);
    const { rows } = await this.database.query<SnapshotRecord>(
      `SELECT ${SNAPSHOT_COLUMNS} FROM snapshot WHERE cluster_id = $1 AND ${where} ${tail}`,
      values,
    );
    return rows;
  }

  /**
   * Every fact of a snapshot, in no order: to make one would take longer than to read them. `run` may have them read slowly.
   * Throws `snapshot.not_found`.
   */
  async loadFacts(clusterId: string, seq: number, run: RunWork = atOnce): Promise<Fact[]> {
    const facts: Fact[] = [];
    await this.eachFact(clusterId, seq, 'TRUE', (fact) => facts.push(fact), run);
    return facts;
  }

  /**
   * How far a cluster was read, with what its newest snapshot says of its kinds. `visit` is called with the facts that whoever
   * goes on from there must know: those that were rejected, and those that may tell the CNI. Null when nothing was kept.
   */
  async resume(clusterId: string, visit: (fact: Fact) => void): Promise<KeptRead | null> {
    const kept = await this.database.query<{ positions: unknown }>(
      'SELECT positions FROM cluster_position WHERE cluster_id = $1',
      [clusterId],
    );
    const positions = kept.rows[0]?.positions;
    const latest = positions === undefined ? null : await this.latest(clusterId);
    if (latest === null) return null;
    await this.eachFact(clusterId, latest.seq, TELLS_WHO_GOES_ON, visit);
    return { positions, completeness: latest.completeness };
  }

  /** Calls `visit` with every fact of a snapshot for which `among` holds, without keeping them. Throws `snapshot.not_found`. */
  private eachFact(
    clusterId: string,
    seq: number,
    among: string,
    visit: (fact: Fact) => void,
    run: RunWork = atOnce,
  ): Promise<void> {
    // One transaction sees one state, whatever is pruned meanwhile; a server-side cursor bounds the memory of rows.
    return this.database.transaction(async (client) => {
      const found = await client.query('SELECT 1 FROM snapshot WHERE cluster_id = $1 AND seq = $2', [clusterId, seq]);
      if (found.rowCount === 0) throw notFound(seq);
      await client.query(
        `DECLARE facts NO SCROLL CURSOR FOR
           SELECT fact::text AS fact FROM object_revision WHERE ${HOLDS} AND ${among}`,
        [clusterId, seq],
      );
      const parts = new EqualParts();
      const visiting = function* (rows: readonly { readonly fact: string }[]): Generator<null, void> {
        for (const { fact } of rows) {
          visit(parts.read(fact));
          yield null;
        }
      };
      const fetchRows = () => client.query<{ fact: string }>(`FETCH FORWARD ${String(LOAD_ROWS)} FROM facts`);
      let { rows } = await fetchRows();
      while (rows.length > 0) {
        // The server looks for the next ones while these are read.
        const next = rows.length < LOAD_ROWS ? null : fetchRows();
        // What `visit` throws ends the transaction, and with it nobody waits for them.
        next?.catch(() => undefined);
        await run(visiting(rows));
        rows = next === null ? [] : (await next).rows;
      }
    }, READ_ONLY);
  }

  /**
   * What to change in a cluster's objects to get from one snapshot to a later or an earlier one. Null where it is more than
   * `limit`, or one of the two is not kept, or not whole: what held in between may be pruned then.
   */
  changesBetween(clusterId: string, from: number, to: number, limit: number): Promise<SnapshotDelta | null> {
    const [earlier, later] = from < to ? [from, to] : [to, from];
    return this.database.transaction(async (client) => {
      const kept = await client.query(WHOLE, [clusterId, earlier, later, `${PAST_IS_GONE} %`]);
      if (kept.rowCount !== 2) return null;
      const sql = `${from < to ? CHANGED_LATER : CHANGED_EARLIER} LIMIT $4`;
      const { rows } = await client.query<{ fact: string; holds: boolean }>(sql, [
        clusterId,
        earlier,
        later,
        limit + 1,
      ]);
      if (rows.length > limit) return null;
      const of = (holds: boolean): Fact[] =>
        rows.filter((row) => row.holds === holds).map(({ fact }) => factFromText(fact));
      return { upserts: of(true), removes: of(false).map(({ meta }) => objectRef(meta)) };
    }, READ_ONLY);
  }

  /** Labels of a snapshot's namespaces. */
  async namespaceLabels(clusterId: string, seq: number): Promise<NamespaceLabels> {
    const found = await this.database.query<{ fact: string }>(
      `SELECT fact::text AS fact FROM object_revision WHERE ${HOLDS} AND kind = 'Namespace'`,
      [clusterId, seq],
    );
    return new Map(found.rows.map(({ fact }) => factFromText(fact).meta).map((meta) => [meta.name, meta.labels]));
  }

  /** One object as a snapshot has it; null when it has none such in `scope`, or when there is no such snapshot. */
  async getObject(clusterId: string, seq: number, ref: ObjectRef, scope: NamespaceScope): Promise<StoredObject | null> {
    const name = [columnText(kindId(ref)), columnText(ref.namespace), columnText(ref.name)];
    const { values, bind } = parameters(clusterId, seq, ...name);
    const found = await this.database.query<ObjectRow>(
      `SELECT ${OBJECT_COLUMNS} FROM object_revision
        WHERE ${HOLDS} AND kind = $3 AND namespace = $4 AND name = $5 AND ${objectFilter(scope, bind)}`,
      values,
    );
    return found.rows[0] === undefined ? null : toObject(found.rows[0]);
  }

  /**
   * One page of a snapshot's objects in `scope`, in order of kind, namespace and name.
   * Throws `snapshot.not_found`, and `cursor.invalid` for a cursor of another snapshot or filter.
   */
  async listObjects(
    clusterId: string,
    seq: number,
    query: ObjectQuery,
    scope: NamespaceScope,
  ): Promise<Page<StoredObject>> {
    if ((await this.at(clusterId, { seq })) === null) throw notFound(seq);
    const limit = Math.min(Math.max(query.limit, 1), MAX_LIST_LIMIT);
    const filter = [query.kinds ?? null, query.namespace ?? null, query.name ?? null];
    const list = ['objects', clusterId, seq, ...filter, scope.key];
    const { values, bind } = parameters(clusterId, seq);
    const filters = [HOLDS, objectFilter(scope, bind)];
    if (query.kinds !== undefined) filters.push(`kind = ANY(${bind(query.kinds.map(columnText))}::text[])`);
    if (query.namespace !== undefined) filters.push(`namespace = ${bind(columnText(query.namespace))}`);
    if (query.name !== undefined) filters.push(`name = ${bind(columnText(query.name))}`);
    if (query.cursor !== undefined) {
      const after = decodeCursor(list, query.cursor, 3).map(bind);
      filters.push(`(kind, namespace, name) > (${after.join(', ')})`);
    }
    const found = await this.database.query<ObjectRow>(
      `SELECT ${OBJECT_COLUMNS} FROM object_revision WHERE ${filters.join(' AND ')}
        ORDER BY kind, namespace, name LIMIT ${String(limit + 1)}`,
      values,
    );
    const rows = found.rows.slice(0, limit);
    const last = rows.at(-1);
    const hasMore = found.rows.length > limit && last !== undefined;
    const nextCursor = hasMore ? encodeCursor(list, [last.kind, last.namespace, last.name]) : null;
    return { items: rows.map(toObject), nextCursor };
  }

  /** How many objects of each kind a snapshot has in `scope`, by `kindId` in order of name. */
  async countKinds(clusterId: string, seq: number, scope: NamespaceScope): Promise<Record<string, number>> {
    const { values, bind } = parameters(clusterId, seq);
    const sql = `SELECT kind, count(*)::int AS count FROM object_revision
                  WHERE ${HOLDS} AND ${objectFilter(scope, bind)} GROUP BY kind ORDER BY kind`;
    const found = await this.database.transaction(
      (client) => client.query<{ kind: string; count: number }>(sql, values),
      READ_ONLY,
    );
    return Object.fromEntries(found.rows.map((row) => [row.kind, row.count]));
  }

  /** Keeps a snapshot from retention, or leaves it to it again. Throws `snapshot.not_found`. */
  async setPinned(clusterId: string, seq: number, pinned: boolean): Promise<SnapshotRecord> {
    const where = { clusterId_seq: { clusterId, seq } };
    const found = await withStoreErrors(() => this.database.prisma.snapshot.findUnique({ where }));
    if (found === null) throw notFound(seq);
    return toSnapshotRecord(
      await withStoreErrors(() => this.database.prisma.snapshot.update({ where, data: { pinned } })),
    );
  }
}
