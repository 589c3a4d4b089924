import { describe, expect, it } from '@jest/globals';
import type { CompiledSnapshot } from '../../compile/index.js';
import { rawCalico, rawNetworkPolicy } from '../../testing/index.js';
import { snapshotOf, verdict, local, global, allowFrom } from '../../testing/calico-world.js';

describe('CAL-1 the storage group', () => {
  const stored = (spec: object, name = 'default.p'): unknown => ({
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  });

  it('is read like the API group, its copy there counting once', () => {
    const spec = { selector: "app == 'db'", types: ['Ingress'] };
    expect(verdict(snapshotOf(stored(spec)), 'pay/api', 'shop/db')).toBe('deny');
    const both = snapshotOf(stored(spec), local('shop/p', { ...spec, ingress: [{ action: 'Allow' }] }));
    expect(verdict(both, 'pay/api', 'shop/db')).toBe('allow');
  });

  it('orders a stored policy by its name without `default.`', () => {
    const deny = local('shop/c', { selector: 'all()', ingress: [{ action: 'Deny' }] });
    const allow = { selector: 'all()', types: ['Ingress'], ingress: [{ action: 'Allow' }] };
    expect(verdict(snapshotOf(deny, stored(allow, 'default.b')), 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshotOf(deny, stored(allow, 'default.e')), 'pay/api', 'shop/db')).toBe('deny');
  });

  it('CAL-2 reads labels that stand in an annotation', () => {
    const annotations = { 'projectcalico.org/metadata': JSON.stringify({ labels: { role: 'partner' } }) };
    const set = {
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'GlobalNetworkSet',
      metadata: { name: 'set', annotations },
      spec: { nets: ['198.51.100.0/24'] },
    };
    const policy = global('p', allowFrom({ selector: "role == 'partner'" }));
    expect(verdict(snapshotOf(set, policy), '198.51.100.7', 'shop/db')).toBe('allow');
    expect(verdict(snapshotOf(set, policy), '203.0.113.7', 'shop/db')).toBe('deny');
  });

  it('CAL-13 stands for both directions without types', () => {
    const snapshot = snapshotOf(stored({ selector: "app == 'db'", ingress: [{ action: 'Allow' }] }));
    expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshot, 'shop/db', 'pay/api')).toBe('deny');
  });
});

