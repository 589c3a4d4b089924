import type { Grant } from '#access';
import type { Database } from '../database.js';
import { columnText } from '../fact-json.js';
import { UUID } from '../uuid.js';

/** A token as it is kept: without the token. */
export interface ApiTokenRecord {
  readonly id: string;
  readonly name: string;
  /** Subject of who made it. */
  readonly owner: string;
  readonly grants: readonly Grant[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** The token that takes its place. */
  readonly rotatedTo: string | null;
}

export type NewApiToken = Pick<ApiTokenRecord, 'name' | 'owner' | 'grants' | 'expiresAt'> & {
  readonly hash: Uint8Array;
};

const COLUMNS = `id, name, owner, grants, created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt", rotated_to AS "rotatedTo"`;
/** Uses closer together than this are noted once. */
const USE_NOTE_SECONDS = 60;

/** API tokens by their keyed hashes. */
export class ApiTokenRepository {
  constructor(private readonly database: Database) {}

  async create({ name, owner, hash, grants, expiresAt }: NewApiToken): Promise<ApiTokenRecord> {
    const { rows } = await this.database.query<ApiTokenRecord>(
      `INSERT INTO api_token (name, owner, hash, grants, expires_at) VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
      [columnText(name), columnText(owner), Buffer.from(hash), JSON.stringify(grants), expiresAt],
    );
    return rows[0] as ApiTokenRecord;
  }

  /** A token that is good now, with a note of its use; null when there is none with this hash. */
  async use(hash: Uint8Array): Promise<ApiTokenRecord | null> {
    const { rows } = await this.database.query<ApiTokenRecord>(
      `SELECT ${COLUMNS} FROM api_token WHERE hash = $1 AND revoked_at IS NULL AND expires_at > now()`,
      [Buffer.from(hash)],
    );
    const found = rows[0];
    if (found === undefined) return null;
    if (Date.now() - (found.lastUsedAt?.getTime() ?? 0) < USE_NOTE_SECONDS * 1_000) return found;
    await this.database.query(
      `UPDATE api_token SET last_used_at = now()
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - $2 * interval '1 s')`,
      [found.id, USE_NOTE_SECONDS],
    );
    return found;
  }

  /** The newest first; of one owner, or of all when null. */
  async list(owner: string | null): Promise<ApiTokenRecord[]> {
    const { rows } = await this.database.query<ApiTokenRecord>(
      `SELECT ${COLUMNS} FROM api_token WHERE $1::text IS NULL OR owner = $1 ORDER BY created_at DESC, id LIMIT 1000`,
      [owner],
    );
    return rows;
  }

  /** Null when there is none, or when it is not of this owner. */
  async find(id: string, owner: string | null): Promise<ApiTokenRecord | null> {
    if (!UUID.test(id)) return null;
    const { rows } = await this.database.query<ApiTokenRecord>(
      `SELECT ${COLUMNS} FROM api_token WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`,
      [id, owner],
    );
    return rows[0] ?? null;
  }

  async revoke(id: string): Promise<void> {
    await this.database.query('UPDATE api_token SET revoked_at = COALESCE(revoked_at, now()) WHERE id = $1', [id]);
  }

  /** Lets a token end soon, and says which one takes its place. */
  async replace(id: string, by: string, endsAt: Date): Promise<void> {
    await this.database.query(
      'UPDATE api_token SET rotated_to = $2, expires_at = LEAST(expires_at, $3) WHERE id = $1',
      [id, by, endsAt],
    );
  }
}
