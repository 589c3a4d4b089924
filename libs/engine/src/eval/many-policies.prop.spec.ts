import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { compileSnapshot } from '../compile/index.js';
import type { Endpoint } from '../compile/index.js';
import { TCP, UDP } from '../model/index.js';
import { factsOf, rawCalico, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { evaluatePair, pairVerdict } from './evaluate-pair.js';

const APPS = ['a', 'b', 'c', 'd'];
const app = fc.constantFrom(...APPS);
const byApp = app.map((value) => ({ matchLabels: { app: value } }));
const selector = fc.oneof(
  { weight: 12, arbitrary: byApp },
  fc.constant({}),
  fc.record({ part: app, app }).map((matchLabels) => ({ matchLabels })),
  fc.record({
    key: fc.constantFrom('app', 'part'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(app, { minLength: 1 }),
  }),
  // More values than a test of which entries are listed by value.
  app.map((value) => ({
    matchExpressions: [
      { key: 'app', operator: 'In', values: [value, ...Array.from({ length: 20 }, (_, i) => `x${i}`)] },
    ],
  })),
);
const BASES = [80, 81, 112, 8080, 65_500];
const port = fc.oneof(
  fc.constantFrom(...BASES).map((number) => ({ protocol: 'TCP', port: number })),
  fc
    .record({ base: fc.constantFrom(...BASES), length: fc.constantFrom(1, 30, 31, 32, 35) })
    .map(({ base, length }) => ({ protocol: 'TCP', port: base, endPort: base + length })),
  fc.constantFrom({ protocol: 'UDP', port: 80 }, { protocol: 'TCP', port: 'web' }, { protocol: 'UDP' }),
);
const rule = (side: 'from' | 'to'): fc.Arbitrary<object> =>
  fc.record({
    [side]: fc.array(fc.record({ podSelector: selector }), { maxLength: 2 }),
    ports: fc.array(port, { maxLength: 2 }),
  });
const policy = fc.record({
  podSelector: selector,
  policyTypes: fc.constantFrom(['Ingress'], ['Ingress', 'Egress']),
  ingress: fc.array(rule('from'), { maxLength: 2 }),
  egress: fc.array(rule('to'), { maxLength: 2 }),
});
const calicoRule = fc.record({
  action: fc.constantFrom('Allow', 'Deny', 'Pass'),
  source: app.map((value) => ({ selector: `app == '${value}'` })),
});
const calico = fc.record({
  order: fc.constantFrom(1, 2),
  selector: app.map((value) => `app == '${value}'`),
  types: fc.constant(['Ingress']),
  ingress: fc.array(calicoRule, { maxLength: 2 }),
});

const PODS = [...APPS, ''].flatMap((own, i) =>
  ['a', ''].map((part, j) =>
    rawPod(`n/p${i}${j}`, {
      labels: { ...(own === '' ? {} : { app: own }), ...(part === '' ? {} : { part }) },
      ip: `10.0.${i}.${j + 1}`,
      ports: [{ name: 'web', containerPort: i === 0 ? 112 : 81 }],
    }),
  ),
);
const FLOWS = [
  ...[79, 80, 81, 111, 112, 113, 143, 144, 8080, 65_535].map((number) => ({ protocol: TCP, port: number })),
  { protocol: UDP, port: 80 },
].map((flow) => ({ ...flow, family: 4 as const }));

describe('verdicts in a namespace of many policies', () => {
  it('are those of a walk that looks at each of them', () => {
    let allowed = 0;
    fc.assert(
      fc.property(
        fc.array(policy, { minLength: 6, maxLength: 14 }),
        fc.oneof(fc.constant([]), fc.array(calico, { maxLength: 6 })),
        (policies, others) => {
          const snapshot = compileSnapshot(
            factsOf(
              ...PODS,
              ...policies.map((spec, i) => rawNetworkPolicy(`n/k${i}`, spec)),
              ...others.map((spec, i) => rawCalico('GlobalNetworkPolicy', `c${i}`, spec)),
            ),
          );
          const pods = snapshot.endpoints.filter(({ kind }) => kind === 'pod');
          const check = (from: Endpoint, to: Endpoint): void => {
            for (const flow of FLOWS) {
              const verdict = pairVerdict(snapshot.intended, from, to, flow);
              expect(verdict).toBe(evaluatePair(snapshot, from, to, flow, 'intended').verdict);
              if (verdict === 'allow') allowed++;
            }
          };
          for (const from of pods) for (const to of pods) check(from, to);
        },
      ),
      { numRuns: 15 },
    );
    expect(allowed).toBeGreaterThan(0);
  });
});

describe('the rules of a subject', () => {
  it('are those of its own app, where most policies select by it', () => {
    const policies = Array.from({ length: 40 }, (_, i) =>
      rawNetworkPolicy(`n/k${i}`, { podSelector: { matchLabels: { app: `app-${i}` } }, ingress: [{}] }),
    );
    const all = rawNetworkPolicy('n/all', { podSelector: {}, ingress: [] });
    const pods = ['app-7', 'app-8', 'other'].map((name) => rawPod(`n/${name}`, { labels: { app: name } }));
    const { intended, endpoints } = compileSnapshot(factsOf(...policies, all, ...pods));
    const shown = endpoints.map((endpoint) =>
      (intended.sets[0]?.gates ?? [])
        .flatMap(({ tiers }) => tiers.flatMap(({ groups }) => groups.ingress.rulesFor(endpoint).flat()))
        .map(({ rule }) => JSON.stringify(rule.subject)),
    );
    expect(shown.map((subjects) => subjects.length)).toEqual([3, 3, 1]);
    for (const [i, name] of ['app-7', 'app-8'].entries()) {
      expect(shown[i]?.filter((subject) => subject.includes(`"${name}"`))).toHaveLength(2);
    }
  });
});
