import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { compileSnapshot } from '../compile/index.js';
import type { CniDetection } from '../model/index.js';
import { normaliseObject } from '../normalise/index.js';
import { CALM, checkDiagnostic, checkHostile, CNIS, EXPECTED, verdicts } from '../testing/hostile.js';
import type { Raw } from '../testing/hostile.js';
import { factsOf, sampleObjects } from '../testing/index.js';

/** Each case runs many times in CI; this bounds a single one, far above what it takes. */
const LIMIT_MS = 10_000;
const RUNS = 400;

function check(raws: readonly Raw[], cni: CniDetection): void {
  const started = performance.now();
  checkHostile(raws, cni);
  expect(performance.now() - started).toBeLessThan(LIMIT_MS);
}

const SCALARS: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, -443, 0.5, 1, 80, 65535, 65536, 1e21, 1e308, -1e308],
  ...[
    '',
    ' ',
    '0',
    '-1',
    '080',
    '80',
    '80-90',
    '90:80',
    '1:65536',
    'http',
    'HTTP',
    'x'.repeat(5000),
    '\u0000',
    '\ud800',
  ],
  ...[
    'TCP',
    'tcp',
    'ANY',
    'ICMP',
    'Allow',
    'Deny',
    'Pass',
    'Accept',
    'Drop',
    'Log',
    'Ingress',
    'In',
    'Exists',
    'NotIn',
  ],
  ...[
    '10.0.0.0/8',
    '10.0.0.1/8',
    '010.0.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '0.0.0.0/0',
    '::/0',
    '::1/0',
    'fd00::/129',
  ],
  ...['::ffff:10.0.0.1', '10.0.0.1', '256.1.1.1', '1.2.3', '::', ':::', '0x0a.0.0.1', 'fe80::1%eth0'],
  ...['all()', 'has(', "a == 'b", '!'.repeat(3000), '('.repeat(3000), `${'('.repeat(2000)}all()${')'.repeat(2000)}`],
  ...[
    "a in {'b','c'}",
    "a == 'b' && ".repeat(500),
    'global()',
    'all',
    'world',
    'host',
    'cluster',
    'reserved:host',
    'any:a',
  ],
  ...[
    '*',
    '**',
    '*.*',
    '*.example.com',
    '**.example.com',
    '.',
    '-.x',
    '(a*)*b',
    '(?=a)',
    '[',
    'a{1,100000}',
    '\\',
    '/.*',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '~',
    '/',
    '~1~0',
    'a/b/c',
    'default',
    'sample',
  ],
];
const KEYS: readonly string[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'length', '', '~', '/', 'a/b', '0', 'unknownField'],
  ...[
    'spec',
    'specs',
    'metadata',
    'name',
    'namespace',
    'labels',
    'annotations',
    'status',
    'kind',
    'apiVersion',
    'data',
  ],
  ...['matchLabels', 'matchExpressions', 'key', 'operator', 'values', 'podSelector', 'namespaceSelector', 'selector'],
  ...['ingress', 'egress', 'from', 'to', 'ports', 'port', 'endPort', 'protocol', 'action', 'order', 'tier', 'priority'],
  ...[
    'nets',
    'source',
    'destination',
    'rules',
    'http',
    'cidr',
    'except',
    'ipBlock',
    'networks',
    'domainNames',
    'subject',
  ],
];

const scalar = fc.constantFrom(...SCALARS);
const key = fc.constantFrom(...KEYS);

/** Pairs to an object whose keys are its own, `__proto__` too, as JSON.parse makes it. */
function objectOf(pairs: readonly (readonly [string, unknown])[]): unknown {
  const out: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return out;
}

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    scalar,
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 5 }).map(objectOf),
  ),
}));

