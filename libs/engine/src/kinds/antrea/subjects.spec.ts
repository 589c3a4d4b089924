import { describe, expect, it } from '@jest/globals';

import { ask } from '../../ask/index.js';
import type { FlowQuestion } from '../../ask/index.js';
import {
  ANTREA,
  antreaClusterGroup,
  antreaCluster,
  antreaNamespaced,
  antreaObject,
  antreaWorld,
  drop,
  NAMESPACE_CLOSED,
  PolicyWorld,
  refusals,
  SERVER_PODS,
  SERVER_SERVICE,
} from '../../testing/index.js';

const group = (name: string, spec: object): unknown => antreaObject('Group', { name, namespace: 'b' }, spec);

describe('Antrea subjects', () => {
  it('AT-12 wants appliedTo in the spec or in every rule', () => {
    const own = drop({ appliedTo: [SERVER_PODS] });
    const codes = (spec: object): readonly string[] => refusals(antreaWorld(antreaCluster('c', spec)));
    expect(codes({ appliedTo: [], ingress: [drop()] })).toEqual(['error antrea.applied_to_missing /spec']);
    expect(codes({ ingress: [own] })).toEqual(['error antrea.applied_to_twice /spec/ingress/0/appliedTo']);
    expect(codes({ appliedTo: [], ingress: [own, drop()] })).toEqual([
      'error antrea.applied_to_partly /spec/ingress/1',
    ]);
    const w = antreaWorld(antreaCluster('c', { appliedTo: [], ingress: [own] }));
    expect([w.ask('a/client', 'b/server'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
  });

  it('AT-13 leaves pods on the host network alone', () => {
    expect(antreaWorld(antreaCluster('c', { ingress: [drop()] })).ask('a/client', 'b/agent')).toBe('allow');
  });

  it('AT-14 reads an entry without selectors as nobody, in NetworkPolicy as its namespace', () => {
    expect(antreaWorld(antreaCluster('c', { appliedTo: [{}], ingress: [drop()] })).ask('a/client', 'b/server')).toBe(
      'allow',
    );
    expect(antreaWorld(antreaNamespaced('n', { ingress: [drop()] })).ask('a/client', 'b/server')).toBe('deny');
    expect(antreaWorld(antreaNamespaced('n', { ingress: [drop()] })).ask('b/server', 'a/client')).toBe('allow');
  });

  it('AT-15 drops fields that the namespaced schema lacks', () => {
    const w = antreaWorld(
      antreaNamespaced('n', { appliedTo: [{ ...SERVER_PODS, namespaceSelector: {} }], ingress: [drop()] }),
    );
    expect(w.problems).toEqual(['suspect antrea.unknown_field /spec/appliedTo/0/namespaceSelector']);
    expect([w.ask('a/client', 'b/server'), w.ask('b/server', 'a/client')]).toEqual(['deny', 'allow']);
  });

  it('AT-16 applies to the pods of groups; a Group that reaches out undoes the policy', () => {
    const members = antreaClusterGroup('members', SERVER_PODS);
    const spec = { appliedTo: [{ group: 'members' }], ingress: [drop()] };
    const w = antreaWorld(members, antreaCluster('c', spec));
    expect([w.ask('a/client', 'b/server'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
    const out = antreaWorld(group('members', { namespaceSelector: {} }), antreaNamespaced('n', spec));
    expect(refusals(out)).toEqual(['error antrea.group_reaches_out /spec/appliedTo/0/group']);
    expect(out.ask('a/client', 'b/server')).toBe('allow');
    const blocks = antreaWorld(
      antreaClusterGroup('members', { ipBlocks: [{ cidr: '10.0.0.2/32' }] }),
      antreaCluster('c', spec),
    );
    expect(blocks.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-17 applies to pods by service account, which stands alone', () => {
    const account = { serviceAccount: { name: 'default', namespace: 'b' } };
    const w = antreaWorld(antreaCluster('c', { appliedTo: [account], ingress: [drop()] }));
    expect([w.ask('a/client', 'b/server'), w.ask('b/server', 'a/client')]).toEqual(['deny', 'allow']);
    expect(
      refusals(antreaWorld(antreaCluster('c', { appliedTo: [{ ...account, ...SERVER_PODS }], ingress: [drop()] }))),
    ).toEqual(['error antrea.applied_to_mixed /spec/appliedTo/0/serviceAccount']);
  });

  it('AT-18 applies to nodes and the pods on their network while the gate is on', () => {
    const policy = antreaCluster('c', {
      appliedTo: [{ nodeSelector: { matchLabels: { zone: 'x' } } }],
      ingress: [drop()],
    });
    const w = antreaWorld(policy);
    const asked = ['node:node-1', 'b/agent', 'node:node-2', 'b/server'].map((to) => w.ask('b/other', to));
    expect(asked).toEqual(['deny', 'deny', 'allow', 'allow']);
    const options = { 'gate.NodeNetworkPolicy': 'false' };
    expect(new PolicyWorld([policy], { ...ANTREA, options }).ask('b/other', 'node:node-1')).toBe('allow');
  });

  it('AT-18 knows no nodes in a rule', () => {
    const own = drop({ appliedTo: [{ nodeSelector: {} }] });
    const w = antreaWorld(antreaCluster('c', { appliedTo: [], ingress: [own] }));
    expect(w.problems).toEqual(['suspect antrea.unknown_field /spec/ingress/0/appliedTo/0/nodeSelector']);
    expect(w.ask('b/other', 'node:node-1')).toBe('allow');
  });

  it('AT-19 keeps Services to ingress rules with blocks', () => {
    const appliedTo = [{ service: { name: 's', namespace: 'b' } }];
    const mixed = { ...SERVER_PODS, ipBlock: { cidr: '10.0.0.0/8' } };
    const wrong = { appliedTo, ingress: [drop({ from: [SERVER_PODS] }), drop({ from: [mixed] })], egress: [drop()] };
    expect(refusals(antreaWorld(antreaCluster('c', wrong)))).toEqual([
      'error antrea.service_peer /spec/ingress/0/from',
      'error antrea.service_peer /spec/ingress/1/from',
      'error antrea.service_egress /spec/egress/0',
    ]);
    expect(
      refusals(antreaWorld(antreaCluster('c', { appliedTo: [...appliedTo, SERVER_PODS], ingress: [drop()] }))),
    ).toEqual(['error antrea.service_mixed /spec/appliedTo']);
  });
});

const TO_SERVICE = { type: 'service', namespace: 'b', name: 's' } as const;
const TO_POD = { type: 'pod', namespace: 'b', name: 'server' } as const;

function verdict(
  w: PolicyWorld,
  source: FlowQuestion['source'],
  destination: FlowQuestion['destination'],
  port: number,
): string {
  const result = ask(w.snapshot, { source, destination, protocol: 6, port });
  return result.type === 'answer' ? result.answer.intended.verdict : result.error.message;
}

describe('Antrea and Services', () => {
  const client = { type: 'pod', namespace: 'a', name: 'client' } as const;
  const outside = { type: 'address', address: '203.0.113.9' } as const;

  it('AT-20 decides about clients outside that enter a Service', () => {
    const appliedTo = [{ service: { name: 's', namespace: 'b' } }];
    const from = [{ ipBlock: { cidr: '203.0.113.0/24' } }];
    const w = antreaWorld(SERVER_SERVICE, antreaCluster('c', { appliedTo, ingress: [drop({ from })] }));
    expect(verdict(w, outside, TO_SERVICE, 80)).toBe('denied');
    expect(verdict(w, outside, TO_POD, 8080)).toBe('allowed');
    expect(verdict(w, client, TO_SERVICE, 80)).toBe('allowed');
    const allow = antreaCluster('c', { appliedTo, ingress: [{ action: 'Allow', from }] });
    // Of the two backends the one on the host network is no subject of NetworkPolicy.
    expect(verdict(antreaWorld(SERVER_SERVICE, NAMESPACE_CLOSED, allow), outside, TO_SERVICE, 80)).toBe('mixed');
  });

  it('AT-28 matches toServices by the address that the client uses', () => {
    const egress = [drop({ toServices: [{ name: 's', namespace: 'b' }] })];
    const w = antreaWorld(SERVER_SERVICE, antreaCluster('c', { egress }));
    expect(verdict(w, client, TO_SERVICE, 80)).toBe('denied');
    expect(verdict(w, client, TO_POD, 8080)).toBe('allowed');
    const mixed = [drop({ toServices: [{ name: 's', namespace: 'b' }], ports: [{ port: 80 }] })];
    expect(refusals(antreaWorld(antreaCluster('c', { egress: mixed })))).toEqual([
      'error antrea.to_services_mixed /spec/egress/0/toServices',
    ]);
  });
});
