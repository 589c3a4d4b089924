import type { ApiTokenRecord, IssuedToken } from '#analysis';
import type { Body } from '../rest/schema-registry.js';
import type { issuedTokenBody, tokenBody, tokenListBody } from './token.body.js';

export type TokenBody = Body<typeof tokenBody>;
export type TokenListBody = Body<typeof tokenListBody>;
export type IssuedTokenBody = Body<typeof issuedTokenBody>;

export function tokenToBody(token: ApiTokenRecord): TokenBody {
  return {
    ...token,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}

export function issuedToBody({ token, secret }: IssuedToken): IssuedTokenBody {
  return { ...tokenToBody(token), secret };
}
