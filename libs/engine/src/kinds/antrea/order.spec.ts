import { describe, expect, it } from '@jest/globals';

import { evaluatePair } from '../../eval/index.js';
import {
  antreaCluster,
  antreaNamespaced,
  antreaObject,
  antreaWorld,
  drop,
  NAMESPACE_CLOSED,
  refusals,
  SERVER_PODS,
} from '../../testing/index.js';

const tier = (name: string, priority: unknown): unknown => antreaObject('Tier', { name }, { priority });

describe('Antrea tiers and order', () => {
  it('AT-1 AT-2 evaluates regular tiers before NetworkPolicy and baseline after it', () => {
    const allow = { appliedTo: [SERVER_PODS], ingress: [{ action: 'Allow' }] };
    expect(antreaWorld(NAMESPACE_CLOSED, antreaCluster('c', allow)).ask('a/client', 'b/server')).toBe('allow');
    expect(
      antreaWorld(NAMESPACE_CLOSED, antreaCluster('c', { ...allow, tier: 'baseline' })).ask('a/client', 'b/server'),
    ).toBe('deny');
    expect(antreaWorld(antreaCluster('c', { tier: 'Emergency', ingress: [drop()] })).ask('a/client', 'b/server')).toBe(
      'deny',
    );
  });

  it('AT-1 lets an earlier tier decide whatever the priorities in the later one', () => {
    const w = antreaWorld(
      antreaCluster('late', { tier: 'application', priority: 1, ingress: [drop()] }),
      antreaCluster('early', { tier: 'securityops', priority: 10_000, ingress: [{ action: 'Allow' }] }),
    );
    expect(w.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-3 refuses tiers with a reserved, doubled or odd priority', () => {
    const w = antreaWorld(tier('a', 252), tier('b', 250), tier('c', 'high'), tier('d', 7), tier('e', 7));
    expect(refusals(w)).toEqual([
      'error antrea.tier_reserved /spec/priority',
      'error antrea.tier_overlap /spec/priority',
      'error antrea.tier_priority /spec/priority',
      'error antrea.tier_overlap /spec/priority',
      'error antrea.tier_overlap /spec/priority',
    ]);
  });

  it('AT-8 AT-33 allows what comes to the end, and tells refusals of what no policy uses', () => {
    const w = antreaWorld(antreaCluster('p', { ingress: [{ action: 'Pass' }] }), tier('unused', 252));
    expect(w.ask('a/client', 'b/server')).toBe('allow');
    expect(refusals(w)).toEqual(['error antrea.tier_reserved /spec/priority']);
  });

  it('AT-4 refuses a tier that does not exist, and is unknown where no Tier objects are listed', () => {
    const policy = antreaCluster('c', { tier: 'mine', ingress: [drop()] });
    const listed = antreaWorld(tier('emergency', 50), policy);
    expect(refusals(listed)).toEqual(['error antrea.tier_missing /spec/tier']);
    expect(listed.ask('a/client', 'b/server')).toBe('allow');
    expect(antreaWorld(policy).ask('a/client', 'b/server')).toBe('unknown');
    expect(antreaWorld(tier('mine', 33), policy).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AT-5 orders both kinds together by a priority that may have a fraction', () => {
    const w = antreaWorld(
      antreaNamespaced('n', { priority: 5.2, ingress: [drop()] }),
      antreaCluster('c', { priority: 5.1, ingress: [{ action: 'Allow' }] }),
    );
    expect(w.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-6 AT-7 takes the first rule that matches and isolates nobody', () => {
    const rules = [{ action: 'Allow', ports: [{ port: 80 }] }, drop({ ports: [{ port: 80, endPort: 90 }] })];
    const w = antreaWorld(antreaCluster('c', { ingress: rules }));
    expect([80, 81, 91].map((port) => w.ask('a/client', 'b/server', `TCP/${port}`))).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
  });

  it('AT-9 is unknown where policies of equal priority disagree at one position', () => {
    const allow = antreaCluster('c', { ingress: [{ action: 'Allow' }] });
    expect(antreaWorld(allow, antreaNamespaced('n', { ingress: [drop()] })).ask('a/client', 'b/server')).toBe(
      'unknown',
    );
    const second = [{ action: 'Allow', ports: [{ port: 9 }] }, drop()];
    expect(antreaWorld(allow, antreaNamespaced('n', { ingress: second })).ask('a/client', 'b/server')).toBe('allow');
  });
});

describe('Antrea actions', () => {
  it.each(['Deny', 'allow', null, ['Allow']])('AT-10 refuses action %j', (action) => {
    expect(refusals(antreaWorld(antreaCluster('c', { ingress: [{ action }] })))).toEqual([
      'error antrea.action /spec/ingress/0/action',
    ]);
  });

  it.each([
    ['Drop', 'drop'],
    ['Reject', 'reject'],
  ])('AT-10 tells %s from the other denial', (action, refusal) => {
    const w = antreaWorld(antreaCluster('c', { ingress: [{ action }] }));
    const pod = (namespace: string, name: string): NonNullable<ReturnType<typeof w.snapshot.directory.pod>> => {
      const found = w.snapshot.directory.pod(namespace, name);
      if (found === null) throw new Error('no such pod');
      return found;
    };
    const flow = { protocol: 6, port: 80, family: 4 } as const;
    const decision = evaluatePair(w.snapshot, pod('a', 'client'), pod('b', 'server'), flow, 'intended');
    expect(decision.ingress.determining.map((rule) => rule.refusal)).toEqual([refusal]);
  });

  it('AT-11 passes over the remaining regular tiers to NetworkPolicy and baseline', () => {
    const pass = antreaCluster('first', { tier: 'emergency', ingress: [{ action: 'Pass' }] });
    const skipped = antreaCluster('skipped', { ingress: [drop()] });
    expect(antreaWorld(pass, skipped).ask('a/client', 'b/server')).toBe('allow');
    expect(antreaWorld(pass, NAMESPACE_CLOSED).ask('a/client', 'b/server')).toBe('deny');
    const last = antreaCluster('last', { tier: 'baseline', ingress: [drop()] });
    expect(antreaWorld(pass, skipped, last).ask('a/client', 'b/server')).toBe('deny');
    expect(refusals(antreaWorld(antreaCluster('c', { tier: 'baseline', ingress: [{ action: 'Pass' }] })))).toEqual([
      'error antrea.pass_in_baseline /spec/ingress/0/action',
    ]);
  });
});
