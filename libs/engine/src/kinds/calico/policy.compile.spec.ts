import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { CompiledSnapshot } from '../../compile/index.js';
import { endpointOfAddress } from '../../compile/endpoint-directory.js';
import { evaluatePair } from '../../eval/index.js';
import type { Flow } from '../../eval/index.js';
import { protocolByName } from '../../model/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';

const ports = [
  { name: 'http', containerPort: 8080 },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];
const cluster = [
  rawNamespace('shop', { team: 'shop' }),
  rawNamespace('pay', { team: 'pay' }),
  rawPod('shop/web', {
    labels: { app: 'web', tier: 'front' },
    ip: '10.0.0.1',
    node: 'n1',
    ports,
    serviceAccount: 'web',
  }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2', node: 'n2', ports }),
  rawPod('pay/api', { labels: { app: 'api', tier: 'back' }, ip: '10.0.1.1', node: 'n1', ports, serviceAccount: 'api' }),
  rawPod('pay/old', { labels: { app: 'old', 'pcns.team': 'own' }, ip: '10.0.1.2', node: 'n2' }),
];

const snapshotOf = (...policies: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...cluster, ...policies), { cni: CALICO_CNI });

/** `TCP/80`, `UDP/53`, `ICMP`; with an extra of a flow where a question has one. */
function verdict(
  snapshot: CompiledSnapshot,
  from: string,
  to: string,
  port = 'TCP/8080',
  extra: Partial<Flow> = {},
): string {
  const find = (name: string) => {
    const [namespace = '', pod = ''] = name.split('/');
    const found = snapshot.directory.pod(namespace, pod) ?? endpointOfAddress(snapshot.directory, name);
    if (found === null) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const [protocol = '', number] = port.split('/');
  const flow: Flow = {
    protocol: protocolByName(protocol) ?? Number(protocol),
    port: number === undefined ? null : Number(number),
    family: 4,
    ...extra,
  };
  const decision = evaluatePair(snapshot, find(from), find(to), flow, 'intended');
  const open = [...decision.egress.onlyFor, ...decision.ingress.onlyFor];
  return open.length > 0 ? 'conditional' : decision.verdict;
}

const local = (name: string, spec: unknown): unknown => rawCalico('NetworkPolicy', name, spec);
const global = (name: string, spec: unknown): unknown => rawCalico('GlobalNetworkPolicy', name, spec);
const allowFrom = (source: unknown, more: object = {}): unknown => ({
  selector: "app == 'db'",
  ingress: [{ action: 'Allow', source, ...more }],
});

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

describe('CAL-23 to CAL-29 the sides of a rule', () => {
  const ask = (kind: 'local' | 'global', source: unknown, from: string): string => {
    const spec = allowFrom(source);
    return verdict(snapshotOf(kind === 'local' ? local('shop/p', spec) : global('p', spec)), from, 'shop/db');
  };
  const OUTSIDE = '198.51.100.7';

  it.each([
    ['local', {}, OUTSIDE, 'allow'],
    ['local', { selector: 'all()' }, 'shop/web', 'allow'],
    ['local', { selector: 'all()' }, 'pay/api', 'deny'],
    ['global', { selector: 'all()' }, 'pay/api', 'allow'],
    ['global', { selector: 'all()' }, OUTSIDE, 'deny'],
    ['local', { notSelector: "app == 'x'" }, 'shop/web', 'allow'],
    ['local', { notSelector: "app == 'x'" }, 'pay/api', 'deny'],
    ['local', { notSelector: "app == 'x'" }, OUTSIDE, 'deny'],
    ['global', { notSelector: 'has(app)' }, OUTSIDE, 'allow'],
    ['global', { notSelector: 'has(app)' }, 'pay/api', 'deny'],
    ['global', { selector: '!has(app)' }, OUTSIDE, 'deny'],
    ['local', { namespaceSelector: "team == 'pay'" }, 'pay/api', 'allow'],
    ['local', { namespaceSelector: "team == 'pay'", selector: "app == 'old'" }, 'pay/api', 'deny'],
    ['local', { namespaceSelector: 'all()' }, 'pay/api', 'allow'],
    ['local', { namespaceSelector: 'all()' }, OUTSIDE, 'deny'],
    ['local', { namespaceSelector: 'global()' }, 'pay/api', 'deny'],
    ['local', { serviceAccounts: { names: ['api'] } }, 'pay/api', 'deny'],
    ['global', { serviceAccounts: { names: ['api'] } }, 'pay/api', 'allow'],
    ['local', { nets: ['10.0.1.0/24'] }, 'pay/api', 'allow'],
    ['local', { nets: ['198.51.100.7'] }, OUTSIDE, 'allow'],
    ['local', { nets: ['0.0.0.0/0'], notNets: ['10.0.1.1/32'] }, 'pay/api', 'deny'],
    ['local', { nets: ['10.0.0.0/8'], selector: 'all()' }, 'pay/api', 'deny'],
  ] as const)('%s %j from %s: %s', (kind, source, from, expected) => {
    expect(ask(kind, source, from)).toBe(expected);
  });

  it('CAL-41 never takes a network set for a subject', () => {
    const set = rawCalico('GlobalNetworkSet', 'set', { nets: ['10.0.0.2/32'] }, { role: 'partner' });
    const policy = global('p', { selector: "role == 'partner'", types: ['Ingress'] });
    expect(verdict(snapshotOf(set, policy), 'shop/web', 'shop/db')).toBe('allow');
  });

  it('CAL-28, CAL-40 matches addresses of network sets, a namespace’s sets by its labels', () => {
    const sets = [
      rawCalico('NetworkSet', 'pay/set', { nets: ['198.51.100.0/25', '10.0.1.1'] }, { role: 'partner' }),
      rawCalico('GlobalNetworkSet', 'everywhere', { nets: ['203.0.113.0/24'] }, { role: 'partner' }),
    ];
    const of = (kind: 'local' | 'global', source: object, from: string): string => {
      const spec = allowFrom(source);
      const policy = kind === 'local' ? local('shop/p', spec) : global('p', spec);
      return verdict(snapshotOf(...sets, policy), from, 'shop/db');
    };
    const partner = { selector: "role == 'partner'" };
    expect(of('global', partner, OUTSIDE)).toBe('allow');
    expect(of('global', partner, '203.0.113.9')).toBe('allow');
    expect(of('global', partner, 'pay/api')).toBe('allow');
    expect(of('global', partner, '198.51.100.200')).toBe('deny');
    expect(of('local', partner, OUTSIDE)).toBe('deny');
    expect(of('local', { ...partner, namespaceSelector: "team == 'pay'" }, OUTSIDE)).toBe('allow');
    expect(of('local', { ...partner, namespaceSelector: 'global()' }, '203.0.113.9')).toBe('allow');
    expect(of('local', { ...partner, namespaceSelector: 'global()' }, OUTSIDE)).toBe('deny');
    expect(of('global', { notSelector: "role == 'partner'" }, OUTSIDE)).toBe('deny');
  });
});

describe('CAL-30 to CAL-38 rules', () => {
  const rule = (more: object, from = 'shop/web', port = 'TCP/8080', extra: Partial<Flow> = {}): string => {
    const spec = { selector: "app == 'db'", ingress: [{ action: 'Allow', ...more }] };
    return verdict(snapshotOf(local('shop/p', spec)), from, 'shop/db', port, extra);
  };

  it.each([
    [{ protocol: 'TCP' }, 'TCP/1', 'allow'],
    [{ protocol: 'tcp' }, 'UDP/1', 'deny'],
    [{ protocol: 6 }, 'TCP/1', 'allow'],
    [{ protocol: '17' }, 'UDP/1', 'allow'],
    [{ notProtocol: 'TCP' }, 'TCP/1', 'deny'],
    [{ notProtocol: 'TCP' }, 'ICMP', 'allow'],
    [{ protocol: 'TCP', destination: { ports: [80, '1000:2000'] } }, 'TCP/2000', 'allow'],
    [{ protocol: 'TCP', destination: { ports: [80, '1000:2000'] } }, 'TCP/2001', 'deny'],
    [{ protocol: 'TCP', destination: { ports: ['http'] } }, 'TCP/8080', 'allow'],
    [{ protocol: 'UDP', destination: { ports: ['http'] } }, 'UDP/8080', 'deny'],
    [{ protocol: 'TCP', destination: { notPorts: ['http', 80] } }, 'TCP/8080', 'deny'],
    [{ protocol: 'TCP', destination: { notPorts: ['http', 80] } }, 'TCP/81', 'allow'],
    [{ destination: { ports: ['dns', 'http'] } }, 'TCP/8080', 'allow'],
    [{ destination: { ports: ['dns', 'http'] } }, 'UDP/53', 'allow'],
    [{ destination: { notPorts: ['http'] } }, 'UDP/8080', 'allow'],
    [{ destination: { ports: ['dns', 'http'] } }, 'TCP/53', 'deny'],
    [{ ipVersion: 6 }, 'TCP/1', 'deny'],
    [{ destination: { selector: "app == 'web'" } }, 'TCP/1', 'deny'],
    [{ destination: { selector: "app == 'db'" } }, 'TCP/1', 'allow'],
    [{ destination: { nets: ['10.0.0.2/32'] } }, 'TCP/1', 'allow'],
    [{ protocol: 'TCP', source: { ports: [1000] } }, 'TCP/1', 'conditional'],
  ])('%j on %s: %s', (more, port, expected) => {
    expect(rule(more, 'shop/web', port)).toBe(expected);
  });

  it('CAL-35 limits client ports by number and by name', () => {
    const source = { protocol: 'TCP', source: { ports: ['http', '1000:1010'] } };
    const at = (sourcePort: number): string => rule(source, 'shop/web', 'TCP/1', { sourcePort });
    expect([at(8080), at(1005), at(9)]).toEqual(['allow', 'allow', 'deny']);
    const not = { protocol: 'TCP', source: { notPorts: ['1000:1010'] } };
    expect(rule(not, 'shop/web', 'TCP/1', { sourcePort: 1005 })).toBe('deny');
    expect(rule(not, 'shop/web', 'TCP/1', { sourcePort: 1011 })).toBe('allow');
    const unnamed = { protocol: 'TCP', source: { notPorts: ['http'] } };
    expect(rule(unnamed, 'shop/web', 'TCP/1', { sourcePort: 8080 })).toBe('deny');
    expect(rule(unnamed, 'shop/web', 'TCP/1', { sourcePort: 8081 })).toBe('allow');
  });

  it('CAL-32 tells ICMP types apart', () => {
    const echo = { protocol: 'ICMP', icmp: { type: 8, code: 0 } };
    expect(rule(echo, 'shop/web', 'ICMP', { icmp: { type: 8, code: 0 } })).toBe('allow');
    expect(rule(echo, 'shop/web', 'ICMP', { icmp: { type: 13, code: 0 } })).toBe('deny');
    const other = { protocol: 'ICMP', notICMP: { type: 8 } };
    expect(rule(other, 'shop/web', 'ICMP', { icmp: { type: 8, code: 0 } })).toBe('deny');
    expect(rule(other, 'shop/web', 'ICMP', { icmp: { type: 13, code: 0 } })).toBe('allow');
  });

  it('CAL-38 asks about requests', () => {
    const http = { protocol: 'TCP', http: { methods: ['GET'], paths: [{ exact: '/a' }, { prefix: '/b/' }] } };
    const get = (path: string, method = 'GET'): string =>
      rule(http, 'shop/web', 'TCP/8080', { l7: { protocol: 'http', method, path } });
    expect(rule(http)).toBe('conditional');
    expect([get('/a'), get('/b/c'), get('/c'), get('/a', 'PUT')]).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect([get('/a?b'), get('/a#b'), get('/b?/b/')]).toEqual(['allow', 'allow', 'allow']);
  });

  it.each([
    ['3.32.0', ['allow', 'allow', 'deny', 'deny']],
    ['3.31.2', ['unknown', 'allow', 'unknown', 'unknown']],
    ['', ['unknown', 'allow', 'unknown', 'unknown']],
    ['3.30.0', ['deny', 'allow', 'allow', 'allow']],
  ])('CAL-38 cleans paths as %s does', (version, verdicts) => {
    const spec = {
      selector: "app == 'db'",
      ingress: [{ action: 'Allow', protocol: 'TCP', http: { paths: [{ exact: '/a' }, { prefix: '/pub' }] } }],
    };
    const snapshot = compileSnapshot(factsOf(...cluster, local('shop/p', spec)), { cni: { ...CALICO_CNI, version } });
    const get = (path: string): string =>
      verdict(snapshot, 'shop/web', 'shop/db', 'TCP/8080', { l7: { protocol: 'http', method: 'GET', path } });
    expect(['/x/..//%61', '/pub/x', '/public', '/pub/%252e%252e/x'].map(get)).toEqual(verdicts);
  });

  it('CAL-36, CAL-37 follows services by address and port', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'pay' },
      spec: { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 'http' }] },
    };
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's-1', namespace: 'pay', labels: { 'kubernetes.io/service-name': 's' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.1.2'], conditions: { ready: false } }],
      ports: [{ name: 'x', port: 9000, protocol: 'TCP' }],
    };
    const egress = local('shop/p', {
      egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'pay' } } }],
    });
    const inManifests = snapshotOf(service, egress);
    expect(verdict(inManifests, 'shop/web', 'pay/api', 'TCP/8080')).toBe('allow');
    expect(verdict(inManifests, 'shop/web', 'pay/api', 'TCP/80')).toBe('deny');
    const live = snapshotOf(service, slice, egress);
    expect(verdict(live, 'shop/web', 'pay/old', 'TCP/9000')).toBe('allow');
    expect(verdict(live, 'shop/web', 'pay/api', 'TCP/8080')).toBe('deny');
    const ingress = local('shop/p', {
      ingress: [{ action: 'Allow', source: { services: { name: 's', namespace: 'pay' } } }],
    });
    expect(verdict(snapshotOf(slice, ingress), 'pay/old', 'shop/web', 'TCP/1')).toBe('allow');
    expect(snapshotOf(egress).diagnostics.map((entry) => entry.code)).toContain('calico.service_missing');
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
});

