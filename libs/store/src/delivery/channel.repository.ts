import type pg from 'pg';
import { currentAccess, type Access } from '#access';
import type { Secret } from '#config';
import { AppError, type ChannelEvent, type ChannelTarget, type ChannelType } from '#contracts';
import { clusterSetFilter, parameters } from '../access-filter.js';
import { CredentialSeal } from '../credential-seal.js';
import type { Database } from '../database.js';
import { ascending, keysetSql, textKey, timeKey, type Keyset, type ListOrder } from '../keyset.js';
import { namingOnce } from '../naming-once.js';
import { UUID } from '../uuid.js';

/** Somewhere that is told of things, without what gets one in. */
export interface ChannelRecord {
  readonly id: string;
  readonly name: string;
  readonly type: ChannelType;
  /** Where it leads, as far as that may be shown. */
  readonly outline: string;
  readonly events: readonly ChannelEvent[];
  /** Null for every cluster. */
  readonly clusterIds: readonly string[] | null;
  /** Names of those that there still are; null for every cluster. */
  readonly clusters: readonly string[] | null;
  readonly paused: boolean;
  readonly requester: string;
  readonly createdAt: Date;
}

/** What of a channel is set; the target and its outline go together. */
export interface ChannelSettings {
  readonly target: { readonly target: ChannelTarget; readonly outline: string };
  readonly events: readonly ChannelEvent[];
  readonly clusterIds: readonly string[] | null;
  readonly paused: boolean;
}

const COLUMNS = `c.id, c.name, c.type, c.outline, c.events, c.cluster_ids AS "clusterIds",
  CASE WHEN c.cluster_ids IS NOT NULL
    THEN ARRAY(SELECT k.name FROM cluster k WHERE k.id = ANY(c.cluster_ids) ORDER BY k.name) END AS clusters,
  c.paused, c.requester, c.created_at AS "createdAt"`;

export const CHANNEL_ORDER: ListOrder<ChannelRecord, 'name' | 'type' | 'createdAt'> = {
  keys: {
    name: textKey('c.name', (channel) => channel.name),
    type: textKey('c.type', (channel) => channel.type),
    createdAt: timeKey('c.created_at', (channel) => channel.createdAt),
  },
  natural: ascending('name'),
};

type Row = ChannelRecord & pg.QueryResultRow;

/** Channels. Their targets are sealed and leave through `open` alone. */
export class ChannelRepository {
  readonly #seal: CredentialSeal;

  /** `access` is asked when they are looked at: those of clusters that it does not show whole do not exist for who asks. */
  constructor(
    private readonly database: Database,
    secretKey: Secret | null,
    private readonly access: () => Access = currentAccess,
  ) {
    this.#seal = new CredentialSeal(secretKey);
  }

  /** Throws `conflict` when the name is taken. */
  async create(name: string, settings: ChannelSettings, requester: string): Promise<ChannelRecord> {
    const id = globalThis.crypto.randomUUID();
    const { target, events, clusterIds, paused } = settings;
    await namingOnce('channel', name, () =>
      this.database.query(
        `INSERT INTO channel (id, name, type, outline, sealed, events, cluster_ids, paused, requester)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          id,
          name,
          target.target.type,
          target.outline,
          this.#sealed(id, target.target),
          events,
          clusterIds,
          paused,
          requester,
        ],
      ),
    );
    return this.get(id);
  }

  /** The channel with this id, else the one with this name. Throws `not_found`. */
  async get(idOrName: string): Promise<ChannelRecord> {
    const [found] = await this.#select([idOrName], UUID.test(idOrName) ? 'c.id = $1::text::uuid' : 'c.name = $1', '');
    if (found !== undefined) return found;
    throw new AppError('not_found', `there is no channel \`${idOrName}\`, list the channels to see their names`);
  }

  list(keyset: Keyset): Promise<ChannelRecord[]> {
    const { values, bind } = parameters();
    const { where, tail } = keysetSql(keyset, bind);
    return this.#select(values, where, tail);
  }

  /** Sets what is given; the rest stays. */
  async update(id: string, { target, events, clusterIds, paused }: Partial<ChannelSettings>): Promise<ChannelRecord> {
    await this.database.query(
      `UPDATE channel SET type = COALESCE($2, type), outline = COALESCE($3, outline), sealed = COALESCE($4, sealed),
           events = COALESCE($5, events), cluster_ids = CASE WHEN $6 THEN $7 ELSE cluster_ids END,
           paused = COALESCE($8, paused) WHERE id = $1`,
      [
        id,
        target?.target.type,
        target?.outline,
        target === undefined ? null : this.#sealed(id, target.target),
        events,
        clusterIds !== undefined,
        clusterIds,
        paused,
      ],
    );
    return this.get(id);
  }

  async pause(id: string): Promise<void> {
    await this.database.query('UPDATE channel SET paused = true WHERE id = $1', [id]);
  }

  async remove(id: string): Promise<void> {
    await this.database.query('DELETE FROM channel WHERE id = $1', [id]);
  }

  /** Where a channel leads, for use at once; null when it is gone. Throws `cluster.credentials_invalid` under another key. */
  async open(id: string): Promise<ChannelTarget | null> {
    const { rows } = await this.database.query<{ sealed: Buffer }>('SELECT sealed FROM channel WHERE id = $1', [id]);
    const sealed = rows[0]?.sealed;
    return sealed === undefined ? null : (JSON.parse(this.#seal.open(sealed, context(id)).reveal()) as ChannelTarget);
  }

  #sealed(id: string, target: ChannelTarget): Buffer {
    return this.#seal.seal(JSON.stringify(target), context(id));
  }

  async #select(given: readonly unknown[], where: string, tail: string): Promise<ChannelRecord[]> {
    const { values, bind } = parameters(...given);
    const { rows } = await this.database.query<Row>(
      `SELECT ${COLUMNS} FROM channel c WHERE ${where} AND ${clusterSetFilter(this.access(), bind)} ${tail}`,
      values,
    );
    return rows;
  }
}

/** One sealed text never opens in the place of another. */
function context(id: string): string {
  return `${id} channel`;
}
