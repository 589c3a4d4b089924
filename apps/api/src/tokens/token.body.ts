import { z } from 'zod';
import { ROLES } from '#access';
import { named } from '../rest/schema-registry.js';
import { timestamp } from '../rest/shared.body.js';

const grantBody = named(
  'Grant',
  z.strictObject({
    role: z.enum(ROLES),
    clusters: z.array(z.string()).describe('Names and globs; `*` for every cluster'),
    namespaces: z.array(z.string()).describe('Names and globs; `-` for what has none'),
    namespaceLabels: z.string().nullable().describe('A selector of labels, which brings in more namespaces'),
  }),
);

const tokenFields = {
  id: z.uuid(),
  name: z.string(),
  owner: z.string().describe('Who made it'),
  grants: z.array(grantBody),
  createdAt: timestamp,
  expiresAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  revokedAt: timestamp.nullable(),
  rotatedTo: z.uuid().nullable().describe('The token that takes its place'),
} as const;

export const tokenBody = named('ApiToken', z.strictObject(tokenFields));
export const tokenListBody = named('ApiTokenList', z.strictObject({ items: z.array(tokenBody) }));
export const issuedTokenBody = named(
  'IssuedApiToken',
  z.strictObject({ ...tokenFields, secret: z.string().describe('The token itself; shown this once') }),
);
