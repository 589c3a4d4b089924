import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { flowVerdict } from '../../eval/index.js';
import type { Fact } from '../../model/index.js';
import { normaliseObject } from '../../normalise/index.js';
import { factsOf, rawNamespace, rawPod } from '../../testing/index.js';

const KINDS = ['ClusterNetworkPolicy', 'NetworkPolicy', 'Tier', 'ClusterGroup', 'Group', 'ExternalEntity'];
const KEYS =
  'tier priority appliedTo ingress egress action from to toServices ports protocols l7Protocols name namespace scope podSelector namespaceSelector externalEntitySelector nodeSelector serviceAccount service group fqdn namespaces match sameLabels ipBlock ipBlocks cidr except childGroups serviceReference protocol port endPort sourcePort sourceEndPort icmp icmpType igmp groupAddress http tls sni method path host matchLabels matchExpressions key operator values endpoints ip __proto__ constructor'.split(
    ' ',
  );
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 80, 1e308, '', 'x', 'app', 'Self', 'ClusterSet', 'Allow', 'Drop', 'Reject', 'Pass'],
  ...[
    'In',
    'Exists',
    'TCP',
    'TCPP',
    '*',
    '*'.repeat(99),
    '10.0.0.0/8',
    '::/0',
    '224.0.0.1',
    'baseline',
    'GET',
    '\u0000',
  ],
];

/** Mulberry32: the same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

function hostile(next: () => number, depth: number): unknown {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const kind = depth <= 0 ? 0 : next();
  if (kind < 0.3) return pick(VALUES);
  const size = Math.floor(next() * 4);
  if (kind < 0.55) return Array.from({ length: size }, () => hostile(next, depth - 1));
  return JSON.parse(
    `{${Array.from({ length: size + 1 }, () => `${JSON.stringify(pick(KEYS))}:${JSON.stringify(hostile(next, depth - 1))}`).join(',')}}`,
  ) as unknown;
}

function policyOf(next: () => number): Record<string, unknown> {
  const rule = (): unknown => ({ action: 'Drop', ...(hostile(next, 4) as object) });
  return {
    priority: 1,
    appliedTo: [{ podSelector: {} }],
    ingress: [rule()],
    egress: [rule()],
    ...(next() < 0.5 ? (hostile(next, 5) as object) : {}),
  };
}

describe('Antrea objects of any shape', () => {
  it('never throw, say where they are wrong, and leave other namespaces alone', () => {
    const seed = 20_260_101;
    const next = numbers(seed);
    const inventory = factsOf(
      rawNamespace('own', {}),
      rawNamespace('other', {}),
      rawPod('own/a', { ip: '10.0.0.1' }),
      rawPod('other/b', { ip: '10.0.0.2' }),
      rawPod('other/c', { ip: '10.0.0.3' }),
    );
    let refused = 0;
    for (let round = 0; round < 1500; round++) {
      const kind = KINDS[round % KINDS.length] as string;
      const spec = kind.endsWith('NetworkPolicy') ? policyOf(next) : hostile(next, 5);
      const raw = { apiVersion: 'crd.antrea.io/v1beta1', kind, metadata: { name: 'x', namespace: 'own' }, spec };
      const { fact } = normaliseObject(raw);
      const facts: Fact[] = fact === null ? inventory : [...inventory, fact];
      const snapshot = compileSnapshot(facts, { semantics: { combination: 'antrea' } });
      for (const diagnostic of snapshot.diagnostics) expect(diagnostic.pointer).toMatch(/^(\/|$)/);
      if (snapshot.diagnostics.some((diagnostic) => diagnostic.class === 'error')) refused++;
      if (kind === 'ClusterNetworkPolicy') continue;
      const pod = (name: string): NonNullable<ReturnType<typeof snapshot.directory.pod>> => {
        const found = snapshot.directory.pod('other', name);
        if (found === null) throw new Error('no such pod');
        return found;
      };
      const set = snapshot.intended.sets[0];
      if (set === undefined) throw new Error('no policy set');
      expect(flowVerdict(set, pod('b'), pod('c'), { protocol: 6, port: 80, family: 4 })).toBe('allow');
    }
    expect(refused).toBeGreaterThan(300);
  });
});
