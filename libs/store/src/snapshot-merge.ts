import type pg from 'pg';
import { AppError, SNAPSHOT_CHANNEL, type KindCompleteness } from '#contracts';
import { kindId, objectKey, type ObjectRef } from '#engine';
import { copyRows } from './copy-rows.js';
import type { FactBatch, PersistResult } from './fact-batch.js';
import { columnText, packFact } from './fact-json.js';
import {
  changeDigest,
  completenessText,
  elementDigest,
  elementSql,
  EMPTY_FACTS_DIGEST,
  fromBits,
  snapshotDigest,
} from './facts-digest.js';

/** End of a revision that still holds. */
const OPEN_SEQ = 2_147_483_647;

/** First key of the advisory locks that order the writers of one cluster; the second is made of its id. */
const CLUSTER_LOCK = 402_117;
/** Above this many staged rows the planner needs to know their number. */
const ANALYZE_FROM = 500;

/** One object of a batch: its new fact as text, or null when it is gone. */
interface StagedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly hash: string;
  readonly manager: string;
  readonly fact: string | null;
}

/** The newest snapshot as far as the next one needs it. */
interface Head {
  readonly seq: number;
  readonly takenAt: Date;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
  readonly factsDigest: string;
  readonly objectCount: number;
}

const EMPTY_HEAD: Head = {
  seq: 0,
  takenAt: new Date(0),
  completeness: {},
  factsDigest: EMPTY_FACTS_DIGEST,
  objectCount: 0,
};

/** Waits until no other transaction writes this cluster; holds until the end of the transaction. */
export async function lockCluster(client: pg.PoolClient, clusterId: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [CLUSTER_LOCK, clusterId]);
}

/** The batch as rows, one an object: an upsert beats a delete, a later upsert an earlier one. */
function stagedObjects(batch: FactBatch): StagedObject[] {
  const staged = new Map<string, StagedObject>();
  const put = (object: StagedObject): void => {
    staged.set(`${object.kind}\0${object.namespace}\0${object.name}`, object);
  };
  for (const ref of batch.deletes) put(stagedObject(ref, '', '', '', null));
  // Lists come without managers, and are long.
  const managers = batch.managers?.size === 0 ? undefined : batch.managers;
  for (const fact of batch.upserts) {
    const manager = managers?.get(objectKey(fact.meta)) ?? '';
    const { text, hash } = packFact(fact);
    put(stagedObject(fact.meta, fact.meta.uid, hash, manager, text));
  }
  return [...staged.values()];
}

/** Field by field: of spread objects each would get a hidden class of its own. */
function stagedObject(ref: ObjectRef, uid: string, hash: string, manager: string, fact: string | null): StagedObject {
  return {
    kind: columnText(kindId(ref)),
    namespace: columnText(ref.namespace),
    name: columnText(ref.name),
    uid: columnText(uid),
    hash,
    manager: columnText(manager),
    fact,
  };
}

async function readHead(client: pg.PoolClient, clusterId: string): Promise<Head | null> {
  const found = await client.query<Head>(
    `SELECT seq, taken_at AS "takenAt", completeness, facts_digest AS "factsDigest", object_count AS "objectCount"
       FROM snapshot WHERE cluster_id = $1 ORDER BY seq DESC LIMIT 1`,
    [clusterId],
  );
  return found.rows[0] ?? null;
}

/** Keeps the cluster from being removed until the end of the transaction. */
async function requireCluster(client: pg.PoolClient, clusterId: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM cluster WHERE id = $1 FOR KEY SHARE', [clusterId]);
  if (found.rowCount === 0) throw new AppError('cluster.not_found', `there is no cluster with id \`${clusterId}\``);
}

