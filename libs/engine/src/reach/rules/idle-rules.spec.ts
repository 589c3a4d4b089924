import { describe, expect, it } from '@jest/globals';

import type { Semantics } from '../../model/index.js';
import { PolicyWorld, rawCalico, rawNetworkPolicy } from '../../testing/index.js';
import type { IdleRule } from './idle-rules.js';
import { idleRules } from './idle-rules.js';

const pods = (labels: object): object => ({ namespaceSelector: {}, podSelector: { matchLabels: labels } });
const anp = (name: string, priority: number, ingress: readonly unknown[]): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name },
  spec: { priority, subject: { namespaces: {} }, ingress },
});
const from = (action: string, labels: object, more: object = {}): object => ({
  action,
  from: [{ pods: pods(labels) }],
  ...more,
});
const everybody = (action: string): object => ({ action, from: [{ namespaces: {} }] });

const told = (policies: readonly unknown[], semantics: Partial<Semantics> = {}): string[] =>
  idleRules(new PolicyWorld(policies, semantics).snapshot).rules.map(
    ({ rule, why, by }: IdleRule) =>
      `${rule.policy.name}${rule.pointer} ${why} by ${by.map((other) => `${other.policy.name}${other.pointer}`).join()}`,
  );

describe('rules that change no verdict', () => {
  it('are redundant where another rule allows the same and more', () => {
    const client = { from: [pods({ app: 'client' })], ports: [{ port: 80 }] };
    const all = { from: [{ namespaceSelector: {} }] };
    const policy = rawNetworkPolicy('b/p', { podSelector: {}, ingress: [client, all] });
    expect(told([policy])).toEqual(['p/spec/ingress/0 redundant by p/spec/ingress/1']);
    const narrow = { from: [{ namespaceSelector: {} }], ports: [{ port: 81 }] };
    expect(told([rawNetworkPolicy('b/p', { podSelector: {}, ingress: [client, narrow] })])).toEqual([]);
  });

  it('UP-45: are not idle where they keep a pod from itself alone, which NetworkPolicy does not', () => {
    const policy = rawNetworkPolicy('b/p', {
      podSelector: { matchLabels: { app: 'server' } },
      policyTypes: ['Ingress'],
    });
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'b' } };
    const deny = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'first' },
      spec: {
        priority: 1,
        subject: { pods: { namespaceSelector, podSelector: { matchLabels: { app: 'server' } } } },
        ingress: [from('Deny', { app: 'server' })],
      },
    };
    expect(told([policy, deny], { toItself: { egress: 'cluster-wide', ingress: 'cluster-wide' } })).toEqual([]);
    expect(told([policy, deny], { toItself: { egress: 'nothing', ingress: 'nothing' } })).toEqual([
      'first/spec/ingress/0 redundant by p',
    ]);
  });

  it('are redundant where several others allow it together', () => {
    const rule = (port: number, endPort: number): object => ({ ports: [{ port, endPort }] });
    const policy = rawNetworkPolicy('b/p', { podSelector: {}, ingress: [rule(1, 50), rule(51, 100), rule(40, 60)] });
    expect(told([policy])).toEqual(['p/spec/ingress/2 redundant by p/spec/ingress/0,p/spec/ingress/1']);
  });

  it('are not idle where they alone speak of a protocol that has no name here', () => {
    const others = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'].map((protocol) => ({ action: 'Allow', protocol }));
    const policy = (...more: readonly object[]): unknown =>
      rawCalico('GlobalNetworkPolicy', 'p', { selector: 'all()', types: ['Ingress'], ingress: [...others, ...more] });
    expect(told([policy({ action: 'Allow' })]).map((text) => text.split(' ')[0])).toEqual(
      others.map((_, at) => `p/spec/ingress/${at}`),
    );
    expect(told([policy({ action: 'Allow', protocol: 47 })])).toEqual([]);
  });

  it('are shadowed where an earlier rule decides alike, contradicted where it decides the other way', () => {
    const first = anp('first', 1, [everybody('Deny')]);
    const second = anp('second', 2, [from('Deny', { app: 'client' }), from('Allow', { app: 'client' })]);
    expect(told([first, second])).toEqual([
      'second/spec/ingress/0 shadowed by first/spec/ingress/0',
      'second/spec/ingress/1 contradicted by first/spec/ingress/0',
    ]);
  });

  it('are redundant where a later rule would decide alike', () => {
    const first = anp('first', 1, [from('Deny', { app: 'client' })]);
    const second = anp('second', 2, [everybody('Deny')]);
    expect(told([first, second])).toEqual(['first/spec/ingress/0 redundant by second/spec/ingress/0']);
  });

  it('are redundant where the strongest of others without an order among them decides alike', () => {
    const to = (action: string, labels: object): object => ({ action, to: [{ pods: pods(labels) }] });
    const policy = {
      apiVersion: 'networking.k8s.aws/v1alpha1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'p' },
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: [to('Accept', {}), to('Deny', { app: 'server' }), to('Deny', { app: 'server' })],
      },
    };
    expect(told([policy], { combination: 'aws' })).toEqual([
      'p/spec/egress/0 redundant by p/spec/egress/1,p/spec/egress/2',
      'p/spec/egress/1 redundant by p/spec/egress/2',
      'p/spec/egress/2 redundant by p/spec/egress/1',
    ]);
  });

  describe('that pass', () => {
    const make = (kind: string, name: string, spec: object): unknown => ({
      apiVersion: 'projectcalico.org/v3',
      kind,
      metadata: { name },
      spec,
    });
    const tier = (defaultAction: string): unknown => make('Tier', 'sec', { order: 1, defaultAction });
    const policy = (name: string, order: number, ...actions: string[]): unknown =>
      make('GlobalNetworkPolicy', name, {
        tier: name.split('.')[0],
        order,
        types: ['Ingress'],
        ingress: actions.map((action) => ({ action })),
      });
    const idle = (...policies: unknown[]): string[] => told(policies, { combination: 'calico' });

    it('name the others of their tier that do', () => {
      const last = policy('default.last', 1, 'Allow');
      expect(idle(tier('Deny'), policy('sec.one', 1, 'Pass'), policy('sec.two', 2, 'Pass'), last)).toEqual([
        'sec.one/spec/ingress/0 redundant by sec.two/spec/ingress/0',
        'sec.two/spec/ingress/0 shadowed by sec.one/spec/ingress/0',
      ]);
    });

    it('name what decides after the tier when its end passes too', () => {
      expect(idle(tier('Pass'), policy('sec.one', 1, 'Pass'), policy('default.last', 1, 'Deny'))).toEqual([
        'default.last/spec/ingress/0 redundant by default.last',
        'sec.one/spec/ingress/0 redundant by default.last/spec/ingress/0',
      ]);
    });

    it('matter where the end of the tier denies', () => {
      expect(idle(tier('Deny'), policy('sec.one', 1, 'Pass'))).toEqual([]);
    });
  });

  it('matter for pods that do not exist yet', () => {
    const policy = rawNetworkPolicy('b/p', {
      podSelector: {},
      ingress: [{ from: [pods({ app: 'client' })] }, { from: [pods({ app: 'not-there' })] }],
    });
    expect(told([policy])).toEqual([]);
  });

  it('matter where the verdict hangs on a request', () => {
    const http = (method: string): object => ({
      ports: [{ port: '80', protocol: 'TCP' }],
      rules: { http: [{ method }] },
    });
    const policy = (...methods: string[]): unknown => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { namespace: 'b', name: 'p' },
      spec: {
        endpointSelector: {},
        ingress: methods.map((method) => ({ fromEndpoints: [{}], toPorts: [http(method)] })),
      },
    });
    expect(told([policy('GET', 'POST')])).toEqual([]);
  });

  it('matter where the verdict hangs on whose address it is', () => {
    const policy = (name: string, egress: object): unknown => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { namespace: 'b', name },
      spec: { endpointSelector: {}, egress: [egress] },
    });
    const names = policy('names', { toFQDNs: [{ matchName: 'api.example.com' }] });
    expect(told([names, policy('apiserver', { toEntities: ['kube-apiserver'] })])).toEqual([]);
    expect(told([names, policy('world', { toEntities: ['world'] })])).toEqual([
      'names/spec/egress/0 shadowed by world/spec/egress/0',
    ]);
  });

  it('matter where they open an address block besides', () => {
    const block = (cidr: string): object => ({ from: [{ ipBlock: { cidr } }] });
    const wider = rawNetworkPolicy('b/p', { podSelector: {}, ingress: [block('9.0.0.0/8'), block('9.1.0.0/16')] });
    expect(told([wider])).toEqual(['p/spec/ingress/1 redundant by p/spec/ingress/0']);
    const apart = rawNetworkPolicy('b/p', { podSelector: {}, ingress: [block('9.0.0.0/8'), block('8.1.0.0/16')] });
    expect(told([apart])).toEqual([]);
  });

  it('matter where they alone speak of what reaches a Service', () => {
    const policy = (...egress: readonly object[]): unknown => ({
      apiVersion: 'crd.antrea.io/v1beta1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'p' },
      spec: { priority: 1, appliedTo: [{ namespaceSelector: {} }], egress },
    });
    const through = { action: 'Drop', toServices: [{ namespace: 'b', name: 'web' }] };
    const antrea = { combination: 'antrea' } as const;
    expect(told([policy(through)], antrea)).toEqual([]);
    expect(told([policy({ action: 'Drop' }, through)], antrea)).toEqual([
      'p/spec/egress/1 shadowed by p/spec/egress/0',
    ]);
    expect(told([policy(through, { action: 'Drop' })], antrea)).toEqual([
      'p/spec/egress/0 redundant by p/spec/egress/1',
    ]);
  });

  it('matter where they judge what a host passes on, whatever else they do not', () => {
    const make = (kind: string, name: string, spec: object): unknown => ({
      apiVersion: 'projectcalico.org/v3',
      kind,
      metadata: { name },
      spec,
    });
    const host = make('HostEndpoint', 'host', { node: 'node-1', interfaceName: '*' });
    const rule = { action: 'Allow', protocol: 'TCP', destination: { ports: [80] } };
    const policy = (name: string, order: number, more: object): unknown =>
      make('GlobalNetworkPolicy', name, { order, selector: 'all()', types: ['Ingress'], ...more });
    const first = policy('first', 1, { ingress: [{ action: 'Deny' }] });
    const second = (more: object): unknown => policy('second', 2, { ingress: [rule], ...more });
    const idle = (more: object): boolean =>
      told([host, first, second(more)], { combination: 'calico' }).some((text) => text.startsWith('second'));
    expect(idle({})).toBe(true);
    expect(idle({ applyOnForward: true })).toBe(false);
  });

  it('are left where the work is over', () => {
    const rules = [{ ports: [{ port: 1 }] }, { ports: [{ port: 2 }] }];
    const { snapshot } = new PolicyWorld([rawNetworkPolicy('b/p', { podSelector: {}, ingress: rules })]);
    expect(idleRules(snapshot, 1)).toEqual({ rules: [], examined: 1, left: 1 });
  });
});
