import { z } from 'zod';
import { AppError, parseInput, parseLabelQuery } from '#contracts';
import { ROLES } from './actions.js';
import type { Grant } from './access.js';
import { ALL_NAMES } from './name-set.js';

const labelQuery = z.string().transform((text, context) => {
  const query = parseLabelQuery(text);
  if (query !== null) return query;
  context.addIssue({ code: 'custom', message: 'must be a label selector, as `team=shop,tier in (a, b)`' });
  return z.NEVER;
});

const names = z
  .array(
    z
      .string()
      .max(253)
      .regex(/^[\x21-\x7e]+$/, 'must be a name or a glob: printable and without spaces'),
  )
  .max(200);

/** A role, and where it counts: everywhere unless told. Namespaces are those that are named and those with the labels. */
export const grantInput = z
  .strictObject({
    role: z.enum(ROLES),
    clusters: names.optional(),
    namespaces: names.optional(),
    namespaceLabels: labelQuery.optional(),
  })
  .transform(({ role, clusters, namespaces, namespaceLabels = null }): Grant => {
    const all = namespaceLabels === null ? ALL_NAMES.names : [];
    return {
      role,
      clusters: clusters === undefined ? ALL_NAMES : { names: clusters, labels: null },
      namespaces: { names: namespaces ?? all, labels: namespaceLabels },
    };
  });

/** A new API token. Without grants it may do what its maker may. */
export const createTokenInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  grants: z.array(grantInput).min(1).max(50).optional(),
  expiresInDays: z.int().min(1).max(366).default(90),
});
export type CreateTokenInput = z.output<typeof createTokenInput>;

/** How long the old token stays good. */
export const rotateTokenInput = z.strictObject({ overlapHours: z.number().min(0).max(720).default(24) });

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const httpsUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url),
    'must begin with `https://`; plain HTTP is for this machine alone',
  );

const issuerSettings = z.strictObject({
  issuer: z.string().min(1),
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  jwksUri: httpsUrl,
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'ES256']),
  /** What `typ` must be, as `at+jwt`; not looked at when left out. */
  typ: z.string().min(1).optional(),
  groupsClaim: z.string().min(1).default('groups'),
  nameClaim: z.string().min(1).default('email'),
  clockSkewSeconds: z.int().min(0).max(300).default(30),
});

/** Who may ask, and how they prove who they are. */
export const authSettings = z.strictObject({
  issuers: z.array(issuerSettings).default([]),
  /** Clusters whose API servers are asked about tokens of their own. */
  kubernetes: z.array(z.strictObject({ cluster: z.string().min(1), audience: z.string().min(1) })).default([]),
  /** What the members of a group may do. A group of a cluster is written `cluster/group`. */
  groups: z.record(z.string(), z.array(grantInput)).default({}),
});

export type AuthSettings = z.output<typeof authSettings>;
export type IssuerSettings = AuthSettings['issuers'][number];

/** @throws AppError `startup.failed` that says what is wrong with the text */
export function readAuthSettings(text: string, place: string): AuthSettings {
  try {
    return parseInput(authSettings, JSON.parse(text), 'startup.failed');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('startup.failed', `\`${place}\` does not say who may ask: ${reason}`, { cause: error });
  }
}

/** What all the groups together may do. */
export function grantsOf(settings: AuthSettings, groups: readonly string[]): readonly Grant[] {
  return groups.flatMap((group) => (Object.hasOwn(settings.groups, group) ? (settings.groups[group] ?? []) : []));
}
