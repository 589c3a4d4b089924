import { describe, expect, it } from '@jest/globals';

import type { Semantics, Verdict } from '../../model/index.js';
import { PolicyWorld, rawNetworkPolicy, rawPod } from '../../testing/index.js';

type Engine = Semantics['networkPolicyOf'];

const world = (engine: Engine, spec: object, ...more: readonly unknown[]): PolicyWorld =>
  new PolicyWorld([rawNetworkPolicy('b/p', { podSelector: {}, ...spec }), ...more], {
    networkPolicyOf: engine,
    podToOwnNode: false,
  });
const app = (name: string): object => ({ podSelector: { matchLabels: { app: name } } });
const block = (cidr: string, ...except: readonly string[]): object => ({ ipBlock: { cidr, except } });
const ingress = (rule: object): object => ({ policyTypes: ['Ingress'], ingress: [rule] });
const egress = (rule: object): object => ({ policyTypes: ['Egress'], egress: [rule] });

describe('NetworkPolicy as kube-router reads it', () => {
  it('NP-35 does not tell the directions of a policy with both types apart', () => {
    const both = {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [app('other')], ports: [{ port: 80 }] }],
      egress: [{ to: [app('dns')] }],
    };
    const asked = (w: PolicyWorld): readonly Verdict[] => [
      w.ask('b/other', 'b/server'),
      w.ask('b/other', 'b/server', 'TCP/81'),
      w.ask('b/server', 'b/other'),
      w.ask('b/other', 'a/client'),
    ];
    expect(asked(world('kube-router', both))).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(asked(world('spec', both))).toEqual(['deny', 'deny', 'deny', 'deny']);
    const out = { policyTypes: ['Ingress', 'Egress'], egress: [{ to: [app('server'), block('10.0.0.1/32')] }] };
    expect(world('kube-router', out).ask('b/other', 'b/server')).toBe('allow');
    expect(world('spec', out).ask('b/other', 'b/server')).toBe('deny');
    // With one type there is nothing to mix up.
    expect(world('kube-router', { ...both, policyTypes: ['Egress'] }).ask('b/other', 'b/server')).toBe('deny');
  });

  it('NP-43 with nftables lets an exception hold against every block of its rule', () => {
    const from = (...peers: readonly object[]): readonly Verdict[] => {
      const w = world('kube-router-nftables', ingress({ from: peers }));
      return ['10.1.2.3', '10.1.9.9', '10.2.0.1'].map((source) => w.ask(source, 'b/server'));
    };
    const wide = [block('10.0.0.0/8', '10.1.0.0/16'), block('10.0.0.0/7')];
    expect(from(...wide, block('10.1.2.0/24'))).toEqual(['deny', 'deny', 'allow']);
    expect(from(...wide, block('10.1.0.0/16'))).toEqual(['deny', 'deny', 'allow']);
    const apart = { policyTypes: ['Ingress'], ingress: wide.toReversed().map((peer) => ({ from: [peer] })) };
    expect(world('kube-router-nftables', apart).ask('10.1.2.3', 'b/server')).toBe('allow');
    const both = { policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [app('other')] }] };
    expect(world('kube-router-nftables', both).ask('b/other', 'b/server')).toBe('allow');
  });

  it('NP-43 with nftables lets an exception end its policy', () => {
    const excepting = { from: [block('0.0.0.0/0', '10.0.0.0/29'), app('other')], ports: [{ port: 443 }] };
    const asked = (engine: Engine, spec: object): readonly Verdict[] =>
      ['a/client', 'b/other', '8.8.8.8'].map((from) => world(engine, spec).ask(from, 'b/server'));
    const rules = (...ingressRules: readonly object[]): object => ({ policyTypes: ['Ingress'], ingress: ingressRules });
    expect(asked('kube-router-nftables', rules(excepting, {}))).toEqual(['deny', 'deny', 'allow']);
    expect(asked('kube-router-nftables', rules({}, excepting))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('kube-router', rules(excepting, {}))).toEqual(['allow', 'allow', 'allow']);
    // By its own address b/other is excepted on the way in, so that its way out ends there too.
    const out = (types: readonly string[]): Verdict =>
      world('kube-router-nftables', { policyTypes: types, ingress: [excepting], egress: [{}] }).ask(
        'b/other',
        '8.8.8.8',
      );
    expect([out(['Ingress', 'Egress']), out(['Egress'])]).toEqual(['deny', 'allow']);
  });

  it('NP-36 lets the longest prefix of a rule decide, and leaves open what is both', () => {
    const from = (engine: Engine, ...peers: readonly object[]): readonly Verdict[] => {
      const w = world(engine, ingress({ from: peers }));
      return ['10.1.2.3', '10.1.9.9', '10.2.0.1'].map((source) => w.ask(source, 'b/server'));
    };
    const wide = [block('10.0.0.0/8', '10.1.0.0/16'), block('10.0.0.0/7')];
    expect(from('kube-router', ...wide)).toEqual(['deny', 'deny', 'allow']);
    expect(from('spec', ...wide)).toEqual(['allow', 'allow', 'allow']);
    expect(from('kube-router', ...wide, block('10.1.2.0/24'))).toEqual(['allow', 'deny', 'allow']);
    expect(from('kube-router', ...wide, block('10.1.0.0/16'))).toEqual(['unknown', 'unknown', 'allow']);
    const apart = { policyTypes: ['Ingress'], ingress: wide.map((peer) => ({ from: [peer] })) };
    expect(world('kube-router', apart).ask('10.1.2.3', 'b/server')).toBe('allow');
  });

  it('NP-37 reads a port name for everyone as the numbers of its own namespace', () => {
    const named = (rule: object): PolicyWorld => world('kube-router', egress({ ...rule, ports: [{ port: 'http' }] }));
    const asked = (w: PolicyWorld): readonly Verdict[] => [
      w.ask('b/other', 'a/client', 'TCP/8080'),
      w.ask('b/other', '203.0.113.9', 'TCP/8080'),
      w.ask('b/other', 'b/server', 'TCP/8080'),
      w.ask('b/other', 'b/server', 'TCP/80'),
    ];
    expect(asked(named({}))).toEqual(['allow', 'allow', 'allow', 'deny']);
    expect(asked(named({ to: [app('server')] }))).toEqual(['deny', 'deny', 'allow', 'deny']);
    expect(asked(named({ to: [block('0.0.0.0/0')] }))).toEqual(['deny', 'deny', 'deny', 'deny']);
  });

  it('NP-38 leaves parts of IPv6 out of `::/0`', () => {
    const six = rawPod('b/six', { labels: { app: 'six' }, ip: '2001:db8::6', node: 'node-2' });
    const from = (engine: Engine): readonly Verdict[] => {
      const w = world(engine, ingress({ from: [block('::/0', '2001:db8:1::/48')] }), six);
      return ['2001:db8::9', '2001:db8:1::9', 'fd12::1', 'fc12::1', '64:ff9b::1'].map((ip) => w.ask(ip, 'b/six'));
    };
    expect(from('kube-router')).toEqual(['allow', 'deny', 'allow', 'deny', 'deny']);
    expect(from('spec')).toEqual(['allow', 'deny', 'allow', 'allow', 'allow']);
  });
});

