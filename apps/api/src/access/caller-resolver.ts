import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ANONYMOUS, JwtVerifier, readAuthSettings, TOKEN_PREFIX, type AuthSettings, type Caller } from '#access';
import { ApiTokens, TokenReviews } from '#analysis';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { readSettings } from './read-settings.js';

/** Longer than any token that providers issue. */
const MAX_TOKEN_CHARACTERS = 16_384;

/** Finds out who sends a request: nobody has to say so unless the settings are there. */
@Injectable()
export class CallerResolver {
  private readonly settings: AuthSettings | null;
  private readonly jwts: JwtVerifier | null;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(ApiTokens) private readonly tokens: ApiTokens,
    @Inject(TokenReviews) private readonly reviews: TokenReviews,
  ) {
    const path = config.access.settingsPath;
    this.settings = path === null ? null : readAuthSettings(readSettings(path, 'ATLAS_AUTH_CONFIG'), path);
    this.jwts = this.settings === null ? null : new JwtVerifier(this.settings);
  }

  /** True while nobody has to say who they are. */
  get isOpen(): boolean {
    return this.settings === null;
  }

  /** @throws AppError `unauthenticated` */
  async resolve(headers: IncomingHttpHeaders): Promise<Caller> {
    const { settings, jwts } = this;
    if (settings === null || jwts === null) return ANONYMOUS;
    const token = bearerOf(headers.authorization);
    const caller = token.startsWith(TOKEN_PREFIX)
      ? await this.tokens.callerOf(token)
      : await this.byProvider(token, settings, jwts);
    if (caller !== null) return caller;
    throw new AppError('unauthenticated', 'the token is not accepted: it is not known, has expired or was revoked');
  }

  /** A token of a configured provider is judged by its keys alone; any other may be one of a cluster. */
  private byProvider(token: string, settings: AuthSettings, jwts: JwtVerifier): Promise<Caller | null> {
    const issuer = jwts.issuerOf(token);
    return issuer === null ? this.reviews.find(token, settings) : jwts.verify(token, issuer);
  }
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new AppError('unauthenticated', 'the request does not say who asks, send `Authorization: Bearer <token>`');
  }
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token !== undefined && token.length <= MAX_TOKEN_CHARACTERS) return token;
  throw new AppError('unauthenticated', 'the `Authorization` header is not read, send `Bearer <token>`');
}
