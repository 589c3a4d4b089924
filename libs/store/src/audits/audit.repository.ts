import { createHash } from 'node:crypto';
import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import { clusterFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { columnText } from '../fact-json.js';
import {
  ascending,
  descending,
  idKey,
  keysetSql,
  numberKey,
  textKey,
  timeKey,
  type Keyset,
  type ListOrder,
} from '../keyset.js';
import type {
  AuditReportRecord,
  FindingChanges,
  FindingFilter,
  FindingRecord,
  FindingTally,
  NewAuditReport,
  NewFinding,
} from './audit-record.js';
import { ACTIVE_SUPPRESSION } from './suppression.repository.js';
import { UUID } from '../uuid.js';

/** First key of the advisory locks that order the reports of one cluster; the second is made of its id. */
const AUDIT_LOCK = 402_118;
/** End of a finding that still holds. */
const OPEN = 2_147_483_647;

const REPORT_COLUMNS = `cluster_id AS "clusterId", number, id, seq, taken_at AS "takenAt", completeness,
  engine_version AS "engineVersion", checks, failing, requester, created_at AS "createdAt"`;
const FINDING_COLUMNS = `f.fingerprint, f.check_id AS "checkId", f.severity, f.namespace, f.kind, f.name, f.mentions,
  f.detail, f.first_number AS "firstNumber", f.first_seen_at AS "firstSeenAt", s.id AS "suppressionId",
  s.owner, s.reason, s.expires_at AS "expiresAt"`;
export const AUDIT_ORDER: ListOrder<AuditReportRecord, 'createdAt' | 'id'> = {
  keys: {
    createdAt: timeKey('created_at', (report) => report.createdAt),
    id: idKey('id', (report) => report.id),
  },
  natural: descending('createdAt', 'id'),
};
type FindingKey = 'severity' | 'check' | 'namespace' | 'kind' | 'name' | 'firstSeenAt' | 'fingerprint';
/** By weight, check and object. */
export const FINDING_ORDER: ListOrder<FindingRecord, FindingKey> = {
  keys: {
    severity: numberKey('f.severity', (finding) => finding.severity),
    check: textKey('f.check_id', (finding) => finding.checkId),
    namespace: textKey('f.namespace', (finding) => finding.namespace),
    kind: textKey('f.kind', (finding) => finding.kind),
    name: textKey('f.name', (finding) => finding.name),
    firstSeenAt: timeKey('f.first_seen_at', (finding) => finding.firstSeenAt),
    fingerprint: textKey('f.fingerprint', (finding) => finding.fingerprint),
  },
  natural: ascending('severity', 'check', 'namespace', 'kind', 'name', 'fingerprint'),
};

/** Which findings a report has, in SQL over `f`, with the report's number as $2. */
const STATES: Readonly<Record<FindingFilter['state'], string>> = {
  current: `f.valid_from <= $2 AND f.valid_to > $2
    AND f.check_id = ANY((SELECT failing FROM audit_report r WHERE r.cluster_id = $1 AND r.number = $2)::text[])`,
  new: 'f.valid_from = $2 AND f.first_number = $2',
  resolved: `f.valid_to = $2 AND NOT EXISTS (SELECT 1 FROM audit_finding g
    WHERE g.cluster_id = f.cluster_id AND g.fingerprint = f.fingerprint AND g.valid_from = $2)`,
};

interface FindingRow extends pg.QueryResultRow, Omit<FindingRecord, 'suppression'> {
  readonly suppressionId: string | null;
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: Date;
}

function toFinding({ suppressionId, owner, reason, expiresAt, ...finding }: FindingRow): FindingRecord {
  const suppression = suppressionId === null ? null : { id: suppressionId, owner, reason, expiresAt };
  return { ...finding, suppression };
}

/** Audit reports and their findings. A finding is stored once for all reports in a row that have it. */
export class AuditRepository {
  /** `access` is asked when reports are looked at: those of clusters that it does not show do not exist for who asks. */
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  /**
   * Stores a report in a transaction of the caller's. Findings that the last report had already cost nothing; those of
   * settled checks that are gone are closed. Gives the report's number.
   */
  async save(client: pg.PoolClient, report: NewAuditReport, findings: readonly NewFinding[]): Promise<number> {
    await client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [AUDIT_LOCK, report.clusterId]);
    const last = await client.query<{ number: number }>(
      'SELECT COALESCE(max(number), 0)::int AS number FROM audit_report WHERE cluster_id = $1',
      [report.clusterId],
    );
    const number = (last.rows[0]?.number ?? 0) + 1;
    await mergeFindings(client, report, number, findings);
    await client.query(
      `INSERT INTO audit_report (cluster_id, number, id, seq, taken_at, completeness, engine_version, checks, failing,
           requester) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        report.clusterId,
        number,
        report.id,
        report.seq,
        report.takenAt,
        JSON.stringify(report.completeness),
        report.engineVersion,
        JSON.stringify(report.checks),
        report.failing,
        report.requester,
      ],
    );
    return number;
  }

  /** The report of a job; null when there is none. */
  async find(id: string): Promise<AuditReportRecord | null> {
    const found = UUID.test(id) ? await this.#reports([id], 'id = $1::text::uuid', 'LIMIT 1') : [];
    return found[0] ?? null;
  }

  /** The newest report of a cluster; null when there is none. */
  async latest(clusterId: string): Promise<AuditReportRecord | null> {
    const found = await this.#reports([clusterId], 'cluster_id = $1', 'ORDER BY number DESC LIMIT 1');
    return found[0] ?? null;
  }

  /** Reports of a cluster, or of all. */
  list(clusterId: string | null, keyset: Keyset): Promise<AuditReportRecord[]> {
    const { values, bind } = parameters(clusterId);
    const { where, tail } = keysetSql(keyset, bind);
    return this.#reports(values, `($1::uuid IS NULL OR cluster_id = $1) AND ${where}`, tail);
  }

  /** In a transaction by its `client`. */
  async findings(
    filter: FindingFilter,
    keyset: Keyset,
    client: Pick<Database, 'query'> = this.database,
  ): Promise<FindingRecord[]> {
    const { values, bind } = parameters(filter.clusterId, filter.number);
    const { where: stretch, tail } = keysetSql(keyset, bind);
    const where = ['f.cluster_id = $1', STATES[filter.state], stretch];
    if (filter.checks !== undefined) where.push(`f.check_id = ANY(${bind(filter.checks)}::text[])`);
    if (filter.severities !== undefined) where.push(`f.severity = ANY(${bind(filter.severities)}::smallint[])`);
    if (filter.namespaces !== undefined) where.push(`f.namespace = ANY(${bind(filter.namespaces)}::text[])`);
    if (filter.fingerprint !== undefined) where.push(`f.fingerprint = ${bind(filter.fingerprint)}`);
    if (filter.suppressed !== 'include') where.push(`s.id IS ${filter.suppressed === 'only' ? 'NOT ' : ''}NULL`);
    const { rows } = await client.query<FindingRow>(
      `SELECT ${FINDING_COLUMNS} FROM audit_finding f LEFT JOIN LATERAL (${ACTIVE_SUPPRESSION}) s ON true
         WHERE ${where.join(' AND ')} ${tail}`,
      values,
    );
    return rows.map(toFinding);
  }

  /**
   * What a report closed of findings that weigh one of `severities`, where none that counts is left of those that one
   * report had first. The worst come first.
   */
  async over(
    client: pg.PoolClient,
    clusterId: string,
    number: number,
    severities: readonly number[],
  ): Promise<FindingRecord[]> {
    const rows = `audit_finding f LEFT JOIN LATERAL (${ACTIVE_SUPPRESSION}) s ON true
      WHERE f.cluster_id = $1 AND f.severity = ANY($3::smallint[])`;
    const found = await client.query<FindingRow>(
      `WITH open AS (SELECT f.fingerprint, f.first_number, s.id AS suppressed_by FROM ${rows} AND f.valid_to = $4)
         SELECT ${FINDING_COLUMNS} FROM ${rows} AND f.valid_to = $2 AND NOT EXISTS (SELECT 1 FROM open o
             WHERE o.first_number = f.first_number AND (o.suppressed_by IS NULL OR o.fingerprint = f.fingerprint))
           ORDER BY f.severity, f.check_id, f.fingerprint`,
      [clusterId, number, severities, OPEN],
    );
    return found.rows.map(toFinding);
  }

  /** How many findings reports have, by report, check, namespace and weight. */
  async tally(clusterId: string, numbers: readonly number[]): Promise<FindingTally[]> {
    const { rows } = await this.database.query<FindingTally & pg.QueryResultRow>(
      `SELECT r.number, f.check_id AS "checkId", f.namespace, f.severity,
           count(*) FILTER (WHERE s.id IS NULL)::int AS active, count(s.id)::int AS suppressed
         FROM audit_report r JOIN audit_finding f ON f.cluster_id = r.cluster_id AND f.valid_from <= r.number
           AND f.valid_to > r.number AND f.check_id = ANY(r.failing)
         LEFT JOIN LATERAL (${ACTIVE_SUPPRESSION}) s ON true
         WHERE r.cluster_id = $1 AND r.number = ANY($2::int[]) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
      [clusterId, numbers],
    );
    return rows;
  }

  /** What reports have that those before them had not, and what only those before them had. */
  async changes(clusterId: string, numbers: readonly number[]): Promise<FindingChanges[]> {
    const { rows } = await this.database.query<FindingChanges & pg.QueryResultRow>(
      `SELECT number, check_id AS "checkId", namespace, count(*) FILTER (WHERE added)::int AS added,
           count(*) FILTER (WHERE NOT added)::int AS resolved
         FROM (
           SELECT valid_from AS number, check_id, namespace, true AS added FROM audit_finding
             WHERE cluster_id = $1 AND valid_from = ANY($2::int[]) AND first_number = valid_from
           UNION ALL
           SELECT valid_to, check_id, namespace, false FROM audit_finding f
             WHERE cluster_id = $1 AND valid_to = ANY($2::int[]) AND NOT EXISTS (SELECT 1 FROM audit_finding g
               WHERE g.cluster_id = $1 AND g.fingerprint = f.fingerprint AND g.valid_from = f.valid_to)) moved
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      [clusterId, numbers],
    );
    return rows;
  }

  /** Fingerprints of everything that a cluster's last reports left open. */
  async openFingerprints(clusterId: string): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ fingerprint: string }>(
      'SELECT fingerprint FROM audit_finding WHERE cluster_id = $1 AND valid_to = $2',
      [clusterId, OPEN],
    );
    return new Set(rows.map((row) => row.fingerprint));
  }

  /** Namespaces that findings of a cluster are about, '' for those about none. */
  async namespacesOf(clusterId: string): Promise<string[]> {
    const { rows } = await this.database.query<{ namespace: string }>(
      'SELECT DISTINCT namespace FROM audit_finding WHERE cluster_id = $1 ORDER BY 1',
      [clusterId],
    );
    return rows.map((row) => row.namespace);
  }

  /** Namespaces that findings of a cluster are about, each with the first report that found something in it. */
  async firstFindings(clusterId: string): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.database.query<{ namespace: string; number: number }>(
      'SELECT namespace, min(valid_from) AS number FROM audit_finding WHERE cluster_id = $1 GROUP BY 1 ORDER BY 1',
      [clusterId],
    );
    return new Map(rows.map(({ namespace, number }) => [namespace, number]));
  }

  /** Deletes reports older than `keepDays` but the newest of each cluster, and findings that only they had. */
  async prune(keepDays: number): Promise<number> {
    const deleted = await this.database.query(
      `DELETE FROM audit_report r WHERE created_at < now() - $1 * interval '1 day'
         AND number < (SELECT max(number) FROM audit_report n WHERE n.cluster_id = r.cluster_id)`,
      [keepDays],
    );
    if ((deleted.rowCount ?? 0) > 0) {
      await this.database.query(
        `DELETE FROM audit_finding f USING (SELECT cluster_id, min(number) AS oldest FROM audit_report GROUP BY 1) kept
           WHERE kept.cluster_id = f.cluster_id AND f.valid_to <= kept.oldest`,
      );
    }
    return deleted.rowCount ?? 0;
  }

  async #reports(given: readonly unknown[], where: string, tail: string): Promise<AuditReportRecord[]> {
    const { values, bind } = parameters(...given);
    const shown = `cluster_id IN (SELECT id FROM cluster WHERE ${clusterFilter(this.access(), bind)})`;
    const { rows } = await this.database.query<AuditReportRecord>(
      `SELECT ${REPORT_COLUMNS} FROM audit_report WHERE ${where} AND ${shown} ${tail}`,
      values,
    );
    return rows;
  }
}

/** Closes what is gone or has changed, and opens what is new or has changed. */
async function mergeFindings(
  client: pg.PoolClient,
  report: NewAuditReport,
  number: number,
  findings: readonly NewFinding[],
): Promise<void> {
  await client.query(
    `WITH incoming AS MATERIALIZED (
       SELECT * FROM json_to_recordset($3::json) AS f(fingerprint text, hash text, check_id text, severity smallint,
         namespace text, kind text, name text, mentions json, detail json)),
     open AS MATERIALIZED (
       SELECT fingerprint, valid_from, hash, check_id, first_number, first_seen_at FROM audit_finding
         WHERE cluster_id = $1 AND valid_to = $5),
     ended AS (
       SELECT o.fingerprint, o.valid_from FROM open o LEFT JOIN incoming i USING (fingerprint)
         WHERE i.hash IS DISTINCT FROM o.hash AND (i.fingerprint IS NOT NULL OR o.check_id = ANY($4::text[]))),
     closed AS (
       UPDATE audit_finding f SET valid_to = $2 FROM ended
         WHERE f.cluster_id = $1 AND f.fingerprint = ended.fingerprint AND f.valid_from = ended.valid_from),
     fresh AS (
       SELECT i.*, o.first_number, o.first_seen_at FROM incoming i LEFT JOIN open o USING (fingerprint)
         WHERE o.hash IS DISTINCT FROM i.hash)
     INSERT INTO audit_finding (cluster_id, fingerprint, valid_from, hash, check_id, severity, namespace, kind, name,
         mentions, first_number, first_seen_at, detail)
       SELECT $1, fingerprint, $2, hash, check_id, severity, namespace, kind, name,
           ARRAY(SELECT json_array_elements_text(mentions)), COALESCE(first_number, $2), COALESCE(first_seen_at, now()),
           detail FROM fresh`,
    [report.clusterId, number, JSON.stringify(findings.map(toRow)), report.settled, OPEN],
  );
}

function toRow({ checkId, detail, namespace, kind, name, ...finding }: NewFinding): Record<string, unknown> {
  const texts = { namespace: columnText(namespace), kind: columnText(kind), name: columnText(name) };
  const hash = createHash('sha256')
    .update(JSON.stringify([finding.severity, detail]))
    .digest('base64url');
  return { ...finding, ...texts, hash: hash.slice(0, 22), check_id: checkId, detail };
}
