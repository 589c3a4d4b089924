import { describe, expect, it } from '@jest/globals';

import { evaluatePair } from '../eval/index.js';
import type { Flow } from '../eval/index.js';
import { ICMP, TCP, UDP } from '../model/index.js';
import type { Verdict } from '../model/index.js';
import { factsOf, knownCni, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import { endpointOfAddress } from './endpoint-directory.js';

const HOST_NETWORK = 'policy-group.network.openshift.io/host-network';
const HTTP: Flow = { protocol: TCP, port: 80, family: 4 };
const ping = (type: number): Flow => ({ protocol: ICMP, port: null, family: 4, icmp: { type, code: 0 } });

const NAMED = [{ name: 'web', containerPort: 8080 }];

const WORLD = [
  rawNamespace('n'),
  rawNamespace('hosts', { [HOST_NETWORK]: '' }),
  rawPod('n/client', { labels: { app: 'client' }, ip: '10.0.0.1', node: 'node-1' }),
  rawPod('n/server', { labels: { app: 'server' }, ip: '10.0.0.2', node: 'node-2' }),
  rawPod('n/named', { labels: { app: 'named' }, ip: '10.0.0.3', node: 'node-2', ports: NAMED }),
  rawPod('n/six', { labels: { app: 'server' }, ip: 'fd00::2', node: 'node-2' }),
  rawPod('n/six-client', { labels: { app: 'client' }, ip: 'fd00::1', node: 'node-1' }),
  rawPod('n/agent', { labels: { app: 'agent' }, ip: '192.168.0.1', node: 'node-1', hostNetwork: true }),
];

/** What a CNI makes of policies: the verdicts of both readings. */
function ask(
  engine: string,
  policy: unknown,
  from: string,
  to: string,
  flow: Flow,
  options = {},
  version = '',
): readonly Verdict[] {
  const snapshot = compileSnapshot(factsOf(...WORLD, policy), { cni: knownCni(engine, { version, options }) });
  const peer = (name: string) => {
    const found = snapshot.directory.pod('n', name) ?? endpointOfAddress(snapshot.directory, name);
    if (found === null) throw new Error(`no ${name}`);
    return found;
  };
  return (['intended', 'enforced'] as const).map(
    (reading) => evaluatePair(snapshot, peer(from), peer(to), flow, reading).verdict,
  );
}

const SERVER = { podSelector: { matchLabels: { app: 'server' } } };

describe('the enforced reading', () => {
  it('refuses a NetworkPolicy with endPort where Cilium does, and reads it without its end where that did', () => {
    const open = rawNetworkPolicy('n/p', { ...SERVER, ingress: [{ ports: [{ port: 70, endPort: 90 }] }] });
    const verdicts = (version: string, flow: Flow): readonly Verdict[] =>
      ask('cilium', open, 'client', 'server', flow, {}, version);
    expect(verdicts('1.14.3', HTTP)).toEqual(['allow', 'deny']);
    expect(verdicts('1.16.0', HTTP)).toEqual(['allow', 'allow']);
    const other: Flow = { ...HTTP, port: 443 };
    expect(verdicts('1.14.3', other)).toEqual(['deny', 'deny']);
    expect(verdicts('1.15.2', other)).toEqual(['deny', 'allow']);
    expect(verdicts('1.16.0', other)).toEqual(['deny', 'deny']);
  });

  it('counts rules of directions that policyTypes leaves out where the CNI does', () => {
    const egress = { to: [{ podSelector: { matchLabels: { app: 'other' } } }] };
    const policy = rawNetworkPolicy('n/p', {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{}],
      egress: [egress],
    });
    const verdicts = (engine: string): readonly Verdict[] => ask(engine, policy, 'client', 'server', HTTP);
    expect(verdicts('cilium')).toEqual(['allow', 'deny']);
    expect(verdicts('kube-ovn')).toEqual(['allow', 'deny']);
    expect(verdicts('calico')).toEqual(['allow', 'allow']);
    const ingress = rawNetworkPolicy('n/p', {
      ...SERVER,
      policyTypes: ['Egress'],
      egress: [{}],
      ingress: [{ from: [SERVER] }],
    });
    expect(ask('cilium', ingress, 'client', 'server', HTTP)).toEqual(['allow', 'deny']);
    expect(ask('kube-ovn', ingress, 'client', 'server', HTTP)).toEqual(['allow', 'allow']);
  });

  it('admits the common types of ICMP to isolated pods on kube-router and k3s', () => {
    const closed = rawNetworkPolicy('n/p', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    for (const engine of ['kube-router', 'k3s']) {
      expect(ask(engine, closed, 'client', 'server', ping(8))).toEqual(['deny', 'allow']);
      expect(ask(engine, closed, 'client', 'server', ping(13))).toEqual(['deny', 'deny']);
      expect(ask(engine, closed, 'client', 'server', HTTP)).toEqual(['deny', 'deny']);
    }
    expect(ask('calico', closed, 'client', 'server', ping(8))).toEqual(['deny', 'deny']);
  });

  it('NP-33 admits ICMP to isolated pods on OVN-Kubernetes where its switch is on', () => {
    const closed = rawNetworkPolicy('n/p', SERVER);
    const on = { 'allow-icmp-network-policy': 'true' };
    expect(ask('ovn-kubernetes', closed, 'client', 'server', ping(13), on)).toEqual(['deny', 'allow']);
    expect(ask('ovn-kubernetes', closed, 'client', 'server', HTTP, on)).toEqual(['deny', 'deny']);
    expect(ask('ovn-kubernetes', closed, 'client', 'server', ping(13))).toEqual(['deny', 'deny']);
  });

  it('NP-34 NP-35 reads NetworkPolicy as Antrea and kube-router do, and not where it is meant', () => {
    const both = rawNetworkPolicy('n/p', { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}] });
    expect(ask('kube-router', both, 'client', 'server', HTTP)).toEqual(['deny', 'allow']);
    expect(ask('k3s', both, 'client', 'server', HTTP)).toEqual(['deny', 'allow']);
    expect(ask('antrea', both, 'client', 'server', HTTP)).toEqual(['deny', 'deny']);
    const to = [{ ipBlock: { cidr: '10.0.0.0/8' } }];
    const names = rawNetworkPolicy('n/p', { policyTypes: ['Egress'], egress: [{ to, ports: [{ port: 'web' }] }] });
    const web: Flow = { ...HTTP, port: 8080 };
    expect(ask('antrea', names, 'client', 'named', web)).toEqual(['allow', 'deny']);
    expect(ask('calico', names, 'client', 'named', web)).toEqual(['allow', 'allow']);
  });

  it('blocks only protocols with ports in the lax mode of Kube-OVN', () => {
    const closed = rawNetworkPolicy('n/p', { ...SERVER, policyTypes: ['Ingress'] });
    const lax = { 'np-enforcement': 'lax' };
    expect(ask('kube-ovn', closed, 'client', 'server', ping(8), lax)).toEqual(['deny', 'allow']);
    expect(ask('kube-ovn', closed, 'client', 'server', HTTP, lax)).toEqual(['deny', 'deny']);
    expect(ask('kube-ovn', closed, 'client', 'server', ping(8))).toEqual(['deny', 'deny']);
    for (const options of [lax, {}]) {
      const dhcp = { protocol: UDP, port: 67, family: 4 } as const;
      expect(ask('kube-ovn', closed, 'client', 'server', dhcp, options)).toEqual(['deny', 'allow']);
    }
  });

  it('leaves open what an exception does to blocks of other rules on AWS', () => {
    const blocks = [
      { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }] },
      { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
    ];
    const policy = (...egress: readonly unknown[]): unknown =>
      rawNetworkPolicy('n/p', { podSelector: {}, policyTypes: ['Egress'], egress });
    const to = (address: string, engine = 'aws-vpc-cni'): readonly Verdict[] =>
      ask(engine, policy(...blocks), 'client', address, HTTP);
    expect(to('10.9.0.1')).toEqual(['allow', 'unknown']);
    expect(to('10.8.0.1')).toEqual(['allow', 'allow']);
    expect(to('10.9.0.1', 'calico')).toEqual(['allow', 'allow']);
    expect(ask('aws-vpc-cni', policy(blocks[0]), 'client', '10.9.0.1', HTTP)).toEqual(['deny', 'deny']);
  });

  it('does not police hosts on Weave, and leaves open what comes from outside', () => {
    const closed = rawNetworkPolicy('n/p', { ...SERVER, policyTypes: ['Ingress'] });
    expect(ask('weave', closed, 'agent', 'server', HTTP)).toEqual(['deny', 'allow']);
    expect(ask('weave', closed, '203.0.113.1', 'server', HTTP)).toEqual(['deny', 'unknown']);
    expect(ask('weave', closed, 'client', 'server', HTTP)).toEqual(['deny', 'deny']);
    const outside = { ...SERVER, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] };
    expect(ask('weave', rawNetworkPolicy('n/p', outside), '203.0.113.1', 'server', HTTP)).toEqual(['allow', 'allow']);
    expect(ask('calico', closed, '203.0.113.1', 'server', HTTP)).toEqual(['deny', 'deny']);
  });

  it('leaves open what becomes of IPv6 on Azure NPM', () => {
    const closed = rawNetworkPolicy('n/p', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const six: Flow = { ...HTTP, family: 6 };
    expect(ask('azure-npm', closed, 'six-client', 'six', six)).toEqual(['deny', 'unknown']);
    expect(ask('azure-npm', closed, 'client', 'server', HTTP)).toEqual(['deny', 'deny']);
    expect(ask('azure-npm', rawNetworkPolicy('m/p', SERVER), 'six-client', 'six', six)).toEqual(['allow', 'allow']);
  });

  it('takes the name of a port for every port of the pods that have it, in one build of kube-network-policies', () => {
    const rule = { action: 'Deny', ports: [{ namedPort: 'web' }] };
    const policy = (direction: 'ingress' | 'egress', peers: 'from' | 'to'): unknown => ({
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'a' },
      spec: { priority: 1, subject: { namespaces: {} }, [direction]: [{ ...rule, [peers]: [{ namespaces: {} }] }] },
    });
    const build = { flavour: 'npa-v1alpha1' };
    for (const named of [policy('ingress', 'from'), policy('egress', 'to')]) {
      const to = (name: string, port: number, options = build): readonly Verdict[] =>
        ask('kube-network-policies', named, 'client', name, { ...HTTP, port }, options);
      expect(to('named', 8080)).toEqual(['deny', 'deny']);
      expect(to('named', 9999)).toEqual(['allow', 'deny']);
      expect(to('server', 9999)).toEqual(['allow', 'allow']);
      expect(ask('calico', named, 'client', 'named', { ...HTTP, port: 9999 }, {}, '3.30.0')[0]).toBe('allow');
    }
  });

  it('takes hosts for peers as OVN-Kubernetes does', () => {
    const from = (peer: unknown): readonly Verdict[] =>
      ask(
        'ovn-kubernetes',
        rawNetworkPolicy('n/p', { ...SERVER, ingress: [{ from: [peer] }] }),
        'agent',
        'server',
        HTTP,
      );
    expect(from({ namespaceSelector: {}, podSelector: {} })).toEqual(['deny', 'allow']);
    expect(from({ namespaceSelector: { matchLabels: { [HOST_NETWORK]: '' } } })).toEqual(['deny', 'allow']);
    expect(from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'n' } } })).toEqual([
      'deny',
      'deny',
    ]);
    expect(from({ podSelector: {} })).toEqual(['deny', 'deny']);
  });
});
