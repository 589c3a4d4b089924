import { describe, expect, it } from '@jest/globals';

import { connectionsBetween } from '../reach/index.js';
import { evaluatePair, pairVerdict } from '../eval/index.js';
import type { CniDetection, CniEngine, FlowDecision, Verdict } from '../model/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import type { CompiledSnapshot } from './compile-snapshot.js';
import type { Endpoint } from './endpoint.js';

const NODES = ['node-1', 'node-2'];
const INVENTORY = [
  rawNamespace('n'),
  rawPod('n/client', { labels: { app: 'client' }, ip: '10.0.0.1', node: 'node-1' }),
  rawPod('n/server', { labels: { app: 'server' }, ip: '10.0.0.2', node: 'node-2' }),
];
const isolate = rawNetworkPolicy('n/isolate', { podSelector: {}, policyTypes: ['Ingress'] });
const SERVER = { endpointSelector: { matchLabels: { app: 'server' } } };
const cilium = (spec: object): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'cnp', namespace: 'n' },
  spec: { ...SERVER, ...spec },
});
const admin = (action: string): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'admin' },
  spec: {
    priority: 1,
    subject: { namespaces: {} },
    ingress: [{ name: 'r', action, from: [{ namespaces: {} }] }],
  },
});
const allowAll = cilium({ ingress: [{ fromEntities: ['all'] }] });
const denyAll = cilium({ ingressDeny: [{ fromEntities: ['all'] }] });

const engine = (id: string, parts: Partial<CniEngine> = {}): CniEngine => ({
  id,
  version: id === 'cilium' ? '1.18.0' : '',
  options: {},
  unenforcedNodes: [],
  ...parts,
});
const cni = (...engines: readonly CniEngine[]): CniDetection =>
  knownCni(engines.map(({ id }) => id).join('+'), {
    networking: 'cilium',
    unenforcedNodes: NODES.filter((node) => engines.every(({ unenforcedNodes }) => unenforcedNodes.includes(node))),
    engines,
  });

const FLOW = { protocol: TCP, port: 80, family: 4 } as const;

function compile(detection: CniDetection, ...policies: readonly unknown[]): CompiledSnapshot {
  return compileSnapshot(factsOf(...INVENTORY, ...policies), { cni: detection });
}

function pods({ directory }: CompiledSnapshot): readonly [Endpoint, Endpoint] {
  return [directory.pod('n', 'client') as Endpoint, directory.pod('n', 'server') as Endpoint];
}

function decide(snapshot: CompiledSnapshot): FlowDecision {
  return evaluatePair(snapshot, ...pods(snapshot), FLOW, 'enforced');
}

function verdict(detection: CniDetection, ...policies: readonly unknown[]): Verdict {
  const snapshot = compile(detection, ...policies);
  const alone = pairVerdict(snapshot.enforced, ...pods(snapshot), FLOW);
  expect(decide(snapshot).verdict).toBe(alone);
  return alone;
}

describe('several policy engines', () => {
  const both = cni(engine('cilium'), engine('k3s'));
  const one = cni(engine('cilium'));

  it('let a flow pass when each of them does', () => {
    expect(verdict(both)).toBe('allow');
    expect(verdict(one, isolate, allowAll)).toBe('allow');
    // Cilium admits it by its own policy, which the other engine has never heard of.
    expect(verdict(both, isolate, allowAll)).toBe('deny');
    expect(verdict(both, allowAll)).toBe('allow');
  });

  it('deny what one of them denies by a kind of its own', () => {
    expect(verdict(both, denyAll)).toBe('deny');
    const { ingress } = decide(compile(both, denyAll));
    expect(ingress).toMatchObject({ verdict: 'deny', reason: 'rule-matched' });
    expect(ingress.determining.map(({ policy }) => policy.name)).toEqual(['cnp']);
  });

  it('show the steps of all of them', () => {
    const alone = decide(compile(one, isolate)).ingress.steps.length;
    expect(decide(compile(both, isolate)).ingress.steps.length).toBeGreaterThan(alone);
  });

  it('count a node without an agent of one of them for that one alone', () => {
    const half = cni(engine('cilium', { unenforcedNodes: NODES }), engine('k3s'));
    expect(verdict(half, denyAll)).toBe('allow');
    expect(verdict(half, isolate)).toBe('deny');
    expect(verdict(cni(engine('cilium'), engine('k3s', { unenforcedNodes: NODES })), isolate, allowAll)).toBe('allow');
  });

  it('leave open what an engine that may enforce leaves open, unless another denies', () => {
    const doubtful = cni(engine('aws-vpc-cni', { version: '1.15.0' }), engine('k3s'));
    const own = {
      apiVersion: 'networking.k8s.aws/v1alpha1',
      kind: 'ApplicationNetworkPolicy',
      metadata: { name: 'own', namespace: 'n' },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    };
    expect(verdict(doubtful, own)).toBe('unknown');
    expect(verdict(doubtful, own, isolate)).toBe('deny');
  });

  it('are counted by connection sets too', () => {
    const snapshot = compile(both, isolate, allowAll);
    expect(connectionsBetween(snapshot, ...pods(snapshot), 'enforced').allowed.size).toBe(0);
  });
});

describe('an engine that may leave kinds out', () => {
  const unknown: CniDetection = { ...cni(engine('unknown')), networking: 'unknown', enforced: 'unknown' };

  it('is asked in every way in which it may', () => {
    // All kinds admit it, none admits it too, but NetworkPolicy alone denies it.
    expect(verdict(unknown, isolate, admin('Allow'))).toBe('unknown');
    expect(verdict(unknown, isolate)).toBe('unknown');
    expect(verdict(unknown, admin('Allow'))).toBe('allow');
  });

  it('is certain of what all ways agree on', () => {
    expect(verdict(unknown)).toBe('allow');
  });
});