describe('NetworkPolicy as kube-router reads it, where its ports are names', () => {
  const nobody = [{ port: 'http', protocol: 'UDP' }, { port: 'admin' }];
  const asked = (w: PolicyWorld, from: string, to: string): readonly Verdict[] =>
    ['TCP/80', 'UDP/53', 'ICMP'].map((port) => w.ask(from, to, port));
  const ALLOWED = ['allow', 'allow', 'allow'];
  const DENIED = ['deny', 'deny', 'deny'];

  it.each(['kube-router', 'kube-router-nftables'] as const)(
    'NP-47 opens every port to pods for names of nobody, %s',
    (of) => {
      const inward = world(of, ingress({ from: [app('other'), block('203.0.113.0/24')], ports: nobody }));
      expect(asked(inward, 'b/other', 'b/server')).toEqual(ALLOWED);
      expect(asked(inward, '203.0.113.9', 'b/server')).toEqual(DENIED);
      expect(asked(inward, 'a/client', 'b/server')).toEqual(DENIED);
      const outward = world(of, egress({ to: [app('server')], ports: nobody }));
      expect(asked(outward, 'b/other', 'b/server')).toEqual(ALLOWED);
      expect(asked(outward, 'b/other', 'a/client')).toEqual(DENIED);
    },
  );

  it('NP-47 asks those whom the rule is about, and lets a number beside the names stand', () => {
    // Pod b/server has the name, b/other has not.
    const named = [{ port: 'http' }];
    const to = (peer: string): PolicyWorld => world('kube-router', egress({ to: [app(peer)], ports: named }));
    expect(asked(to('server'), 'b/other', 'b/server')).toEqual(DENIED);
    expect(asked(to('other'), 'b/server', 'b/other')).toEqual(ALLOWED);
    const of = (subject: string): PolicyWorld =>
      world('kube-router', {
        ...ingress({ from: [app('other')], ports: named }),
        podSelector: { matchLabels: { app: subject } },
      });
    expect(asked(of('server'), 'b/other', 'b/server')).toEqual(DENIED);
    expect(asked(of('other'), 'b/other', 'b/server')).toEqual(ALLOWED);
    const beside = world('kube-router', ingress({ from: [app('other')], ports: [...nobody, { port: 443 }] }));
    expect(asked(beside, 'b/other', 'b/server')).toEqual(DENIED);
    expect(asked(world('kube-router', ingress({ ports: nobody })), 'b/other', 'b/server')).toEqual(DENIED);
    expect(asked(world('spec', ingress({ from: [app('other')], ports: nobody })), 'b/other', 'b/server')).toEqual(
      DENIED,
    );
  });

  it('NP-47 counts what workloads make pods of', () => {
    const template = {
      metadata: { labels: { app: 'made' } },
      spec: { containers: [{ name: 'm', image: 'm', ports: [{ name: 'web', containerPort: 81 }] }] },
    };
    const made = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'made', namespace: 'b' },
      spec: { selector: { matchLabels: { app: 'made' } }, template },
    };
    const rule = egress({ to: [app('made'), app('other')], ports: [{ port: 'web' }] });
    expect(asked(world('kube-router', rule, made), 'b/server', 'b/other')).toEqual(DENIED);
    expect(asked(world('kube-router', rule), 'b/server', 'b/other')).toEqual(ALLOWED);
  });
});
