import { describe, expect, it } from '@jest/globals';

import { evaluatePair, pairVerdict } from '../eval/index.js';
import { TCP } from '../model/index.js';
import { factsOf, rawCalico, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import type { Endpoint } from './endpoint.js';

const APPS = ['client', 'one', 'two', 'free'];
const INVENTORY = [
  rawNamespace('n'),
  ...APPS.map((app, index) => rawPod(`n/${app}`, { labels: { app }, ip: `10.0.0.${index + 1}`, node: 'node-1' })),
];
const cilium = (app: string, spec: object): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: `cilium-${app}`, namespace: 'n' },
  spec: { endpointSelector: { matchLabels: { app } }, ...spec },
});
const calico = (app: string, ingress: readonly object[]): unknown =>
  rawCalico('NetworkPolicy', `n/calico-${app}`, { selector: `app == '${app}'`, ingress });
const all = { fromEntities: ['all'] };

/** Verdicts of what the client sends to each pod: as written, and as enforced. */
function verdicts(...policies: readonly unknown[]): Readonly<Record<string, string>> {
  const snapshot = compileSnapshot(factsOf(...INVENTORY, ...policies));
  expect(snapshot.cni.policyEngine).toBe('unknown');
  const pod = (app: string): Endpoint => snapshot.directory.pod('n', app) as Endpoint;
  const flow = { protocol: TCP, port: 80, family: 4 } as const;
  const ask = (app: string): string => {
    const [intended, enforced] = (['intended', 'enforced'] as const).map((reading) => {
      const { verdict } = evaluatePair(snapshot, pod('client'), pod(app), flow, reading);
      expect(pairVerdict(snapshot[reading], pod('client'), pod(app), flow)).toBe(verdict);
      return verdict;
    });
    return `${intended}, ${enforced}`;
  };
  return Object.fromEntries(APPS.slice(1).map((app) => [app, ask(app)]));
}

describe('an engine that was not found', () => {
  it('may be of any vendor of whose kinds there are policies, so what all of them let pass is allowed', () => {
    expect(verdicts(cilium('one', { ingress: [all] }), calico('two', [{ action: 'Allow' }]))).toEqual({
      one: 'allow, allow',
      two: 'unknown, allow',
      free: 'allow, allow',
    });
  });

  it('leaves open what its vendors judge differently', () => {
    expect(verdicts(cilium('one', { ingressDeny: [all] }), calico('two', [{ action: 'Deny' }]))).toEqual({
      one: 'deny, unknown',
      two: 'unknown, unknown',
      free: 'allow, allow',
    });
    expect(verdicts(cilium('one', { ingressDeny: [all] }), calico('one', [{ action: 'Deny' }]))).toEqual({
      one: 'deny, unknown',
      two: 'allow, allow',
      free: 'allow, allow',
    });
  });

  it('reads policies of one vendor in its order, or not at all', () => {
    const first = { tier: 'default', order: 1, selector: "app == 'one'", types: ['Ingress'] };
    const pass = rawCalico('NetworkPolicy', 'n/first', { ...first, ingress: [{ action: 'Pass' }] });
    const isolate = rawNetworkPolicy('n/isolate', { podSelector: { matchLabels: { app: 'one' } } });
    expect(verdicts(pass).one).toBe('allow, allow');
    expect(verdicts(pass, isolate).one).toBe('allow, unknown');
    expect(verdicts(isolate).one).toBe('deny, unknown');
  });
});
