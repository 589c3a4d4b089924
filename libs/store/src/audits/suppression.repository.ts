import type pg from 'pg';
import { AppError } from '#contracts';
import { currentAccess, type Access } from '#access';
import { clusterFilter, parameters } from '../access-filter.js';
import type { Database } from '../database.js';
import { ascending, idKey, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import type { NewSuppression, SuppressionRecord } from './audit-record.js';
import { UUID } from '../uuid.js';

const COLUMNS = `id, cluster_id AS "clusterId", fingerprint, check_id AS "checkId", namespace, owner, reason, requester,
  created_at AS "createdAt", expires_at AS "expiresAt"`;

/** The suppression that speaks for a finding `f` now; of several the one that lasts longest. */
export const ACTIVE_SUPPRESSION = `SELECT id, owner, reason, expires_at FROM finding_suppression s
  WHERE s.expires_at > now() AND (s.cluster_id IS NULL OR s.cluster_id = f.cluster_id)
    AND (s.fingerprint = f.fingerprint OR s.check_id = f.check_id) AND (s.namespace IS NULL OR s.namespace = f.namespace)
  ORDER BY s.expires_at DESC LIMIT 1`;

export const SUPPRESSION_ORDER: ListOrder<SuppressionRecord, 'expiresAt' | 'createdAt' | 'owner' | 'id'> = {
  keys: {
    expiresAt: timeKey('expires_at', (suppression) => suppression.expiresAt),
    createdAt: timeKey('created_at', (suppression) => suppression.createdAt),
    owner: textKey('owner', (suppression) => suppression.owner),
    id: idKey('id', (suppression) => suppression.id),
  },
  natural: ascending('expiresAt', 'id'),
};

type Row = SuppressionRecord & pg.QueryResultRow;

/** Findings that somebody accepted for a time. */
export class SuppressionRepository {
  /** `access` is asked when they are looked at: those of clusters that it does not show do not exist for who asks. */
  constructor(
    private readonly database: Database,
    private readonly access: () => Access = currentAccess,
  ) {}

  async add(suppression: NewSuppression): Promise<SuppressionRecord> {
    const { clusterId, fingerprint, checkId, namespace, owner, reason, requester, expiresAt } = suppression;
    const { rows } = await this.database.query<Row>(
      `INSERT INTO finding_suppression (cluster_id, fingerprint, check_id, namespace, owner, reason, requester, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
      [clusterId, fingerprint, checkId, namespace, owner, reason, requester, expiresAt],
    );
    return rows[0] as Row;
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<SuppressionRecord> {
    const found = UUID.test(id) ? await this.#select([id], 'id = $1::text::uuid', '') : [];
    if (found[0] === undefined) throw notFound(id);
    return found[0];
  }

  /** Of a cluster and of every cluster, or all of them. */
  list(clusterId: string | null, withExpired: boolean, keyset: Keyset): Promise<SuppressionRecord[]> {
    const { values, bind } = parameters(clusterId, withExpired);
    const { where, tail } = keysetSql(keyset, bind);
    return this.#select(
      values,
      `($1::uuid IS NULL OR cluster_id IS NULL OR cluster_id = $1) AND ($2 OR expires_at > now()) AND ${where}`,
      tail,
    );
  }

  /** Throws `not_found`. */
  async remove(id: string): Promise<void> {
    const { id: known } = await this.get(id);
    await this.database.query('DELETE FROM finding_suppression WHERE id = $1', [known]);
  }

  async #select(given: readonly unknown[], where: string, tail: string): Promise<SuppressionRecord[]> {
    const { values, bind } = parameters(...given);
    const shown = `(cluster_id IS NULL OR cluster_id IN (SELECT id FROM cluster WHERE ${clusterFilter(this.access(), bind)}))`;
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM finding_suppression WHERE ${where} AND ${shown} ${tail}`,
      values,
    );
    return rows;
  }
}

function notFound(id: string): AppError {
  return new AppError('not_found', `there is no suppression \`${id}\`, list the suppressions to see their ids`);
}
