import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { Flow } from '../../eval/index.js';
import { CALICO_CNI, factsOf, rawCalico } from '../../testing/index.js';
import { cluster, snapshotOf, verdict, local, global, allowFrom } from '../../testing/calico-world.js';

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
    ['local', { serviceAccounts: {} }, OUTSIDE, 'allow'],
    ['local', { serviceAccounts: { names: [] } }, 'pay/api', 'allow'],
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
    const none = { protocol: 'TCP', source: { notPorts: ['1:65535'] } };
    expect(rule(none, 'shop/web', 'TCP/1', { sourcePort: 8081 })).toBe('deny');
  });

  it('CAL-35 takes names of client ports without a protocol for those of the protocols that the ports have', () => {
    const at = (source: object, port: string): string => rule({ source }, 'shop/web', port, { sourcePort: 8080 });
    expect([at({ ports: ['http'] }, 'TCP/1'), at({ ports: ['http'] }, 'UDP/1')]).toEqual(['allow', 'deny']);
    const not = { notPorts: ['http'] };
    expect([at(not, 'TCP/1'), at(not, 'UDP/1'), at(not, 'ICMP')]).toEqual(['deny', 'allow', 'allow']);
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
    { serviceAccounts: {} },
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

  it.each([{ ports: [4000] }, { notPorts: ['1:3999', '4001:65535'] }])(
    'are sources beside the port of the client: %j',
    (ports) => {
      const slice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 's-1', namespace: 'pay', labels: { 'kubernetes.io/service-name': 's' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.0.1.2'] }],
        ports: [{ port: 9000, protocol: 'TCP' }],
      };
      const source = { services: { name: 's', namespace: 'pay' }, ...ports };
      const policy = local('shop/p', { ingress: [{ action: 'Allow', protocol: 'TCP', source }] });
      const snapshot = snapshotOf(slice, policy);
      expect(snapshot.diagnostics).toEqual([]);
      const from = (client: string, sourcePort: number): string =>
        verdict(snapshot, client, 'shop/web', 'TCP/8080', { sourcePort });
      expect([from('pay/old', 4000), from('pay/old', 4001), from('pay/api', 4000)]).toEqual(['allow', 'deny', 'deny']);
    },
  );
});
