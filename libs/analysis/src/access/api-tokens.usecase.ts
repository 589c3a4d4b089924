import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  accessFor,
  currentAccess,
  hashApiToken,
  isApiToken,
  mayHandOn,
  newApiToken,
  type Caller,
  type CreateTokenInput,
  type Grant,
} from '#access';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { ApiTokenRepository, type ApiTokenRecord } from '#store';
import { RecentlyRead } from '../memory/recently-read.js';
import { derivedKey } from './derived-key.js';

const DAY_MS = 86_400_000;

/** A token with the text that is shown once. */
export interface IssuedToken {
  readonly token: ApiTokenRecord;
  readonly secret: string;
}

/** API tokens: for bots, and for people who have no other way in. Nobody gives a token what they do not have. */
@Injectable()
export class ApiTokens {
  private readonly key: Uint8Array;
  /** By hash, as every request asks for one. */
  private readonly used: RecentlyRead<ApiTokenRecord | null>;

  constructor(
    @Inject(ApiTokenRepository) private readonly tokens: ApiTokenRepository,
    @Inject(CONFIG) config: Config,
  ) {
    this.key = derivedKey(config, 'token key') ?? randomBytes(32);
    this.used = new RecentlyRead(
      (hash) => this.tokens.use(Buffer.from(hash, 'base64')),
      (token) => token !== null,
    );
  }

  /** @throws AppError `forbidden` for a grant that the caller does not have */
  create({ name, grants, expiresInDays }: CreateTokenInput): Promise<IssuedToken> {
    const { caller } = currentAccess();
    const wanted = grants ?? caller.grants;
    const beyond = wanted.find((grant) => !mayHandOn(caller.grants, grant));
    if (beyond !== undefined) {
      const detail = `you cannot hand on role \`${beyond.role}\` there, as you do not have it there yourself`;
      throw new AppError('forbidden', detail, { errors: [{ pointer: '/grants', detail }] });
    }
    return this.issue(name, caller.subject, wanted, new Date(Date.now() + expiresInDays * DAY_MS));
  }

  /** The caller's own tokens, the newest first; everyone's for who manages them. */
  list(): Promise<ApiTokenRecord[]> {
    return this.tokens.list(ownerFilter());
  }

  /**
   * A new token in the place of another one, which stays good for `overlapHours` so that it can be replaced everywhere.
   * It lasts as long as the old one was made for. @throws AppError `not_found`, `conflict` (it has ended)
   */
  async rotate(id: string, overlapHours: number): Promise<IssuedToken> {
    const old = await this.get(id);
    const now = Date.now();
    if (old.revokedAt !== null || old.expiresAt.getTime() <= now || old.rotatedTo !== null) {
      throw new AppError('conflict', `token \`${old.name}\` has ended or was rotated already, create another one`);
    }
    const lifeMs = old.expiresAt.getTime() - old.createdAt.getTime();
    const issued = await this.issue(old.name, old.owner, old.grants, new Date(now + lifeMs));
    await this.tokens.replace(old.id, issued.token.id, new Date(now + overlapHours * 3_600_000));
    this.used.forget((token) => token?.id === old.id);
    return issued;
  }

  /** Ends a token: here at once, in other processes within some milliseconds. @throws AppError `not_found` */
  async revoke(id: string): Promise<void> {
    const token = await this.get(id);
    await this.tokens.revoke(token.id);
    this.used.forget((used) => used?.id === token.id);
  }

  /** Who has this token; null when it is none of ours, or has ended. */
  async callerOf(secret: string): Promise<Caller | null> {
    if (!isApiToken(secret)) return null;
    const token = await this.used.get(Buffer.from(hashApiToken(this.key, secret)).toString('base64'));
    if (token === null || token.expiresAt.getTime() <= Date.now()) return null;
    const { id, name, grants, expiresAt } = token;
    return { subject: `token:${id}`, name, authentication: 'token', grants, expiresAt };
  }

  private async issue(name: string, owner: string, grants: readonly Grant[], expiresAt: Date): Promise<IssuedToken> {
    const secret = newApiToken();
    const token = await this.tokens.create({ name, owner, grants, expiresAt, hash: hashApiToken(this.key, secret) });
    return { token, secret };
  }

  private async get(id: string): Promise<ApiTokenRecord> {
    const found = await this.tokens.find(id, ownerFilter());
    if (found === null) throw new AppError('not_found', `there is no token \`${id}\``);
    return found;
  }
}

/** Null for who may manage the tokens of everyone. */
function ownerFilter(): string | null {
  const { caller } = currentAccess();
  return accessFor(caller, 'token.manage')?.seesEverything === true ? null : caller.subject;
}