describe('CAL-5 to CAL-9 tiers and order', () => {
  const tier = (name: string, spec: object): unknown => rawCalico('Tier', name, spec);
  const inTier = (name: string, of: string, action: string, more: object = {}): unknown =>
    global(name, { tier: of, selector: 'all()', ingress: [{ action }], ...more });

  it('evaluates tiers by order, then name, those without order last', () => {
    const tiers = [tier('a', { order: 20 }), tier('b', { order: 10 }), tier('c', {}), tier('d', {})];
    const ask = (...policies: unknown[]): string => verdict(snapshotOf(...tiers, ...policies), 'pay/api', 'shop/db');
    expect(ask(inTier('x', 'a', 'Deny'), inTier('y', 'b', 'Allow'))).toBe('allow');
    expect(ask(inTier('x', 'c', 'Deny'), inTier('y', 'a', 'Allow'))).toBe('allow');
    expect(ask(inTier('x', 'd', 'Deny'), inTier('y', 'c', 'Allow'))).toBe('allow');
    expect(ask(inTier('x', 'missing', 'Deny'), inTier('y', 'd', 'Allow'))).toBe('allow');
    expect(ask(inTier('x', 'missing', 'Deny'))).toBe('deny');
  });

  it('ends a tier with its default action where a policy selects', () => {
    const only = { ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }] };
    const ask = (...extra: unknown[]): string =>
      verdict(snapshotOf(inTier('x', 'a', 'Allow', only), ...extra), 'pay/api', 'shop/db');
    expect(ask(tier('a', { order: 1 }))).toBe('deny');
    expect(ask(tier('a', { order: 1, defaultAction: 'Pass' }))).toBe('allow');
    const elsewhere = inTier('x', 'a', 'Allow', { ...only, selector: "app == 'web'" });
    expect(verdict(snapshotOf(tier('a', { order: 1 }), elsewhere), 'pay/api', 'shop/db')).toBe('allow');
  });

  it('passes to the next tier, from the last to the profiles, and goes on after Log', () => {
    const passing = [tier('a', { order: 1 }), inTier('x', 'a', 'Pass')];
    expect(verdict(snapshotOf(...passing), 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshotOf(...passing, inTier('y', 'default', 'Deny')), 'pay/api', 'shop/db')).toBe('deny');
    const logs = local('shop/l', { ingress: [{ action: 'Log' }, { action: 'Allow' }] });
    expect(verdict(snapshotOf(logs), 'pay/api', 'shop/db')).toBe('allow');
  });

  it('CAL-7 mixes NetworkPolicy at order 1000', () => {
    const isolating = rawNetworkPolicy('shop/k', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'pay' } } }] }],
    });
    const deny = (order: number): unknown => local('shop/d', { order, ingress: [{ action: 'Deny' }] });
    const allow = local('shop/a', { order: 2000, ingress: [{ action: 'Allow', protocol: 'UDP' }] });
    expect(verdict(snapshotOf(isolating, deny(999)), 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(snapshotOf(isolating, deny(1001)), 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshotOf(isolating, allow), 'shop/web', 'shop/db', 'UDP/1')).toBe('allow');
    expect(verdict(snapshotOf(isolating, allow), 'shop/web', 'shop/db', 'TCP/1')).toBe('deny');
  });

  it('orders policies without order last, by name', () => {
    const allow = local('shop/a', { ingress: [{ action: 'Allow' }] });
    const deny = (name: string, order?: number): unknown =>
      local(`shop/${name}`, { ...(order === undefined ? {} : { order }), ingress: [{ action: 'Deny' }] });
    expect(verdict(snapshotOf(allow, deny('b')), 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshotOf(allow, deny('b', 1e9)), 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(snapshotOf(allow, deny('0')), 'pay/api', 'shop/db')).toBe('deny');
  });
});

