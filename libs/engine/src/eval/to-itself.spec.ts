import { describe, expect, it } from '@jest/globals';

import { JUDGED_BOTH_WAYS, JUDGED_ON_THE_WAY_OUT, NOT_JUDGED } from '../cni/profile.js';
import { TCP } from '../model/index.js';
import type { Semantics, Verdict } from '../model/index.js';
import { rawNetworkPolicy } from '../testing/facts.js';
import { PolicyWorld } from '../testing/policy-world.js';
import { anp, cnp, CLIENT, rule, SERVER, type Spec } from '../testing/upstream.js';
import { evaluateFlow } from './evaluate-flow.js';

const ownService = (policies: readonly unknown[], toItself?: Semantics['toItself']): Verdict =>
  new PolicyWorld(policies, toItself === undefined ? {} : { toItself }).ask(
    'b/server',
    'b/server',
    'TCP/8080',
    undefined,
    'b/server:80',
  );
const ingress = (action: string, peer: Spec, tier = 'Admin', priority = 1): unknown =>
  cnp(tier, priority, { ingress: [{ action, from: [peer] }] }, `${tier}-${action}-${priority}`.toLowerCase());
const closed = (policyTypes: readonly string[]): unknown =>
  rawNetworkPolicy('b/closed', { podSelector: {}, policyTypes });

describe('a pod that reaches itself by a Service', () => {
  it('UP-45 is subject to cluster-wide policy both ways', () => {
    expect(ownService([ingress('Deny', SERVER)])).toBe('deny');
    expect(ownService([ingress('Deny', CLIENT)])).toBe('allow');
    expect(ownService([cnp('Admin', 1, { egress: [rule('Deny', [SERVER])] })])).toBe('deny');
    expect(ownService([anp(1, { ingress: [{ action: 'Deny', from: [SERVER] }] })])).toBe('deny');
    expect(ownService([ingress('Deny', SERVER, 'Baseline')])).toBe('deny');
    expect(ownService([ingress('Accept', SERVER), ingress('Deny', SERVER, 'Admin', 2)])).toBe('allow');
  });

  it('UP-45 is let pass by NetworkPolicy, which keeps whom it isolates from the baseline', () => {
    expect(ownService([closed(['Ingress', 'Egress'])])).toBe('allow');
    const baseline = ingress('Deny', SERVER, 'Baseline');
    expect(ownService([closed(['Ingress']), baseline])).toBe('allow');
    expect(ownService([closed(['Egress']), baseline])).toBe('deny');
    expect(ownService([closed(['Ingress']), ingress('Deny', SERVER)])).toBe('deny');
  });

  it('UP-45 is subject to nothing where it sends to its own address', () => {
    const world = new PolicyWorld([ingress('Deny', SERVER), closed(['Ingress', 'Egress'])]);
    expect(world.ask('b/server', 'b/server', 'TCP/8080')).toBe('allow');
  });

  it('NP-39 is judged both ways, on the way out alone or not at all, as the engine has it', () => {
    const asked = (toItself: Semantics['toItself']): Verdict[] => [
      ownService([closed(['Ingress'])], toItself),
      ownService([closed(['Egress'])], toItself),
      ownService([ingress('Deny', SERVER)], toItself),
    ];
    expect(asked(JUDGED_BOTH_WAYS)).toEqual(['deny', 'deny', 'deny']);
    expect(asked(JUDGED_ON_THE_WAY_OUT)).toEqual(['allow', 'deny', 'allow']);
    expect(asked(NOT_JUDGED)).toEqual(['allow', 'allow', 'allow']);
  });

  it('UP-45 is subject to nothing on a node without a policy agent', () => {
    const { snapshot } = new PolicyWorld([ingress('Deny', SERVER)]);
    const [set] = snapshot.intended.sets;
    const server = snapshot.endpoints.find(({ namespace, name }) => namespace === 'b' && name === 'server');
    if (set === undefined || server === undefined) throw new Error('not there');
    const flow = { protocol: TCP, port: 8080, family: 4, service: 'b/server' } as const;
    const verdictOn = (...nodes: readonly string[]): Verdict =>
      evaluateFlow(set, server, server, flow, { unenforcedNodes: new Set(nodes) }).verdict;
    expect(verdictOn('node-2')).toBe('deny');
    expect(verdictOn('node-1')).toBe('allow');
  });

  it('UP-45 says so', () => {
    const decision = new PolicyWorld([ingress('Deny', SERVER, 'Baseline'), closed(['Ingress'])]).decide(
      'b/server',
      'b/server',
      'TCP/8080',
      undefined,
      'b/server:80',
    );
    expect(decision.ingress).toMatchObject({ verdict: 'allow', reason: 'same-pod' });
    expect(decision.ingress.steps.map(({ why }) => why)).toEqual([
      'by a Service a pod reaches itself as cluster-wide policy lets it',
    ]);
  });
});
