import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { SPEC_SEMANTICS } from '../cni/index.js';
import { buildPolicySet } from '../compile/policy-set.js';
import { BLANK_ENDPOINT } from '../compile/endpoint.js';
import { ALL, ANY_PORT, NONE, TCP } from '../model/index.js';
import type { Action, PolicyEntry, Selector, Tier, Verdict } from '../model/index.js';
import { evaluateFlow, flowVerdict } from './evaluate-flow.js';

/** A rule of a made-up plan. `match` 'open': whether it matches cannot be told. */
interface Rule {
  readonly tier: 0 | 1 | 2;
  readonly order: number;
  readonly action: Action;
  readonly isolates: boolean;
  readonly tieUndefined: boolean;
  readonly match: 'yes' | 'no' | 'open';
}

const ruleWith = (tieUndefined: fc.Arbitrary<boolean>): fc.Arbitrary<Rule> =>
  fc.record({
    tier: fc.constantFrom(0, 1, 2),
    order: fc.integer({ min: 0, max: 2 }),
    action: fc.constantFrom('allow', 'deny', 'pass'),
    isolates: fc.boolean(),
    tieUndefined,
    match: fc.constantFrom('yes', 'no', 'open', 'open'),
  });
const rule = ruleWith(fc.constant(false));
/** In one plan equal orders are left open everywhere or nowhere, as in the tiers of the policy kinds. */
const plan = fc.boolean().chain((tieUndefined) => fc.array(ruleWith(fc.constant(tieUndefined)), { maxLength: 6 }));

const OPEN: Selector = { type: 'unknown', why: 'made up' };
const SELECTORS: Readonly<Record<Rule['match'], Selector>> = { yes: ALL, no: NONE, open: OPEN };
const TIERS: readonly Tier[] = [0, 1, 2].map((id) => ({
  id: `t${id}`,
  title: `tier ${id}`,
  order: [id],
  passTo: '',
  gate: 'cni',
}));
const source = { ...BLANK_ENDPOINT, name: 'source' };
const pod = { ...BLANK_ENDPOINT, kind: 'pod', namespace: 'n', name: 'pod' } as const;
const flow = { protocol: TCP, port: 80, family: 4 } as const;

function entryOf(of: Rule, index: number): PolicyEntry {
  const policy = { group: 'made.up', kind: 'Policy', namespace: '', name: `p${index}` };
  return {
    source: { policy, pointer: '', index: 0, name: '' },
    direction: 'ingress',
    tier: `t${of.tier}`,
    order: [of.order],
    tieUndefined: of.tieUndefined,
    subject: ALL,
    peers: { type: 'of', selectors: [SELECTORS[of.match]] },
    ports: ANY_PORT,
    family: null,
    action: of.action,
    isolates: of.isolates,
    conditions: [],
  };
}

function verdicts(rules: readonly Rule[]): readonly [Verdict, Verdict] {
  const policies = rules.map((one, index) => {
    const entry = entryOf(one, index);
    return { policy: entry.source.policy, entries: [entry], diagnostics: [], refused: false };
  });
  const set = buildPolicySet(policies, TIERS, SPEC_SEMANTICS);
  return [flowVerdict(set, source, pod, flow), evaluateFlow(set, source, pod, flow).verdict];
}

/** The rules with every choice of what the open ones do. */
function* settled(rules: readonly Rule[]): Generator<readonly Rule[]> {
  const at = rules.findIndex((one) => one.match === 'open');
  if (at < 0) yield rules;
  else for (const match of ['yes', 'no'] as const) yield* settled(rules.with(at, { ...(rules[at] as Rule), match }));
}

describe('rules of which it is open whether they match', () => {
  it('lead to allow or deny only where every way to settle them does', () => {
    fc.assert(
      fc.property(plan, (rules) => {
        const possible = new Set([...settled(rules)].map((one) => verdicts(one)[0]));
        const [verdict] = verdicts(rules);
        if (verdict !== 'unknown') expect([...possible]).toEqual([verdict]);
      }),
      { numRuns: 5000 },
    );
  });

  it('are unknown only where two ways to settle them differ', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
        const possible = new Set([...settled(rules)].map((one) => verdicts(one)[0]));
        if (possible.size === 1) expect(verdicts(rules)[0]).not.toBe('unknown');
      }),
      { numRuns: 2000 },
    );
  });

  it('have the same verdict with and without a trace', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
        const [alone, traced] = verdicts(rules);
        expect(traced).toBe(alone);
      }),
      { numRuns: 1000 },
    );
  });
});
