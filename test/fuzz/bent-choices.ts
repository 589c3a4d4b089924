import type { Choices } from '../support/api-surface/sample.js';

const FORGED = Buffer.from(JSON.stringify(['AAAAAAAAAAAAAAAA', 1, '', 0])).toString('base64url');

/** What no reader of input should fall over: wrong types, extremes, control characters, forged cursors, deep nests. */
const BENT: readonly unknown[] = [
  null,
  '',
  ' ',
  '\0',
  '\ud800',
  '../../etc/passwd',
  "' OR 1=1 --",
  '%00',
  'é'.repeat(300),
  'a'.repeat(5_000),
  -1,
  0,
  1e308,
  2_147_483_648,
  9_007_199_254_740_993,
  0.5,
  true,
  [],
  {},
  { __proto__: null, constructor: { prototype: {} } },
  Array.from({ length: 1_200 }, () => 'x'),
  nest(200),
  FORGED,
  `${FORGED}.AAAAAAAAAAAAAAAAAAAAAA`,
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '0.0.0.0/0',
  '::ffff:1.2.3.4/128',
  'labels:shop/a=b,c in (d',
  '*'.repeat(250),
];

/** Values that get past the reading of input and into the work. */
const PLAUSIBLE: Readonly<Record<string, readonly unknown[]>> = {
  id: ['shop', 'other', 'none'],
  cluster: ['shop', 'other', 'none'],
  namespace: ['shop', 'kube-system', 'none', '-'],
  name: ['web-0', 'db-deny', 'api', 'n1'],
  kind: ['Pod', 'NetworkPolicy.networking.k8s.io', 'Node'],
  kinds: ['Pod', 'NetworkPolicy.networking.k8s.io'],
  from: ['shop/web-0', 'namespace:shop', '10.0.0.1', '0.0.0.0/0', 'labels:shop/app=x', 'node:n1', 'host:example.com'],
  to: ['shop/db-0', 'service:shop/api', '10.96.0.10', '8.8.8.8', 'namespace:kube-system'],
  focus: ['namespace:shop', 'shop/web-0'],
  protocol: ['TCP', 'UDP', 'SCTP', 'ICMP', '17'],
  port: [8080, 80, 'http', 65_535],
  at: [1, 2, '2026-01-01T00:00:00Z'],
  before: [1, 2],
  after: [1, 2],
  seq: [1, 2, 3],
  limit: [1, 25, 100],
  first: [1, 25, 100],
  labels: ['app=web', 'app in (web, api)', '!app'],
  format: ['json', 'csv', 'markdown', 'dot', 'svg', 'mermaid'],
  manifests: ['apiVersion: v1\nkind: Namespace\nmetadata: {name: new}\n'],
};

/** Choices by chance: mostly plausible, one in `bendEvery` bent. */
export function bentChoices(random: () => number, bendEvery: number): Choices {
  const pick = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  return {
    value: (name) => (Object.hasOwn(PLAUSIBLE, name) && random() < 0.8 ? pick(PLAUSIBLE[name] ?? []) : undefined),
    sends: () => random() < 0.3,
    pick,
    bend: (value) => (random() * bendEvery < 1 ? pick(BENT) : value),
  };
}

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}