/** Puts keys and hashes, not the facts, into a table of this connection that empties itself at the end. */
async function stage(client: pg.PoolClient, objects: readonly StagedObject[]): Promise<void> {
  await client.query(`SET LOCAL client_min_messages = warning`);
  await client.query(`
    CREATE TEMP TABLE IF NOT EXISTS atlas_stage (
      ord integer NOT NULL,
      kind text COLLATE "C" NOT NULL,
      namespace text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      hash text COLLATE "C" NOT NULL,
      gone boolean NOT NULL
    ) ON COMMIT DELETE ROWS`);
  const rows = objects.map(
    ({ kind, namespace, name, hash, fact }, ord) => [ord, kind, namespace, name, hash, fact === null] as const,
  );
  await copyRows(client, 'pg_temp.atlas_stage (ord, kind, namespace, name, hash, gone)', rows);
  if (rows.length >= ANALYZE_FROM) await client.query('ANALYZE pg_temp.atlas_stage');
}

const SAME_OBJECT = 'r.kind = s.kind AND r.namespace = s.namespace AND r.name = s.name';

/** Positions of the staged objects that are new or differ from what is stored. */
async function changedOrds(client: pg.PoolClient, clusterId: string): Promise<number[]> {
  const found = await client.query<{ ord: number }>(
    `SELECT s.ord FROM pg_temp.atlas_stage s
       LEFT JOIN object_revision r ON r.cluster_id = $1 AND ${SAME_OBJECT} AND r.valid_to_seq = ${String(OPEN_SEQ)}
      WHERE NOT s.gone AND r.hash IS DISTINCT FROM s.hash
      ORDER BY s.ord`,
    [clusterId],
  );
  return found.rows.map((row) => row.ord);
}

interface Closed {
  readonly count: number;
  /** Those of them that have no new content. */
  readonly gone: number;
  readonly digest: bigint;
}

const NONE_CLOSED: Closed = { count: 0, gone: 0, digest: 0n };

/** Runs an UPDATE of revisions `r` that ends them; `gone` is the SQL for whether a row has no new content. */
async function closing(
  client: pg.PoolClient,
  update: string,
  gone: string,
  values: readonly unknown[],
): Promise<Closed> {
  const closed = await client.query<{ count: number; gone: number; bits: string | null }>(
    `WITH closed AS (${update} RETURNING r.kind, r.namespace, r.name, r.hash, ${gone} AS gone)
     SELECT count(*)::int AS count, (count(*) FILTER (WHERE gone))::int AS gone,
            bit_xor(${elementSql('closed')})::text AS bits
       FROM closed`,
    [...values],
  );
  const row = closed.rows[0];
  return row === undefined ? NONE_CLOSED : { count: row.count, gone: row.gone, digest: fromBits(row.bits) };
}

/** Ends the revisions of staged objects that changed or are gone. */
function closeStaged(client: pg.PoolClient, clusterId: string, seq: number): Promise<Closed> {
  return closing(
    client,
    `UPDATE object_revision r SET valid_to_seq = $2 FROM pg_temp.atlas_stage s
      WHERE r.cluster_id = $1 AND ${SAME_OBJECT} AND r.valid_to_seq = ${String(OPEN_SEQ)} AND (s.gone OR s.hash <> r.hash)`,
    's.gone',
    [clusterId, seq],
  );
}

/** Ends the revisions of objects that a full list of their kind no longer has. */
function closeAbsent(client: pg.PoolClient, clusterId: string, seq: number, kinds: readonly string[]): Promise<Closed> {
  return closing(
    client,
    `UPDATE object_revision r SET valid_to_seq = $2
      WHERE r.cluster_id = $1 AND r.kind = ANY($3::text[]) AND r.valid_to_seq = ${String(OPEN_SEQ)}
        AND NOT EXISTS (SELECT 1 FROM pg_temp.atlas_stage s WHERE ${SAME_OBJECT} AND NOT s.gone)`,
    'true',
    [clusterId, seq, kinds],
  );
}

async function insertRevisions(
  client: pg.PoolClient,
  clusterId: string,
  seq: number,
  objects: readonly StagedObject[],
): Promise<bigint> {
  let digest = 0n;
  const rows = function* () {
    for (const { kind, namespace, name, uid, hash, manager, fact } of objects) {
      digest ^= elementDigest(kind, namespace, name, hash);
      yield [clusterId, kind, namespace, name, uid, hash, manager, fact ?? '', seq];
    }
  };
  const columns = 'cluster_id, kind, namespace, name, uid, hash, manager, fact, valid_from_seq';
  await copyRows(client, `object_revision (${columns})`, rows());
  return digest;
}