describe('CAL-10 to CAL-14 subject and directions', () => {
  it('CAL-12 takes the directions that have rules, ingress when none has', () => {
    const bare = snapshotOf(local('shop/p', { selector: "app == 'db'" }));
    expect(verdict(bare, 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(bare, 'shop/db', 'pay/api')).toBe('allow');
    const egress = snapshotOf(local('shop/p', { selector: "app == 'db'", egress: [{ action: 'Deny' }] }));
    expect(verdict(egress, 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(egress, 'shop/db', 'pay/api')).toBe('deny');
  });

  it('CAL-14 ignores rules of a direction that types leaves out', () => {
    const snapshot = snapshotOf(local('shop/p', { types: ['Ingress'], egress: [{ action: 'Deny' }] }));
    expect(verdict(snapshot, 'shop/db', 'pay/api')).toBe('allow');
  });

  it('CAL-11 limits a global policy to namespaces and service accounts', () => {
    const deny = (spec: object): CompiledSnapshot => snapshotOf(global('g', { types: ['Ingress'], ...spec }));
    expect(verdict(deny({ namespaceSelector: "team == 'shop'" }), 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(deny({ namespaceSelector: "team == 'shop'" }), 'shop/db', 'pay/api')).toBe('allow');
    expect(verdict(deny({ namespaceSelector: 'all()' }), 'shop/db', 'pay/api')).toBe('deny');
    expect(verdict(deny({ namespaceSelector: 'global()' }), 'shop/db', 'pay/api')).toBe('allow');
    const byAccount = deny({ selector: "projectcalico.org/serviceaccount == 'api'" });
    expect(verdict(byAccount, 'shop/db', 'pay/api')).toBe('deny');
    expect(verdict(byAccount, 'pay/api', 'shop/db')).toBe('allow');
  });
});

describe('CAL-22 labels of workloads', () => {
  const from = (selector: string): CompiledSnapshot => snapshotOf(global('g', allowFrom({ selector })));

  it.each([
    ["pcns.team == 'pay'", 'allow'],
    ["pcns.projectcalico.org/name == 'pay'", 'allow'],
    ["projectcalico.org/namespace starts with 'pa'", 'allow'],
    ["projectcalico.org/namespace != 'pay'", 'deny'],
    ["projectcalico.org/orchestrator == 'k8s'", 'allow'],
    ["projectcalico.org/orchestrator != 'k8s'", 'deny'],
    ["projectcalico.org/serviceaccount contains 'p'", 'allow'],
    ["projectcalico.org/serviceaccount in {'web', 'other'}", 'deny'],
    ['has(pcns.none)', 'deny'],
    ["pcns.none != 'x'", 'allow'],
  ])('%s from pay/api: %s', (selector, expected) => {
    expect(verdict(from(selector), 'pay/api', 'shop/db')).toBe(expected);
  });

  it('lets an own label hide an inherited one', () => {
    expect(verdict(from("pcns.team == 'pay'"), 'pay/old', 'shop/db')).toBe('deny');
    expect(verdict(from("pcns.team == 'own'"), 'pay/old', 'shop/db')).toBe('allow');
  });

  it('reads labels that Profile objects apply', () => {
    const profile = rawCalico('Profile', 'kns.pay', {
      ingress: [{ action: 'Allow' }],
      egress: [{ action: 'Allow' }],
      labelsToApply: { zone: 'east' },
    });
    const snapshot = snapshotOf(profile, global('g', allowFrom({ selector: "zone == 'east'" })));
    expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('allow');
    expect(verdict(snapshot, 'shop/web', 'shop/db')).toBe('deny');
    const account = rawCalico('Profile', 'ksa.pay.api', { labelsToApply: { zone: 'west', rack: '1' } });
    const both = (selector: string): string =>
      verdict(snapshotOf(profile, account, global('g', allowFrom({ selector }))), 'pay/api', 'shop/db');
    expect(["zone == 'east'", "zone == 'west'", "rack == '1'"].map(both)).toEqual(['allow', 'deny', 'allow']);
  });
});

describe('CAL-45, CAL-46 profiles', () => {
  it('allow a pod that no policy selects, and say what Profile objects say', () => {
    expect(verdict(snapshotOf(), 'pay/api', 'shop/db')).toBe('allow');
    const closed = rawCalico('Profile', 'kns.shop', {
      ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }],
      egress: [{ action: 'Allow' }],
    });
    const policy = global('g', { selector: "app == 'none'", types: ['Ingress'] });
    const snapshot = snapshotOf(closed, policy);
    expect(verdict(snapshot, 'shop/web', 'shop/db')).toBe('allow');
    expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(snapshot, 'shop/db', 'pay/api')).toBe('allow');
    const account = rawCalico('Profile', 'ksa.shop.default', { ingress: [{ action: 'Allow' }] });
    expect(verdict(snapshotOf(closed, policy, account), 'pay/api', 'shop/db')).toBe('allow');
  });

  it('leave the rest of a profile out after Pass', () => {
    const passes = rawCalico('Profile', 'kns.shop', {
      ingress: [{ action: 'Pass', source: { selector: "app != 'web'" } }, { action: 'Allow' }],
      egress: [{ action: 'Allow' }],
    });
    const policy = global('g', { selector: "app == 'none'", types: ['Ingress'] });
    expect(verdict(snapshotOf(passes, policy), 'pay/api', 'shop/db')).toBe('deny');
    expect(verdict(snapshotOf(passes, policy), 'shop/web', 'shop/db')).toBe('allow');
    const account = rawCalico('Profile', 'ksa.shop.default', { ingress: [{ action: 'Allow' }] });
    expect(verdict(snapshotOf(passes, policy, account), 'pay/api', 'shop/db')).toBe('allow');
  });
});

