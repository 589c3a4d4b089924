import { describe, expect, it } from '@jest/globals';

import { SPEC_SEMANTICS } from '../cni/index.js';
import { BLANK_ENDPOINT } from '../compile/endpoint.js';
import { buildPolicySet } from '../compile/policy-set.js';
import { ALL, ANY_PORT, TCP } from '../model/index.js';
import type { Condition, L7Rule, PolicyEntry, TextTest, Tier } from '../model/index.js';
import { evaluateFlow, flowVerdict } from './evaluate-flow.js';

const TIER: Tier = { id: 't', title: 'tier', order: [0], passTo: '', gate: 'cni' };
const SOURCE = { ...BLANK_ENDPOINT, name: 'source' };
const POD = { ...BLANK_ENDPOINT, kind: 'pod', namespace: 'n', name: 'pod' } as const;
const FLOW = { protocol: TCP, port: 80, family: 4 } as const;

interface Part {
  readonly action: 'allow' | 'deny';
  readonly protocol?: string;
  readonly rules: readonly L7Rule[];
}

function verdictOf(...parts: readonly Part[]): string {
  const policies = parts.map(({ action, protocol = 'http', rules }, index) => {
    const policy = { group: 'made.up', kind: 'Policy', namespace: '', name: `p${index}` };
    const conditions: readonly Condition[] = [{ type: 'l7', protocol, rules }];
    const entry: PolicyEntry = {
      source: { policy, pointer: '', index: 0, name: '' },
      direction: 'ingress',
      tier: TIER.id,
      order: [action === 'deny' ? 0 : 1],
      tieUndefined: false,
      subject: ALL,
      peers: { type: 'any' },
      ports: ANY_PORT,
      family: null,
      action,
      isolates: action === 'allow',
      conditions,
    };
    return { policy, entries: [entry], diagnostics: [], refused: false };
  });
  const set = buildPolicySet(policies, [TIER], SPEC_SEMANTICS);
  const verdict = flowVerdict(set, SOURCE, POD, FLOW);
  expect(evaluateFlow(set, SOURCE, POD, FLOW).verdict).toBe(verdict);
  return verdict;
}

const exact = (value: string): readonly TextTest[] => [{ op: 'exact', value }];
const numbered = (count: number): readonly L7Rule[] =>
  Array.from({ length: count }, (_, n) => ({
    methods: exact(`M${n}`),
    paths: exact(`/p${n}`),
    hosts: exact(`h${n}`),
  }));

describe('requests that are tried', () => {
  it('are those that one rule names before those that several name', () => {
    const allowed: Part = { action: 'allow', rules: numbered(30) };
    const others: Part = { action: 'deny', rules: [{ except: [{ paths: exact('/p29') }] }] };
    const none: Part = { action: 'deny', rules: [{}] };
    expect([verdictOf(allowed, others), verdictOf(allowed, none)]).toEqual(['allow', 'unknown']);
  });

  it('have of the rule what its exception does not say', () => {
    const places = numbered(30).map(({ paths = [], hosts = [] }): L7Rule => ({ paths, hosts }));
    const denied = places.map((rule, n) => (n === 29 ? { ...rule, except: [{ methods: exact('GET') }] } : rule));
    const elsewhere: L7Rule[] = [{ except: [{ paths: exact('/p29') }] }, { except: [{ hosts: exact('h29') }] }];
    const allowed: Part = { action: 'allow', rules: [{}] };
    expect(verdictOf(allowed, { action: 'deny', rules: [...denied, ...elsewhere] })).toBe('allow');
    expect(verdictOf(allowed, { action: 'deny', rules: [...places, ...elsewhere] })).toBe('unknown');
  });

  it('of one protocol leave those of another theirs', () => {
    const denied: Part = { action: 'deny', rules: [...numbered(300), {}] };
    const allowed: Part = { action: 'allow', protocol: 'kafka', rules: [{ fields: { topic: exact('orders') } }] };
    expect(verdictOf(denied, allowed)).toBe('allow');
  });
});
