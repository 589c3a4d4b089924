import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { PolicyFact } from '../../model/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawPod } from '../../testing/index.js';
import { flowVerdict } from '../../eval/index.js';
import { compileStagedPolicy, stagedChange } from './staged.js';

const fact = (kind: string, name: string, spec: object): PolicyFact =>
  factsOf(rawCalico(kind, name, spec))[0] as PolicyFact;

describe('CAL-70 staged actions', () => {
  it('sets a policy of the same name, without the action', () => {
    const change = stagedChange(fact('StagedNetworkPolicy', 'shop/p', { stagedAction: 'Set', selector: 'all()' }));
    expect(change).toMatchObject({
      type: 'set',
      policy: {
        type: 'policy',
        meta: { group: 'projectcalico.org', kind: 'NetworkPolicy', namespace: 'shop', name: 'p' },
      },
    });
    expect(change?.type === 'set' && change.policy.raw).toEqual({ spec: { selector: 'all()' } });
    expect(stagedChange(fact('StagedGlobalNetworkPolicy', 'g', {}))).toMatchObject({
      type: 'set',
      policy: { meta: { kind: 'GlobalNetworkPolicy' } },
    });
  });

  it('sets a NetworkPolicy of Kubernetes from its own kind', () => {
    const change = stagedChange(
      fact('StagedKubernetesNetworkPolicy', 'shop/k', { podSelector: {}, policyTypes: ['Ingress'] }),
    );
    expect(change).toMatchObject({
      type: 'set',
      policy: { meta: { group: 'networking.k8s.io', kind: 'NetworkPolicy', version: 'v1' } },
    });
  });

  it('deletes, or does nothing', () => {
    expect(stagedChange(fact('StagedNetworkPolicy', 'shop/p', { stagedAction: 'Delete' }))).toEqual({
      type: 'delete',
      target: { group: 'projectcalico.org', kind: 'NetworkPolicy', namespace: 'shop', name: 'p' },
    });
    expect(stagedChange(fact('StagedNetworkPolicy', 'shop/p', { stagedAction: 'Learn' }))).toEqual({ type: 'nothing' });
    expect(stagedChange(fact('NetworkPolicy', 'shop/p', {}))).toBeNull();
  });
});

describe('CAL-71 staged policies are not enforced', () => {
  it('changes no verdict, and becomes policy when it is applied', () => {
    const pods = [rawNamespace('shop'), rawPod('shop/a', { ip: '10.0.0.1' }), rawPod('shop/b', { ip: '10.0.0.2' })];
    const staged = rawCalico('StagedNetworkPolicy', 'shop/p', { selector: 'all()', types: ['Ingress'] });
    const facts = factsOf(...pods, staged);
    const verdict = (from: typeof facts): string => {
      const snapshot = compileSnapshot(from, { cni: CALICO_CNI });
      const [a, b] = snapshot.endpoints;
      const set = snapshot.enforced.sets[0];
      if (a === undefined || b === undefined || set === undefined) throw new Error('no endpoints');
      return flowVerdict(set, a, b, { protocol: 6, port: 80, family: 4 });
    };
    expect(verdict(facts)).toBe('allow');
    const change = stagedChange(facts.at(-1) as PolicyFact);
    expect(verdict([...facts.slice(0, -1), ...(change?.type === 'set' ? [change.policy] : [])])).toBe('deny');
  });

  it('tells mistakes', () => {
    const told = (name: string, spec: object, version = ''): readonly string[] => {
      const [env] = compileSnapshot([], { cni: { ...CALICO_CNI, version } }).enforced.sets;
      if (env === undefined) throw new Error('no reading');
      const { entries, diagnostics } = compileStagedPolicy(fact('StagedNetworkPolicy', name, spec), env);
      expect(entries).toEqual([]);
      return diagnostics.map((entry) => `${entry.class} ${entry.code} ${entry.pointer}`);
    };
    expect(told('shop/p', { selector: 'a =' })).toEqual(['error calico.selector /spec/selector']);
    expect(told('shop/p', { stagedAction: 'Maybe' })).toEqual(['error calico.staged_action /spec/stagedAction']);
    expect(told('shop/a.b', {}, '3.31.2')).toEqual(['error calico.name /metadata/name']);
  });
});
