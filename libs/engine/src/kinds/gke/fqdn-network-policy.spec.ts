import { describe, expect, it } from '@jest/globals';

import { SPEC_SEMANTICS } from '../../cni/spec-semantics.js';
import type { Semantics } from '../../model/index.js';
import { PolicyWorld, rawNetworkPolicy } from '../../testing/index.js';

const fqdn = (egress: unknown, podSelector: unknown = {}): unknown => ({
  apiVersion: 'networking.gke.io/v1alpha1',
  kind: 'FQDNNetworkPolicy',
  metadata: { name: 'names', namespace: 'a' },
  spec: { podSelector, egress },
});
const match = (matches: readonly unknown[], ports?: unknown): unknown => [{ matches, ports }];
const GKE: Partial<Semantics> = {
  combination: 'cilium',
  cidrMatches: { pods: false, nodes: false },
  kinds: { ...SPEC_SEMANTICS.kinds, 'FQDNNetworkPolicy.networking.gke.io': 'yes' },
};
const world = (...policies: readonly unknown[]): PolicyWorld => new PolicyWorld(policies, GKE);

describe('FQDNNetworkPolicy', () => {
  it('FQ-1 and FQ-2 it isolates the egress of its subject', () => {
    const policy = world(fqdn(match([{ name: 'example.com' }])));
    expect(policy.ask('a/client', 'example.com')).toBe('allow');
    expect(policy.ask('a/client', 'example.org')).toBe('deny');
    expect(policy.ask('b/other', 'a/client')).toBe('allow');
    const other = world(fqdn(match([{ name: 'example.com' }]), { matchLabels: { app: 'none' } }));
    expect(other.ask('a/client', 'example.org')).toBe('allow');
  });

  it('FQ-3 it adds to NetworkPolicy', () => {
    const toServer = rawNetworkPolicy('a/server', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'server' } } }] }],
    });
    const policy = world(fqdn(match([{ name: 'example.com' }])), toServer);
    expect(policy.ask('a/client', 'b/server')).toBe('allow');
    expect(policy.ask('a/client', 'example.com')).toBe('allow');
    expect(policy.ask('a/client', 'b/other')).toBe('deny');
  });

  it('FQ-5 stars stay inside a label, a star alone is everything', () => {
    const asked = ['www.a.com', 'a.com', 'x.www.a.com', 'sub1.b.com', 'mysub.b.com'];
    const policy = world(fqdn(match([{ pattern: '**.a.com' }, { pattern: 'sub*.b.com' }])));
    expect(asked.filter((name) => policy.ask('a/client', name) === 'allow')).toEqual(['www.a.com', 'sub1.b.com']);
    expect(world(fqdn(match([{ pattern: '*' }]))).ask('a/client', 'x.y.z.com')).toBe('allow');
  });

  it('FQ-6 ports', () => {
    const name = [{ name: 'a.com' }];
    const one = world(fqdn(match(name, [{ protocol: 'TCP', port: 443 }, { protocol: 'UDP' }])));
    expect(['TCP/443', 'TCP/80', 'UDP/1', 'ICMP'].map((port) => one.ask('a/client', 'a.com', port))).toEqual([
      'allow',
      'deny',
      'allow',
      'deny',
    ]);
    const all = world(fqdn(match(name, [{ port: 53 }])));
    expect(['TCP/53', 'UDP/53', 'TCP/54'].map((port) => all.ask('a/client', 'a.com', port))).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    expect(world(fqdn(match(name, [{ protocol: 'ALL' }]))).ask('a/client', 'a.com', 'ICMP')).toBe('allow');
    expect(world(fqdn(match(name, []))).ask('a/client', 'a.com', 'ICMP')).toBe('allow');
  });

  it('FQ-7 a bare address may be one of the names, a pod is not', () => {
    const policy = world(fqdn(match([{ name: 'a.com' }])));
    expect(policy.ask('a/client', '8.8.8.8')).toBe('unknown');
    expect(policy.ask('a/client', 'b/server')).toBe('deny');
  });

  it.each([
    ['FQ-4 no rules', [], 'fqdnnetworkpolicy.list /spec/egress'],
    ['FQ-4 no matches', match([]), 'fqdnnetworkpolicy.list /spec/egress/0/matches'],
    ['FQ-4 neither', match([{}]), 'fqdnnetworkpolicy.match /spec/egress/0/matches/0'],
    ['FQ-4 both', match([{ name: 'a', pattern: 'b' }]), 'fqdnnetworkpolicy.match /spec/egress/0/matches/0'],
    ['a star in a name', match([{ name: '*.a' }]), 'fqdnnetworkpolicy.name /spec/egress/0/matches/0/name'],
    ['a pattern', match([{ pattern: 'a b' }]), 'fqdnnetworkpolicy.pattern /spec/egress/0/matches/0/pattern'],
    [
      'a protocol',
      match([{ name: 'a' }], [{ protocol: 'SCTP' }]),
      'fqdnnetworkpolicy.protocol /spec/egress/0/ports/0/protocol',
    ],
    ['a port', match([{ name: 'a' }], [{ port: '80' }]), 'fqdnnetworkpolicy.port /spec/egress/0/ports/0/port'],
  ])('refuses: %s', (_, egress, problem) => {
    expect(world(fqdn(egress)).problems).toEqual([`error ${problem}`]);
  });

  it('takes any value without a throw', () => {
    for (const value of [null, 0, '', {}, [null], [[]], [{ matches: 1, ports: 1 }], [{ matches: [1], ports: [1] }]]) {
      expect(() => world(fqdn(value, value))).not.toThrow();
    }
  });
});
