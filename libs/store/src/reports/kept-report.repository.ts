import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import { AppError, type KindCompleteness, type ReportFormat } from '#contracts';
import { clusterFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { descending, idKey, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import { UUID } from '../uuid.js';

/** One finding, as two reports are compared by. */
export interface ReportedFinding {
  readonly fingerprint: string;
  readonly check: string;
  readonly severity: string;
  readonly title: string;
  /** As `NetworkPolicy shop/web`. */
  readonly place: string;
}

/** One form of a report, without its bytes. */
export interface ReportFileRecord {
  readonly format: ReportFormat;
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly size: number;
}

export interface KeptReportRecord {
  readonly id: string;
  readonly clusterId: string;
  readonly cluster: string;
  readonly auditId: string;
  /** Null for every check. */
  readonly framework: string | null;
  readonly seq: number;
  readonly takenAt: Date;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
  readonly engineVersion: string;
  readonly score: number | null;
  readonly findingCount: number;
  /** SHA-256 over the whole content, as hex: the same in every form. */
  readonly digest: string;
  /** Ed25519 over the text of the digest, as base64; null without a key. */
  readonly signature: string | null;
  readonly requester: string;
  readonly createdAt: Date;
  readonly files: readonly ReportFileRecord[];
}

export interface NewReportFile extends Omit<ReportFileRecord, 'size'> {
  readonly bytes: Uint8Array;
}
export type NewKeptReport = Omit<KeptReportRecord, 'cluster' | 'createdAt' | 'findingCount' | 'files'> & {
  readonly findings: readonly ReportedFinding[];
  readonly files: readonly NewReportFile[];
};

const COLUMNS = `r.id, r.cluster_id AS "clusterId", cluster.name AS cluster, r.audit_id AS "auditId", r.framework, r.seq,
  r.taken_at AS "takenAt", r.completeness, r.engine_version AS "engineVersion", r.score,
  json_array_length(r.findings) AS "findingCount", r.digest, r.signature, r.requester, r.created_at AS "createdAt",
  (SELECT json_agg(json_build_object('format', f.format, 'name', f.name, 'mediaType', f.media_type,
     'sha256', f.sha256, 'size', length(f.bytes)) ORDER BY f.format) FROM kept_report_file f
     WHERE f.cluster_id = r.cluster_id AND f.report_id = r.id) AS files`;

export const REPORT_ORDER: ListOrder<KeptReportRecord, 'createdAt' | 'cluster' | 'framework' | 'id'> = {
  keys: {
    createdAt: timeKey('r.created_at', (report) => report.createdAt),
    cluster: textKey('cluster.name', (report) => report.cluster),
    framework: textKey(`COALESCE(r.framework, '')`, (report) => report.framework ?? ''),
    id: idKey('r.id', (report) => report.id),
  },
  natural: descending('createdAt', 'id'),
};

type Row = KeptReportRecord & pg.QueryResultRow;

/** Reports that are kept. Each tells of all of its cluster, so it exists for those alone who see the whole of that. */
export class KeptReportRepository {
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  /** Stores a report with its forms in a transaction of the caller's. */
  async save(client: pg.PoolClient, report: NewKeptReport): Promise<void> {
    await client.query(
      `INSERT INTO kept_report (id, cluster_id, audit_id, framework, seq, taken_at, completeness, engine_version, score,
           findings, digest, signature, requester) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        report.id,
        report.clusterId,
        report.auditId,
        report.framework,
        report.seq,
        report.takenAt,
        JSON.stringify(report.completeness),
        report.engineVersion,
        report.score,
        JSON.stringify(report.findings),
        report.digest,
        report.signature,
        report.requester,
      ],
    );
    for (const { format, name, mediaType, sha256, bytes } of report.files) {
      await client.query(
        `INSERT INTO kept_report_file (cluster_id, report_id, format, name, media_type, sha256, bytes)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [report.clusterId, report.id, format, name, mediaType, sha256, Buffer.from(bytes)],
      );
    }
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<KeptReportRecord> {
    const [found] = UUID.test(id) ? await this.#select([id], 'r.id = $1::text::uuid', '') : [];
    if (found !== undefined) return found;
    throw notFound(id);
  }

  /** Of one cluster, or of all when null. */
  list(clusterId: string | null, keyset: Keyset): Promise<KeptReportRecord[]> {
    const { values, bind } = parameters(clusterId);
    const { where, tail } = keysetSql(keyset, bind);
    return this.#select(values, `($1::uuid IS NULL OR r.cluster_id = $1) AND ${where}`, tail);
  }

  /** The report of the same cluster and framework that was made before this one; null when there is none. */
  async before({ id, clusterId, framework, createdAt }: KeptReportRecord): Promise<KeptReportRecord | null> {
    const [found] = await this.#select(
      [clusterId, framework, createdAt, id],
      'r.cluster_id = $1 AND r.framework IS NOT DISTINCT FROM $2 AND (r.created_at, r.id) < ($3, $4::uuid)',
      'ORDER BY r.created_at DESC, r.id DESC LIMIT 1',
    );
    return found ?? null;
  }

  /** What a report found; that may be much, so no list reads it. Throws `not_found` when it was deleted just now. */
  async findings({ clusterId, id }: KeptReportRecord): Promise<readonly ReportedFinding[]> {
    const { rows } = await this.database.query<{ findings: ReportedFinding[] }>(
      'SELECT findings FROM kept_report WHERE cluster_id = $1 AND id = $2',
      [clusterId, id],
    );
    if (rows[0] === undefined) throw notFound(id);
    return rows[0].findings;
  }

  /** The bytes of one form; null when the report was not made in it. */
  async bytes(id: string, format: string): Promise<Uint8Array | null> {
    const { rows } = await this.database.query<{ bytes: Buffer }>(
      `SELECT f.bytes FROM kept_report r JOIN kept_report_file f ON f.cluster_id = r.cluster_id AND f.report_id = r.id
         WHERE r.id = $1 AND f.format = $2`,
      [id, format],
    );
    return rows[0]?.bytes ?? null;
  }

  async remove(id: string): Promise<void> {
    await this.database.query('DELETE FROM kept_report WHERE id = $1', [id]);
  }

  /** Deletes reports that are older than `keepDays`. */
  async prune(keepDays: number): Promise<void> {
    await this.database.query(`DELETE FROM kept_report WHERE created_at < now() - $1 * interval '1 day'`, [keepDays]);
  }

  async #select(given: readonly unknown[], where: string, tail: string): Promise<KeptReportRecord[]> {
    const { values, bind } = parameters(...given);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM kept_report r JOIN cluster ON cluster.id = r.cluster_id
         WHERE ${where} AND ${clusterFilter(this.access().whole, bind)} ${tail}`,
      values,
    );
    return rows;
  }
}

function notFound(id: string): AppError {
  return new AppError('not_found', `there is no report \`${id}\`, list the reports to see their ids`);
}