const deep = (depth: number, leaf: unknown): unknown => {
  let value = leaf;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
/** Made anew each time: a value that stands in two places of an object would be no JSON. */
type Make = () => unknown;
const value = fc.oneof(
  {
    weight: 6,
    arbitrary: scalar.map(
      (found): Make =>
        () =>
          found,
    ),
  },
  {
    weight: 3,
    arbitrary: json.map(
      (found): Make =>
        () =>
          structuredClone(found),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(50, 20_000), scalar).map(
      ([depth, leaf]): Make =>
        () =>
          deep(depth, leaf),
    ),
  },
  {
    weight: 1,
    arbitrary: scalar.map(
      (entry): Make =>
        () =>
          Array.from({ length: 3000 }, () => entry),
    ),
  },
);

type Change = 'replace' | 'remove' | 'add' | 'repeat' | 'wrap';
const change = fc.record({
  what: fc.constantFrom<Change>('replace', 'replace', 'remove', 'add', 'repeat', 'wrap'),
  at: fc.nat(),
  key,
  value,
});
type Mutation = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Every container of a value with its entry's key, depth first. */
function places(root: unknown): readonly (readonly [Record<string, unknown>, string])[] {
  const out: (readonly [Record<string, unknown>, string])[] = [];
  const todo: unknown[] = [root];
  while (todo.length > 0 && out.length < 5000) {
    const current = todo.pop();
    if (typeof current !== 'object' || current === null) continue;
    for (const name of Object.keys(current)) {
      out.push([current as Record<string, unknown>, name]);
      todo.push((current as Record<string, unknown>)[name]);
    }
  }
  return out;
}

/** Changes `root` in one place; never its kind or group, so that the object stays of the kind it was picked for. */
function apply(root: Record<string, unknown>, { what, at, key: name, value: make }: Mutation): void {
  const all = places(root).filter(([owner, field]) => owner !== root || (field !== 'kind' && field !== 'apiVersion'));
  const [owner, field] = all[at % all.length] ?? [root, 'spec'];
  const old = owner[field];
  const put = (target: object, entry: string, found: unknown): void =>
    void Object.defineProperty(target, entry, { value: found, enumerable: true, configurable: true, writable: true });
  switch (what) {
    case 'replace':
      put(owner, field, make());
      return;
    case 'remove':
      if (Array.isArray(owner)) owner.splice(Number(field), 1);
      else Reflect.deleteProperty(owner, field);
      return;
    case 'add':
      if (Array.isArray(old)) old.push(make());
      else if (typeof old === 'object' && old !== null) put(old, name, make());
      else put(owner, field, make());
      return;
    case 'repeat':
      if (all.length > 1000 || (Array.isArray(old) && old.length === 0)) return;
      put(
        owner,
        field,
        Array.isArray(old) ? Array.from({ length: 200 }, (_, i): unknown => old[i % old.length]) : [old, old],
      );
      return;
    case 'wrap':
      put(owner, field, objectOf([[name, old]]));
      return;
  }
}

const SAMPLES = sampleObjects() as readonly Raw[];
const mutated = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([sample, changes]): Raw => {
    const copy = JSON.parse(JSON.stringify(sample)) as Record<string, unknown>;
    for (const each of changes) apply(copy, each);
    return copy;
  });
/** Arbitrary content, or none, under a real kind and name. */
const filled = fc
  .tuple(fc.constantFrom(...SAMPLES), fc.option(json, { freq: 9, nil: undefined }))
  .map(([{ apiVersion, kind, metadata }, content]): Raw => {
    if (content === undefined) return { apiVersion, kind, metadata };
    return { apiVersion, kind, metadata, spec: content, specs: content, data: content, status: content };
  });

describe('hostile input', () => {
  it('has a valid sample of every watched kind, about which there is no error', () => {
    for (const cni of CNIS) {
      expect(verdicts(compileSnapshot(CALM, { cni }))).toEqual(EXPECTED);
      const errors = SAMPLES.flatMap((sample) => compileSnapshot([...CALM, ...factsOf(sample)], { cni }).diagnostics)
        .filter((found) => found.class === 'error')
        .map(({ object, code, pointer }) => [object?.group, object?.kind, code, pointer]);
      expect(errors).toEqual([]);
    }
  });

  it('of any JSON at all is data', () => {
    fc.assert(
      fc.property(json, (raw) => {
        const { diagnostics, fact } = normaliseObject(raw);
        for (const found of diagnostics) checkDiagnostic(found, raw);
        if (fact === null || fact.type === 'rejected') return;
        check([raw as Raw], CNIS[0] as CniDetection);
      }),
      { numRuns: RUNS },
    );
  });

  it('of every kind, with any content, gives diagnostics that point into it and leaves others alone', () => {
    fc.assert(
      fc.property(filled, fc.constantFrom(...CNIS), (raw, cni) => check([raw], cni)),
      { numRuns: RUNS },
    );
  });

  it('of every kind, valid but for a few changes, does too', () => {
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 3 }), fc.constantFrom(...CNIS), (raws, cni) =>
        check(raws, cni),
      ),
      { numRuns: RUNS },
    );
  });
});