describe('CAL-3 refusals', () => {
  it.each([
    [{ selector: 'a =' }, 'calico.selector', '/spec/selector'],
    [{ ingress: [{ action: 'allow' }] }, 'calico.action', '/spec/ingress/0/action'],
    [{ ingress: [{ action: 'Allow', protocol: 'TPC' }] }, 'calico.protocol', '/spec/ingress/0/protocol'],
    [{ ingress: [{ action: 'Allow', protocol: 0 }] }, 'calico.protocol', '/spec/ingress/0/protocol'],
    [{ ingress: [{ action: 'Allow', protocol: 6.5 }] }, 'calico.protocol', '/spec/ingress/0/protocol'],
    [
      { ingress: [{ action: 'Allow', http: { paths: [{ exact: 1 }] } }] },
      'calico.http_path',
      '/spec/ingress/0/http/paths/0',
    ],
    [
      { ingress: [{ action: 'Allow', destination: { ports: [80] } }] },
      'calico.ports_protocol',
      '/spec/ingress/0/protocol',
    ],
    [
      { ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['9:8'] } }] },
      'calico.port',
      '/spec/ingress/0/destination/ports/0',
    ],
    [
      { ingress: [{ action: 'Allow', source: { nets: ['10.0.0.0/33'] } }] },
      'calico.net',
      '/spec/ingress/0/source/nets/0',
    ],
    [
      { ingress: [{ action: 'Allow', source: { nets: ['8.8.0.0/16', '010.0.0.0/8'] } }] },
      'calico.net',
      '/spec/ingress/0/source/nets/1',
    ],
    [{ ingress: [{ action: 'Allow', icmp: { type: 8 } }] }, 'calico.icmp_protocol', '/spec/ingress/0/protocol'],
    [
      { ingress: [{ action: 'Allow', protocol: 'ICMP', icmp: { code: 8 } }] },
      'calico.icmp',
      '/spec/ingress/0/icmp/code',
    ],
    [{ ingress: [{ action: 'Deny', http: {} }] }, 'calico.http', '/spec/ingress/0/http'],
    [{ egress: [{ action: 'Allow', http: {} }] }, 'calico.http', '/spec/egress/0/http'],
    [{ ingress: [{ action: 'Allow', protocol: 'UDP', http: {} }] }, 'calico.http', '/spec/ingress/0/protocol'],
    [
      { ingress: [{ action: 'Allow', http: { methods: ['GET', 'GET'] } }] },
      'calico.http_method',
      '/spec/ingress/0/http/methods',
    ],
    [
      { ingress: [{ action: 'Allow', http: { paths: [{ exact: '/a', prefix: '/b' }] } }] },
      'calico.http_path',
      '/spec/ingress/0/http/paths/0',
    ],
    [
      { ingress: [{ action: 'Allow', http: { paths: [{ prefix: '/a?b' }] } }] },
      'calico.http_path',
      '/spec/ingress/0/http/paths/0',
    ],
    [{ selector: 'has(a) && global()' }, 'calico.selector_global', '/spec/selector'],
    [
      { ingress: [{ action: 'Allow', source: { selector: 'global()' } }] },
      'calico.selector_global',
      '/spec/ingress/0/source/selector',
    ],
    [
      { ingress: [{ action: 'Allow', source: { namespaceSelector: 'global() || has(a)' } }] },
      'calico.selector_global',
      '/spec/ingress/0/source/namespaceSelector',
    ],
    [{ types: ['Ingress', 'Ingress'] }, 'calico.type', '/spec/types/1'],
    [
      { egress: [{ action: 'Allow', source: { services: { name: 's' } } }] },
      'calico.service',
      '/spec/egress/0/source/services',
    ],
    [
      { egress: [{ action: 'Allow', destination: { services: { name: 's' }, nets: ['10.0.0.1'] } }] },
      'calico.service',
      '/spec/egress/0/destination',
    ],
    [{ types: ['ingress'] }, 'calico.type', '/spec/types/0'],
    [{ performanceHints: ['Fast'] }, 'calico.hint', '/spec/performanceHints/0'],
    [
      { performanceHints: ['AssumeNeededOnEveryNode', 'AssumeNeededOnEveryNode'] },
      'calico.hint',
      '/spec/performanceHints/1',
    ],
    [{ order: 'first' }, 'calico.order', '/spec/order'],
    [{ ingress: {} }, 'calico.list', '/spec/ingress'],
  ])('%j', (spec, code, pointer) => {
    const snapshot = snapshotOf(local('shop/p', spec));
    const errors = snapshot.diagnostics.filter((entry) => entry.class === 'error');
    expect(errors.map((entry) => [entry.code, entry.pointer])).toEqual([[code, pointer]]);
    expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('allow');
  });
});

