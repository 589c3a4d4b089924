import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNetworkPolicy } from '../../testing/index.js';

const firewall = (egress: unknown, name = 'default'): unknown => ({
  apiVersion: 'k8s.ovn.org/v1',
  kind: 'EgressFirewall',
  metadata: { name, namespace: 'a' },
  spec: { egress },
});
const block = (type: string, cidrSelector: string, ports?: unknown): unknown => ({ type, to: { cidrSelector }, ports });
const world = (...policies: readonly unknown[]): PolicyWorld =>
  new PolicyWorld(policies, { combination: 'ovn', podToOwnNode: false });
const DENY_ALL = block('Deny', '0.0.0.0/0');

describe('EgressFirewall', () => {
  it('EF-1 every pod of its namespace, under one name', () => {
    expect(world(firewall([DENY_ALL])).ask('a/client', '8.8.8.8')).toBe('deny');
    expect(world(firewall([DENY_ALL])).ask('b/server', '8.8.8.8')).toBe('allow');
    const other = world(firewall([DENY_ALL], 'other'));
    expect(other.problems).toEqual(['error egressfirewall.name /metadata/name']);
    expect(other.ask('a/client', '8.8.8.8')).toBe('allow');
  });

  it('EF-2 both gates must allow', () => {
    const isolate = rawNetworkPolicy('a/isolate', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '8.8.0.0/16' } }] }],
    });
    const both = world(isolate, firewall([block('Allow', '8.8.8.8/32'), block('Allow', '9.9.9.9/32'), DENY_ALL]));
    expect(both.ask('a/client', '8.8.8.8')).toBe('allow');
    expect(both.ask('a/client', '8.8.4.4')).toBe('deny');
    expect(both.ask('a/client', '9.9.9.9')).toBe('deny');
  });

  it('EF-3 the first rule that matches decides, no match is an allow', () => {
    const rules = [block('Deny', '8.8.8.0/24'), block('Allow', '8.8.8.8/32')];
    expect(world(firewall(rules)).ask('a/client', '8.8.8.8')).toBe('deny');
    expect(world(firewall(rules.toReversed())).ask('a/client', '8.8.8.8')).toBe('allow');
    expect(world(firewall(rules)).ask('a/client', '1.1.1.1')).toBe('allow');
  });

  it('EF-4 blocks match nodes and outside addresses, never pods', () => {
    const policy = world(firewall([DENY_ALL, block('Deny', '10.0.0.0/8')]));
    expect(policy.ask('a/client', 'b/server')).toBe('allow');
    expect(policy.ask('a/client', 'node:node-2')).toBe('deny');
    expect(policy.ask('a/client', 'b/agent')).toBe('deny');
  });

  it('EF-6 a leading star is one label', () => {
    const policy = world(
      firewall([{ type: 'Allow', to: { dnsName: '*.example.com' } }, DENY_ALL, block('Deny', '::/0')]),
    );
    expect(policy.ask('a/client', 'a.example.com')).toBe('allow');
    expect(policy.ask('a/client', 'a.b.example.com')).toBe('deny');
    expect(policy.ask('a/client', 'example.com')).toBe('deny');
  });

  it('EF-7 nodes by label', () => {
    const policy = world(firewall([{ type: 'Deny', to: { nodeSelector: { matchLabels: { zone: 'y' } } } }]));
    expect(policy.ask('a/client', 'node:node-2')).toBe('deny');
    expect(policy.ask('a/client', 'node:node-1')).toBe('allow');
  });

  it('EF-7 at every address that the host has', () => {
    const rule = { type: 'Deny', to: { nodeSelector: { matchLabels: { zone: 'z' } } } };
    const asked = (blocks: string): readonly unknown[] => {
      const node = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n', labels: { zone: 'z' }, annotations: { 'k8s.ovn.org/host-cidrs': blocks } },
        status: { addresses: [{ type: 'InternalIP', address: '172.18.0.9' }] },
      };
      const policy = world(firewall([rule]), node);
      return ['172.18.0.9', '192.0.2.9', '2001:db8::9'].map((address) => policy.ask('a/client', address));
    };
    expect(asked('["172.18.0.9/16", "192.0.2.9/24","2001:DB8:0::9/64"]')).toEqual(['deny', 'deny', 'deny']);
    expect(asked('["192.0.2.9/24", "x/9"')).toEqual(['deny', 'allow', 'allow']);
  });

  it('EF-7 not at nodes whose addresses are not told, where those of others are', () => {
    const named = (name: string, address: string, annotations = {}): unknown => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { zone: 'z' }, annotations },
      status: { addresses: [{ type: 'InternalIP', address }] },
    });
    const rule = { type: 'Deny', to: { nodeSelector: { matchLabels: { zone: 'z' } } } };
    const cidrs = { 'k8s.ovn.org/host-cidrs': '["172.18.0.8/16"]' };
    const policy = world(firewall([rule]), named('told', '172.18.0.8', cidrs), named('untold', '172.18.0.9'));
    expect(['172.18.0.8', '172.18.0.9'].map((address) => policy.ask('a/client', address))).toEqual(['deny', 'allow']);
  });

  it('EF-8 ports', () => {
    const policy = world(firewall([block('Deny', '0.0.0.0/0', [{ protocol: 'UDP', port: 53 }])]));
    expect(policy.ask('a/client', '8.8.8.8', 'UDP/53')).toBe('deny');
    expect(policy.ask('a/client', '8.8.8.8', 'TCP/53')).toBe('allow');
    expect(world(firewall([DENY_ALL])).ask('a/client', '8.8.8.8', 'ICMP')).toBe('deny');
  });

  it('EF-9 pods on the host network are left alone', () => {
    const agents = {
      apiVersion: 'k8s.ovn.org/v1',
      kind: 'EgressFirewall',
      metadata: { name: 'default', namespace: 'b' },
    };
    const policy = world({ ...agents, spec: { egress: [DENY_ALL] } });
    expect(policy.ask('b/agent', '8.8.8.8')).toBe('allow');
    expect(policy.ask('8.8.8.8', 'b/server')).toBe('allow');
  });

  it.each([
    ['rules', 1, 'egressfirewall.rules /spec/egress'],
    ['EF-5 no destination', [{ type: 'Deny', to: {} }], 'egressfirewall.to /spec/egress/0/to'],
    [
      'EF-5 two destinations',
      [{ type: 'Deny', to: { cidrSelector: '1.1.1.1/32', dnsName: 'a.com' } }],
      'egressfirewall.to /spec/egress/0/to',
    ],
    ['a type', [block('deny', '1.1.1.1/32')], 'egressfirewall.type /spec/egress/0/type'],
    ['a block', [block('Deny', '1.1.1.1')], 'cidr.invalid /spec/egress/0/to/cidrSelector'],
    [
      'EF-10 a block with a zero before a number',
      [block('Deny', '8.8.8.0/24'), block('Deny', '010.0.0.0/8')],
      'egressfirewall.block /spec/egress/1/to/cidrSelector',
    ],
    ['a name', [{ type: 'Deny', to: { dnsName: 'a.*.com' } }], 'egressfirewall.dns_name /spec/egress/0/to/dnsName'],
    [
      'a port',
      [block('Deny', '1.1.1.1/32', [{ protocol: 'TCP', port: 0 }])],
      'egressfirewall.port /spec/egress/0/ports/0/port',
    ],
    [
      'a protocol',
      [block('Deny', '1.1.1.1/32', [{ protocol: 'ICMP', port: 1 }])],
      'egressfirewall.protocol /spec/egress/0/ports/0/protocol',
    ],
  ])('refuses: %s', (_, egress, problem) => {
    expect(world(firewall(egress)).problems).toEqual([`error ${problem}`]);
  });

  it('EF-10 hangs on the resolver where a name has a star', () => {
    const rules = [{ type: 'Deny', to: { dnsName: '*.example.com' } }, block('Deny', '8.8.8.8/32')];
    const asked = (options: Record<string, string>): readonly unknown[] => {
      const w = new PolicyWorld([firewall(rules)], { combination: 'ovn', podToOwnNode: false, options });
      return [w.ask('a/client', 'a.example.com'), w.ask('a/client', '8.8.8.8'), w.problems];
    };
    const at = 'egressfirewall.wildcard /spec/egress/0/to/dnsName';
    const engine = 'ovn-kubernetes';
    expect(asked({})).toEqual(['deny', 'deny', []]);
    expect(asked({ engine, 'enable-dns-name-resolver': 'true' })).toEqual(['deny', 'deny', []]);
    expect(asked({ engine, 'enable-dns-name-resolver': 'false' })).toEqual(['allow', 'allow', [`error ${at}`]]);
    expect(asked({ engine })).toEqual(['unknown', 'unknown', [`unsupported ${at}`]]);
  });

  it('EF-10 wants a domain where the resolver is on', () => {
    const bare = firewall([{ type: 'Deny', to: { dnsName: 'intranet' } }]);
    const asked = (resolver: string): string => {
      const options = { engine: 'ovn-kubernetes', 'enable-dns-name-resolver': resolver };
      return new PolicyWorld([bare], { combination: 'ovn', options }).ask('a/client', 'intranet');
    };
    expect(['true', 'false'].map(asked)).toEqual(['allow', 'deny']);
  });

  it('EF-11 has no more rules than there are priorities', () => {
    const rules = (count: number): PolicyWorld => world(firewall(Array.from({ length: count }, () => DENY_ALL)));
    expect(rules(8001).problems).toEqual([]);
    expect(rules(8002).problems).toEqual(['error egressfirewall.rules /spec/egress']);
  });

  it('takes any value without a throw', () => {
    for (const value of [null, 0, '', {}, [null], [[]], [{ to: 1, ports: 1 }], [{ to: [], ports: [1] }]]) {
      expect(() => world(firewall(value))).not.toThrow();
    }
  });
});
