import type { Grant } from '#access';
import type { ApiTokenRecord, IssuedToken } from '#analysis';
import { labelQueryText } from '#contracts';
import type { Body } from '../rest/schema-registry.js';
import type { issuedTokenBody, tokenBody, tokenListBody } from './token.body.js';

export type TokenBody = Body<typeof tokenBody>;
export type TokenListBody = Body<typeof tokenListBody>;
export type IssuedTokenBody = Body<typeof issuedTokenBody>;

export function tokenToBody(token: ApiTokenRecord): TokenBody {
  return {
    ...token,
    grants: token.grants.map(grantToBody),
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}

/** A grant as it is given. */
export function grantToBody({ role, clusters, namespaces }: Grant): TokenBody['grants'][number] {
  const { names, labels } = namespaces;
  const namespaceLabels = labels === null ? null : labelQueryText(labels);
  return { role, clusters: [...clusters.names], namespaces: [...names], namespaceLabels };
}

export function issuedToBody({ token, secret }: IssuedToken): IssuedTokenBody {
  return { ...tokenToBody(token), secret };
}