describe('CAL-33 ports that are none', () => {
  it.each([0, '0', '0:100', '65535:65536', 'HTTP', 'my_port', 'a--b', '-a', 'abcdefghijklmnop'])(
    'cost the policy its effect: %j',
    (port) => {
      const rule = { action: 'Allow', protocol: 'TCP', destination: { notPorts: [port] } };
      const snapshot = snapshotOf(local('shop/p', { ingress: [rule] }));
      expect(snapshot.diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
        'calico.port /spec/ingress/0/destination/notPorts/0',
      ]);
      expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('allow');
    },
  );
});

describe('CAL-11 global() where a policy chooses namespaces', () => {
  const spec = { namespaceSelector: 'global()', types: ['Ingress'] };

  it('is refused by the API', () => {
    const snapshot = snapshotOf(global('p', spec));
    expect(snapshot.diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'calico.selector_global /spec/namespaceSelector',
    ]);
  });

  it('is read where it is stored', () => {
    const stored = {
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'GlobalNetworkPolicy',
      metadata: { name: 'p' },
      spec,
    };
    expect(snapshotOf(stored).diagnostics).toEqual([]);
  });
});

describe('objects that policies refer to', () => {
  it('tell their own mistakes', () => {
    const snapshot = snapshotOf(
      rawCalico('Tier', 't', { order: '1', defaultAction: 'Allow' }),
      rawCalico('NetworkSet', 'shop/s', { nets: ['10.0.0.0/8', 'ten'] }),
      rawCalico('Tier', 'default', { order: 1, defaultAction: 'Pass' }),
      rawCalico('Tier', 'kube-admin', { order: 1000, defaultAction: 'Deny' }),
      rawCalico('Tier', 'kube-baseline', { order: 1000, defaultAction: 'Pass' }),
      rawCalico('Tier', 'adminnetworkpolicy', { order: 1001 }),
      rawCalico('HostEndpoint', 'h', { node: 'n1' }),
      rawCalico('HostEndpoint', 'i', { node: 'n1', interfaceName: 'eth0&', ports: [{ port: 1, protocol: 'ICMP' }] }),
      rawCalico('GlobalNetworkSet', 'g', { nets: [] }, { 'projectcalico.org/namespace': 'shop' }),
      rawCalico('Profile', 'p', { ingress: [{ action: 'allow' }] }),
      rawCalico('FelixConfiguration', 'some', { nodeSelector: "zone = 'a'" }),
      rawCalico('FelixConfiguration', 'node.n1', { nodeSelector: 'not read: the name says whose it is' }),
    );
    const found = snapshot.diagnostics.map((entry) => `${entry.object?.kind ?? ''} ${entry.pointer}`);
    expect(found.sort()).toEqual([
      'FelixConfiguration /spec/nodeSelector',
      'GlobalNetworkSet /metadata/labels/projectcalico.org~1namespace',
      'HostEndpoint /spec',
      'HostEndpoint /spec/interfaceName',
      'HostEndpoint /spec/ports/0',
      'HostEndpoint /spec/ports/0/protocol',
      'NetworkSet /spec/nets/1',
      'Profile /spec/ingress/0/action',
      'Tier /spec/defaultAction',
      'Tier /spec/defaultAction',
      'Tier /spec/defaultAction',
      'Tier /spec/order',
      'Tier /spec/order',
      'Tier /spec/order',
    ]);
  });
});