describe('CAL-39 the family of a rule', () => {
  it.each([
    [{ source: { nets: ['10.0.0.0/8', 'fd00::/8'] } }],
    [{ source: { nets: ['10.0.0.0/8'] }, destination: { notNets: ['fd00::/8'] } }],
    [{ ipVersion: 6, source: { nets: ['10.0.0.0/8'] } }],
    [{ ipVersion: 6, protocol: 'ICMP' }],
    [{ ipVersion: 4, notProtocol: 'ICMPv6' }],
  ])('is one: %j is refused', (rule) => {
    const snapshot = snapshotOf(global('p', { ingress: [{ action: 'Allow', ...rule }] }));
    expect(snapshot.diagnostics.map((entry) => entry.code)).toContain('calico.family');
  });

  it('may be stated beside blocks and ICMP of it', () => {
    const rule = { ipVersion: 6, protocol: 'ICMPv6', icmp: { type: 128 }, source: { nets: ['fd00::/8'] } };
    expect(snapshotOf(global('p', { ingress: [{ action: 'Allow', ...rule }] })).diagnostics).toEqual([]);
  });
});

describe('CAL-36 services', () => {
  it.each([
    { selector: 'has(a)' },
    { notSelector: 'has(a)' },
    { namespaceSelector: 'has(a)' },
    { serviceAccounts: { names: ['a'] } },
    { nets: ['10.0.0.0/8'] },
    { notNets: ['10.0.0.0/8'] },
    { ports: [80] },
    { notPorts: [80] },
  ])('do not stand beside %j', (beside) => {
    const destination = { services: { name: 's', namespace: 'pay' }, ...beside };
    const snapshot = snapshotOf(global('p', { egress: [{ action: 'Allow', protocol: 'TCP', destination }] }));
    expect(snapshot.diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)).toContain(
      'calico.service /spec/egress/0/destination',
    );
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
    [{ order: 'first' }, 'calico.order', '/spec/order'],
    [{ ingress: {} }, 'calico.list', '/spec/ingress'],
  ])('%j', (spec, code, pointer) => {
    const snapshot = snapshotOf(local('shop/p', spec));
    const errors = snapshot.diagnostics.filter((entry) => entry.class === 'error');
    expect(errors.map((entry) => [entry.code, entry.pointer])).toEqual([[code, pointer]]);
    expect(verdict(snapshot, 'pay/api', 'shop/db')).toBe('allow');
  });
});

describe('objects that policies refer to', () => {
  it('tell their own mistakes', () => {
    const snapshot = snapshotOf(
      rawCalico('Tier', 't', { order: '1', defaultAction: 'Allow' }),
      rawCalico('NetworkSet', 'shop/s', { nets: ['10.0.0.0/8', 'ten'] }),
      rawCalico('HostEndpoint', 'h', { node: 'n1' }),
      rawCalico('Profile', 'p', { ingress: [{ action: 'allow' }] }),
    );
    const found = snapshot.diagnostics.map((entry) => `${entry.object?.kind ?? ''} ${entry.pointer}`);
    expect(found.sort()).toEqual([
      'HostEndpoint /spec',
      'NetworkSet /spec/nets/1',
      'Profile /spec/ingress/0/action',
      'Tier /spec/defaultAction',
      'Tier /spec/order',
    ]);
  });
});