async function insertSnapshot(client: pg.PoolClient, clusterId: string, head: Head): Promise<void> {
  await client.query(
    `INSERT INTO snapshot (cluster_id, seq, taken_at, stored_at, completeness, facts_digest, digest, object_count)
     SELECT $1::uuid, $2::int, $3::timestamptz, greatest(clock_timestamp(), max(stored_at)), $4::jsonb, $5, $6, $7::int
       FROM snapshot WHERE cluster_id = $1 AND seq = $2 - 1`,
    [
      clusterId,
      head.seq,
      head.takenAt,
      JSON.stringify(head.completeness),
      head.factsDigest,
      snapshotDigest(head.factsDigest, head.completeness),
      head.objectCount,
    ],
  );
  // Sent by the server when the transaction commits, and not at all when it does not.
  await client.query('SELECT pg_notify($1, $2)', [SNAPSHOT_CHANNEL, `${clusterId}:${String(head.seq)}`]);
}

/** The completeness after a batch: what it names replaces what was said of that kind before. */
function mergedCompleteness(head: Head, batch: FactBatch): Record<string, KindCompleteness> {
  const merged: Record<string, KindCompleteness> = { ...head.completeness };
  for (const [kind, { complete, reason }] of Object.entries(batch.completeness)) {
    merged[columnText(kind)] = reason === undefined ? { complete } : { complete, reason: columnText(reason) };
  }
  return merged;
}

/** What a batch changes in what is stored. */
interface Changes {
  /** New or with new content. */
  readonly upserts: readonly StagedObject[];
  readonly closed: Closed;
}

/** Finds what differs from what is stored, and ends the revisions that it replaces. */
async function closeReplaced(
  client: pg.PoolClient,
  clusterId: string,
  seq: number,
  objects: readonly StagedObject[],
  replaced: readonly string[],
): Promise<Changes> {
  await stage(client, objects);
  const upserts = (await changedOrds(client, clusterId)).map((ord) => objects[ord] as StagedObject);
  const staged = await closeStaged(client, clusterId, seq);
  const absent = replaced.length === 0 ? NONE_CLOSED : await closeAbsent(client, clusterId, seq, replaced);
  const closed = {
    count: staged.count + absent.count,
    gone: staged.gone + absent.gone,
    digest: staged.digest ^ absent.digest,
  };
  return { upserts, closed };
}

/** Writes one batch in the transaction of `client`; the caller holds the cluster's lock by then. */
export async function mergeBatch(client: pg.PoolClient, clusterId: string, batch: FactBatch): Promise<PersistResult> {
  await requireCluster(client, clusterId);
  const found = await readHead(client, clusterId);
  const head = found ?? EMPTY_HEAD;
  const seq = head.seq + 1;
  const objects = stagedObjects(batch);
  // With no snapshot there is nothing to compare with.
  const { upserts, closed } =
    found === null
      ? { upserts: objects.filter(({ fact }) => fact !== null), closed: NONE_CLOSED }
      : await closeReplaced(client, clusterId, seq, objects, batch.replace.map(columnText));
  const completeness = mergedCompleteness(head, batch);
  const isSame = upserts.length + closed.count === 0;
  if (found !== null && isSame && completenessText(completeness) === completenessText(head.completeness)) {
    return { seq: head.seq, changed: 0, created: false };
  }
  const added = await insertRevisions(client, clusterId, seq, upserts);
  await insertSnapshot(client, clusterId, {
    seq,
    // A clock that steps back must not make a later state look earlier.
    takenAt: batch.takenAt > head.takenAt ? batch.takenAt : head.takenAt,
    completeness,
    factsDigest: changeDigest(head.factsDigest, added ^ closed.digest),
    objectCount: head.objectCount + upserts.length - closed.count,
  });
  // An object whose content changed was closed and added, and counts once.
  return { seq, changed: upserts.length + closed.gone, created: true };
}
