import { currentAccess, type Access } from '#access';
import { AppError, type ClusterProblem, type ClusterSource, type ClusterState } from '#contracts';
import type { Secret } from '#config';
import { nearNames, type CniDetection } from '#engine';
import { ascending, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from './keyset.js';
import type { ClusterPatch, ClusterRecord, ClusterReport, ClusterUpload, NewCluster } from './cluster-record.js';
import { clusterFilter, parameters } from './access-filter.js';
import { CredentialSeal } from './credential-seal.js';
import type { Database } from './database.js';
import { columnText, storableJson } from './fact-json.js';
import { Prisma, type Cluster } from './generated/client.js';
import { removeJobsOf } from './jobs/settle-flow.js';
import { type ClusterLease, leaseLost } from './lease.repository.js';
import { lockCluster } from './snapshot-merge.js';
import { withStoreErrors } from './store-error.js';
import { UUID } from './uuid.js';

/** Columns of `cluster` as `toClusterRecord` reads them. */
export const CLUSTER_COLUMNS = `id, name, source, paused, state, message, problems, cni, counts,
  resync_requested_at AS "resyncRequestedAt", last_synced_at AS "lastSyncedAt",
  created_at AS "createdAt", updated_at AS "updatedAt"`;

export const CLUSTER_ORDER: ListOrder<ClusterRecord, 'name' | 'state' | 'createdAt' | 'lastSyncedAt'> = {
  keys: {
    name: textKey('name', (cluster) => cluster.name),
    state: textKey('state', (cluster) => cluster.state),
    createdAt: timeKey('created_at', (cluster) => cluster.createdAt),
    lastSyncedAt: timeKey(`COALESCE(last_synced_at, 'infinity')`, (cluster) => cluster.lastSyncedAt),
  },
  natural: ascending('name'),
};

export function toClusterRecord(row: Cluster): ClusterRecord {
  return {
    id: row.id,
    name: row.name,
    source: row.source as ClusterSource,
    paused: row.paused,
    state: row.state as ClusterState,
    message: row.message,
    problems: row.problems as unknown as ClusterProblem[],
    resyncRequestedAt: row.resyncRequestedAt,
    lastSyncedAt: row.lastSyncedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    cni: row.cni as CniDetection | null,
    counts: row.counts as Record<string, number>,
  };
}

function json(value: unknown): Prisma.InputJsonValue {
  return storableJson(value) as Prisma.InputJsonValue;
}

function toData(patch: ClusterPatch): Prisma.ClusterUpdateInput {
  const { source, problems, cni, counts, message, ...plain } = patch;
  return {
    ...plain,
    ...(message === undefined ? {} : { message: columnText(message) }),
    ...(source === undefined ? {} : { source: json(source) }),
    ...(problems === undefined ? {} : { problems: json(problems) }),
    ...(counts === undefined ? {} : { counts: json(counts) }),
    ...(cni === undefined ? {} : { cni: cni === null ? Prisma.DbNull : json(cni) }),
  };
}

const plain = (value: unknown): unknown => value;
const jsonText = (value: unknown): unknown => (value === null ? null : JSON.stringify(storableJson(value)));
/** How each field of a report is written. */
const REPORT_COLUMNS: Record<keyof ClusterReport, { column: string; write: (value: unknown) => unknown }> = {
  state: { column: 'state', write: plain },
  message: { column: 'message', write: (value) => columnText(value as string) },
  problems: { column: 'problems', write: jsonText },
  lastSyncedAt: { column: 'last_synced_at', write: plain },
  cni: { column: 'cni', write: jsonText },
  counts: { column: 'counts', write: jsonText },
};

/** Which clusters a text, `$1`, may mean: an id comes before a name that looks like one. */
export function namedBy(idOrName: string): { readonly where: string; readonly order: string } {
  return {
    where: UUID.test(idOrName) ? '(id = $1::text::uuid OR name = $1)' : 'name = $1',
    order: 'ORDER BY id::text = lower($1) DESC',
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === code;
}

/** Names that are looked through for those like one that is not there. */
const NAMES_LOOKED_THROUGH = 1_000;

/**
 * Clusters, their sealed kubeconfigs and their uploads. Every change is announced on channel `atlas_cluster`. What is
 * read by name or listed is what `access` shows: a cluster that it does not show does not exist for who asks.
 */
export class ClusterRepository {
  readonly #seal: CredentialSeal;

  /** `secretKey` null: kubeconfigs given as text are refused. `access` is asked at every read. */
  constructor(
    private readonly database: Database,
    secretKey: Secret | null,
    private readonly access: () => Access = currentAccess,
  ) {
    this.#seal = new CredentialSeal(secretKey);
  }

  /** Adds a cluster. Throws `cluster.exists` when the name is taken. */
  async create(cluster: NewCluster): Promise<ClusterRecord> {
    const id = globalThis.crypto.randomUUID();
    const { credentials } = cluster;
    const sealed = credentials === undefined ? undefined : new Uint8Array(this.#seal.seal(credentials, id));
    try {
      const row = await withStoreErrors(() =>
        this.database.prisma.cluster.create({
          data: {
            id,
            name: cluster.name,
            source: json(cluster.source),
            ...(sealed === undefined ? {} : { credential: { create: { sealed } } }),
          },
        }),
      );
      return toClusterRecord(row);
    } catch (error) {
      if (!hasCode(error, 'P2002')) throw error;
      throw new AppError('cluster.exists', `there is a cluster \`${cluster.name}\` already, choose another name`, {
        cause: error,
      });
    }
  }

  /** The cluster with this id, else the one with this name. Throws `cluster.not_found`. */
  async get(idOrName: string): Promise<ClusterRecord> {
    const record = await this.find(idOrName);
    if (record === null) throw await this.notFound(idOrName);
    return record;
  }

  /** A cluster that is not there, or not for who asks: with the names like it that are. */
  async notFound(idOrName: string): Promise<AppError> {
    const { values, bind } = parameters(NAMES_LOOKED_THROUGH);
    const shown = clusterFilter(this.access(), bind);
    const { rows } = await this.database.query<{ name: string }>(
      `SELECT name FROM cluster WHERE ${shown} ORDER BY name LIMIT $1`,
      values,
    );
    const near = nearNames(
      idOrName,
      rows.map(({ name }) => name),
    );
    const detail = `there is no cluster \`${idOrName}\`, list the clusters to see their names`;
    return new AppError('cluster.not_found', detail, { details: { near } });
  }

  /** As `get`, but null when there is none. */
  async find(idOrName: string): Promise<ClusterRecord | null> {
    if (idOrName.includes('\0')) return null;
    const { where, order } = namedBy(idOrName);
    const rows = await this.select([idOrName], where, `${order} LIMIT 1`);
    return rows[0] ?? null;
  }

  list(keyset: Keyset): Promise<ClusterRecord[]> {
    const { values, bind } = parameters();
    const { where, tail } = keysetSql(keyset, bind);
    return this.select(values, where, tail);
  }

  /** Every cluster in order of name: for the processes that look after all of them. */
  async all(): Promise<ClusterRecord[]> {
    return this.select([], 'TRUE', 'ORDER BY name');
  }

  /** Rows that `where` and the access hold for. */
  private async select(first: readonly unknown[], where: string, rest: string): Promise<ClusterRecord[]> {
    const { values, bind } = parameters(...first);
    const shown = clusterFilter(this.access(), bind);
    const found = await this.database.query<Cluster>(
      `SELECT ${CLUSTER_COLUMNS} FROM cluster WHERE ${where} AND ${shown} ${rest}`,
      values,
    );
    return found.rows.map(toClusterRecord);
  }

  /** Changes what `patch` names. Throws `cluster.not_found`. */
  async update(id: string, patch: ClusterPatch): Promise<ClusterRecord> {
    if (!UUID.test(id)) throw await this.notFound(id);
    try {
      const row = await withStoreErrors(() =>
        this.database.prisma.cluster.update({ where: { id }, data: toData(patch) }),
      );
      return toClusterRecord(row);
    } catch (error) {
      throw hasCode(error, 'P2025') ? await this.notFound(id) : error;
    }
  }

  /** Writes what the holder of a lease knows. Throws `cluster.lease_lost` when another has the cluster, or it is gone. */
  async report(lease: ClusterLease, report: ClusterReport): Promise<void> {
    const values: unknown[] = [lease.clusterId, lease.epoch];
    const assignments = Object.entries(report).map(([field, value]) => {
      const { column, write } = REPORT_COLUMNS[field as keyof ClusterReport];
      return `${column} = $${String(values.push(write(value)))}`;
    });
    // The lease's row is locked until the update is done, so that whoever takes it over writes later.
    const written = await this.database.query(
      `WITH held AS (SELECT cluster_id FROM cluster_lease WHERE cluster_id = $1 AND epoch = $2 FOR KEY SHARE)
       UPDATE cluster SET ${['updated_at = now()', ...assignments].join(', ')} FROM held WHERE cluster.id = held.cluster_id`,
      values,
    );
    if (written.rowCount === 0) throw leaseLost(lease);
  }

  /** Keeps how far a cluster was read; everything up to there must be stored. Throws `cluster.lease_lost`. */
  async savePositions(lease: ClusterLease, positions: unknown): Promise<void> {
    const written = await this.database.query(
      `WITH held AS (SELECT cluster_id FROM cluster_lease WHERE cluster_id = $1 AND epoch = $2 FOR KEY SHARE)
       INSERT INTO cluster_position (cluster_id, positions) SELECT cluster_id, $3 FROM held
       ON CONFLICT (cluster_id) DO UPDATE SET positions = excluded.positions`,
      [lease.clusterId, lease.epoch, JSON.stringify(storableJson(positions))],
    );
    if (written.rowCount === 0) throw leaseLost(lease);
  }

  /** Removes a cluster with everything that is stored of it. Throws `cluster.not_found`. */
  async remove(id: string): Promise<void> {
    if (!UUID.test(id)) throw await this.notFound(id);
    const removed = await this.database.transaction(async (client) => {
      // A batch that is being persisted ends first; one that comes later finds no cluster.
      await lockCluster(client, id);
      await removeJobsOf(client, id);
      const { rowCount } = await client.query('DELETE FROM cluster WHERE id = $1', [id]);
      if (rowCount !== 0) await client.query('DELETE FROM object_revision WHERE cluster_id = $1', [id]);
      return rowCount;
    });
    if (removed === 0) throw await this.notFound(id);
  }

  /** The kubeconfig that was given as text; null when none was. Throws `cluster.credentials_invalid`. */
  async loadCredentials(id: string): Promise<Secret | null> {
    const row = await withStoreErrors(() =>
      this.database.prisma.clusterCredential.findUnique({ where: { clusterId: id } }),
    );
    return row === null ? null : this.#seal.open(row.sealed, id);
  }

  /** Keeps `bytes` in the place of an earlier upload, and asks for a new read. Throws `cluster.not_found`. */
  async saveUpload(id: string, bytes: Uint8Array, contentType: string): Promise<void> {
    // Binary as it is: many megabytes in Prisma's words take longer than it grants a transaction.
    const written = await this.database.query(
      `WITH asked AS (
         UPDATE cluster SET resync_requested_at = $2, updated_at = $2 WHERE id = $1 RETURNING id
       )
       INSERT INTO cluster_upload (cluster_id, uploaded_at, content_type, bytes) SELECT id, $2, $3, $4 FROM asked
       ON CONFLICT (cluster_id) DO UPDATE
       SET uploaded_at = excluded.uploaded_at, content_type = excluded.content_type, bytes = excluded.bytes`,
      [id, new Date(), contentType, Buffer.from(bytes)],
    );
    if (written.rowCount === 0) throw await this.notFound(id);
  }

  /** What was last uploaded; null when nothing was. */
  async loadUpload(id: string): Promise<ClusterUpload | null> {
    const row = await withStoreErrors(() =>
      this.database.prisma.clusterUpload.findUnique({ where: { clusterId: id } }),
    );
    return row === null ? null : { bytes: row.bytes, contentType: row.contentType, uploadedAt: row.uploadedAt };
  }
}
