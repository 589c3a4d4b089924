import { describe, expect, it } from '@jest/globals';

import { describeLimit } from '../../eval/index.js';
import type { PolicyWorld } from '../../testing/index.js';
import { authorization, CLOSED, errors, from, meshConfig, object, rawMember, to, world } from '../../testing/mesh.js';

describe('AuthorizationPolicy', () => {
  it('IM-8 puts DENY before ALLOW, and ALLOW closes what it does not allow', () => {
    const allow = authorization(from({ namespaces: ['amb', 'side'] }));
    const deny = object('AuthorizationPolicy', 'amb', 'no', { action: 'DENY', ...from({ namespaces: ['side'] }) });
    const w = world(allow, deny);
    expect(['amb/fe', 'side/fe', 'plain/fe'].map((peer) => w.ask(peer, 'amb/web'))).toEqual(['allow', 'deny', 'deny']);
    expect(world(deny).ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-9 holds for the workloads of its selector', () => {
    const w = world(authorization({ selector: { matchLabels: { app: 'web' } } }));
    expect([w.ask('plain/fe', 'amb/web'), w.ask('plain/web', 'amb/fe')]).toEqual(['deny', 'allow']);
    const both = { selector: { matchLabels: { app: 'web' } }, targetRefs: [{ kind: 'Service', name: 's' }] };
    expect(errors(world(authorization(both)))).toEqual(['error istio.targets /spec']);
    expect(errors(world(authorization({ selector: { matchLabels: { app: 'w*' } } })))).toEqual([
      'error istio.selector_value /spec/selector/matchLabels/app',
    ]);
  });

  it('IM-59 is not told ztunnel of a selector without labels', () => {
    const asked = (spec: object, namespace: string): readonly string[] => {
      const w = world(authorization(spec, namespace));
      return [w.ask('plain/fe', 'amb/web'), w.ask('plain/fe', 'side/web'), ...w.problems];
    };
    const lost = 'suspect istio.selector_lost /spec/selector';
    const everything = { action: 'DENY', rules: [{}] };
    for (const spec of [{}, everything]) {
      expect(asked({ ...spec, selector: {} }, 'amb')).toEqual(['allow', 'allow', lost]);
      expect(asked({ ...spec, selector: {} }, 'side')).toEqual(['allow', 'deny']);
      expect(asked({ ...spec, selector: {} }, 'istio-system')).toEqual(['allow', 'deny', lost]);
      expect(asked({ ...spec, selector: { matchLabels: {} } }, 'istio-system')).toEqual(['deny', 'deny']);
    }
  });

  it('IM-10 IM-11 follows a gateway to its pods and leaves waypoints what goes through them', () => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gw', namespace: 'side' },
      spec: { gatewayClassName: 'istio' },
    };
    const GATEWAY_API = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw' };
    const pod = rawMember('gw-1', { proxy: true, labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } });
    const w = world(gateway, pod, authorization({ targetRefs: [GATEWAY_API] }, 'side'));
    expect([w.ask('plain/fe', 'side/gw-1'), w.ask('plain/fe', 'side/web')]).toEqual(['deny', 'allow']);
    const waypoint = world(authorization({ targetRefs: [{ kind: 'Service', name: 'web' }] }));
    expect([waypoint.ask('plain/fe', 'amb/web'), waypoint.ask('amb/fe', 'amb/web')]).toEqual(['allow', 'allow']);
    expect(waypoint.problems).toEqual(['unsupported istio.waypoint /spec/targetRefs/0']);
  });

  it('IM-42 tells gateways apart by group, and attaches to nothing else', () => {
    const gateway = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'gw', namespace: 'amb' },
      spec: { selector: { app: 'web' } },
    };
    const asked = (...targetRefs: readonly object[]): readonly string[] => {
      const w = world(gateway, authorization({ targetRefs }));
      return [w.ask('plain/fe', 'side/web'), w.ask('plain/fe', 'side/fe'), ...w.problems];
    };
    const own = { group: 'networking.istio.io', kind: 'Gateway', name: 'gw' };
    expect(asked(own)).toEqual(['unknown', 'allow']);
    expect(asked({ ...own, name: 'other' })).toEqual(['allow', 'allow']);
    const none = ['allow', 'allow', 'suspect istio.target /spec/targetRefs/0'];
    expect(asked({ kind: 'Gateway', name: 'gw' })).toEqual(none);
    expect(asked({ ...own, namespace: 'side' })).toEqual(none);
  });

  it('IM-12 reads what is left out', () => {
    expect(world(CLOSED).ask('amb/fe', 'amb/web')).toBe('deny');
    expect(world(authorization({ action: 'DENY' })).ask('amb/fe', 'amb/web')).toBe('allow');
    expect(world(authorization({ rules: [{}] })).ask('plain/fe', 'amb/web')).toBe('allow');
    expect(world(authorization({ action: 'AUDIT', rules: [{}] })).ask('plain/fe', 'amb/web')).toBe('allow');
    const dry = { annotations: { 'istio.io/dry-run': 'true' } };
    expect(world(authorization({}, 'amb', dry)).ask('plain/fe', 'amb/web')).toBe('allow');
    expect(errors(world(authorization({ action: 'REFUSE' })))).toEqual(['error istio.action /spec/action']);
    expect(errors(world(authorization({ rules: [{ from: [] }] })))).toEqual(['error istio.list /spec/rules/0/from']);
  });

  it('IM-13 ANDs fields and ORs values', () => {
    const rule = { namespaces: ['side', 'amb'], notIpBlocks: ['10.2.1.2'] };
    const w = world(authorization(from(rule)));
    expect(['amb/fe', 'side/fe', 'side/web', 'plain/fe'].map((peer) => w.ask(peer, 'amb/web'))).toEqual([
      'allow',
      'deny',
      'allow',
      'deny',
    ]);
  });

  it('IM-14 gives an identity to members only', () => {
    expect(world(authorization(from({ namespaces: ['plain'] }))).ask('plain/fe', 'amb/web')).toBe('deny');
    const deny = (source: object): PolicyWorld => world(authorization({ action: 'DENY', ...from(source) }));
    expect(deny({ notNamespaces: ['plain'] }).ask('plain/fe', 'amb/web')).toBe('deny');
    expect(deny({ notPrincipals: ['*'] }).ask('plain/fe', 'amb/web')).toBe('deny');
    expect(deny({ notPrincipals: ['*'] }).ask('side/fe', 'amb/web')).toBe('allow');
  });

  it('IM-15 IM-16 IM-20 matches identities, with wildcards', () => {
    const admits = (source: object): readonly string[] => {
      const w = world(authorization(from(source)));
      return ['amb/fe', 'side/fe', 'side/web'].filter((peer) => w.ask(peer, 'amb/web') === 'allow');
    };
    expect(admits({ principals: ['cluster.local/ns/side/sa/fe'] })).toEqual(['side/fe']);
    expect(admits({ principals: ['cluster.local/ns/side/*'] })).toEqual(['side/fe', 'side/web']);
    expect(admits({ principals: ['*/sa/fe'] })).toEqual(['amb/fe', 'side/fe']);
    expect(admits({ namespaces: ['si*'] })).toEqual(['side/fe', 'side/web']);
    expect(admits({ serviceAccounts: ['fe', 'side/web'] })).toEqual(['amb/fe', 'side/web']);
    const other = authorization(from({ principals: ['corp/ns/side/sa/fe'] }));
    expect(world(other).ask('side/fe', 'amb/web')).toBe('unknown');
    expect(world(other, meshConfig('trustDomain: corp')).ask('side/fe', 'amb/web')).toBe('allow');
    expect(world(other, meshConfig('trustDomain: elsewhere')).ask('side/fe', 'amb/web')).toBe('deny');
  });

  it.each([
    ['corp/ns/amb/sa/fe', 'allow', 'allow'],
    ['cluster.local/ns/amb/sa/fe', 'allow', 'deny'],
    ['old/ns/amb/sa/fe', 'allow', 'deny'],
    ['*ld/ns/amb/sa/fe', 'allow', 'deny'],
    ['*orp/ns/amb/sa/fe', 'allow', 'allow'],
    ['elsewhere/ns/amb/sa/fe', 'deny', 'deny'],
    ['corp/ns/amb/*', 'allow', 'allow'],
    ['old/ns/amb/*', 'deny', 'deny'],
    ['cluster.local/ns/amb/*', 'deny', 'deny'],
    ['old/ns/amb/sa/*', 'allow', 'deny'],
  ])('IM-15 IM-41 takes %s at a sidecar for all names of the mesh, at ztunnel as it is', (name, sidecar, ztunnel) => {
    const config = meshConfig('trustDomain: "corp" # since spring', 'trustDomainAliases:', '- old', "- 'older'");
    const policies = ['side', 'amb'].map((namespace) => authorization(from({ principals: [name] }), namespace));
    const w = world(config, ...policies);
    expect([w.ask('amb/fe', 'side/web'), w.ask('amb/fe', 'amb/web')]).toEqual([sidecar, ztunnel]);
  });

  it('IM-15 leaves open what a trust domain that is not told decides', () => {
    const asked = (name: string): string => world(authorization(from({ principals: [name] }))).ask('amb/fe', 'amb/web');
    expect(['*corp/ns/amb/sa/fe', 'corp/ns/amb/*', 'corp*', 'corp/ns/am*'].map(asked)).toEqual(
      Array.from({ length: 4 }, () => 'unknown'),
    );
    const told = (name: string, ...more: readonly unknown[]): readonly string[] =>
      world(authorization(from({ principals: [name, name] })), ...more).problems;
    const own = 'cluster.local/ns/amb/sa/fe';
    expect(told(own)).toEqual(['note istio.trust_domain /spec/rules']);
    expect([told('*/ns/amb/sa/fe'), told('*'), told(own, meshConfig())]).toEqual([[], [], []]);
    const never = ['*corp/ns/amb/sa/web', 'corp/ns/side/*', '*/sa/web', 'corp*/ns/amb/*', 'corp*/ns/amb/sa/fe'];
    expect(never.map(asked)).toEqual(never.map(() => 'deny'));
    const atSidecar = (name: string): string =>
      world(authorization(from({ principals: [name] }), 'side')).ask('side/fe', 'side/web');
    expect(['corp*/ns/side/*', 'corp*/ns/side/sa/fe'].map(atSidecar)).toEqual(['deny', 'unknown']);
  });

  it.each([
    [{ trustDomains: ['corp'] }, 'allow'],
    [{ trustDomains: ['old'] }, 'allow'],
    [{ trustDomains: ['co*'] }, 'allow'],
    [{ trustDomains: ['*'] }, 'allow'],
    [{ trustDomains: ['*ld'] }, 'deny'],
    [{ trustDomains: ['cluster.local'] }, 'deny'],
    [{ notTrustDomains: ['old'] }, 'deny'],
    [{ notTrustDomains: ['elsewhere'] }, 'allow'],
  ])('IM-40 looks for the domain of the client’s identity: %j', (source, verdict) => {
    const config = meshConfig('trustDomain: corp', 'trustDomainAliases: [old, older]');
    const w = world(config, authorization(from(source), 'side'));
    expect(w.ask('amb/fe', 'side/web')).toBe(verdict);
    expect(w.ask('plain/fe', 'side/web')).toBe('trustDomains' in source ? 'deny' : 'allow');
    const [name = '', values] = Object.entries(source)[0] ?? [];
    const condition = { key: 'source.trustDomain', [name === 'trustDomains' ? 'values' : 'notValues']: values };
    const byCondition = world(config, authorization({ rules: [{ when: [condition] }] }, 'side'));
    expect(byCondition.ask('amb/fe', 'side/web')).toBe(verdict);
  });

  it('IM-16 lets wildcards of namespaces reach further at a sidecar', () => {
    const admits = (value: string, namespace: string): readonly string[] => {
      const w = world(authorization(from({ namespaces: [value] }), namespace));
      return ['amb/fe', 'side/fe'].filter((peer) => w.ask(peer, `${namespace}/web`) === 'allow');
    };
    expect([admits('*a', 'side'), admits('*sa', 'side'), admits('*b', 'side')]).toEqual([
      ['amb/fe', 'side/fe'],
      ['amb/fe', 'side/fe'],
      ['amb/fe'],
    ]);
    expect([admits('s*e', 'side'), admits('s*e', 'amb'), admits('*a', 'amb')]).toEqual([['side/fe'], [], []]);
  });

  it('IM-17 IM-18 IM-22 matches addresses and ports, in rules and conditions', () => {
    const w = world(
      authorization({
        rules: [{ from: [{ source: { ipBlocks: ['10.2.2.0/24'] } }], to: [{ operation: { ports: ['80'] } }] }],
      }),
    );
    expect([w.ask('plain/fe', 'amb/web'), w.ask('plain/fe', 'amb/web', 'TCP/81'), w.ask('side/fe', 'amb/web')]).toEqual(
      ['allow', 'deny', 'deny'],
    );
    const when = [
      { key: 'destination.port', notValues: ['80'] },
      { key: 'source.ip', values: ['10.2.2.2'] },
    ];
    const conditions = world(authorization({ rules: [{ when }] }));
    expect([conditions.ask('plain/fe', 'amb/web'), conditions.ask('plain/fe', 'amb/web', 'TCP/81')]).toEqual([
      'deny',
      'allow',
    ]);
    expect(errors(world(authorization(to({ ports: ['http'] }))))).toEqual([
      'error istio.port /spec/rules/0/to/0/operation/ports/0',
    ]);
    expect(errors(world(authorization({ rules: [{ when: [{ key: 'source.color', values: ['x'] }] }] })))).toEqual([
      'error istio.when_key /spec/rules/0/when/0/key',
    ]);
  });

  it('IM-19 IM-21 limits an allow to requests, and a deny to those it names', () => {
    const request = (w: PolicyWorld, method: string, path = '/'): string =>
      w.ask('plain/fe', 'side/web', 'TCP/80', { protocol: 'http', method, path });
    const allow = world(authorization(to({ methods: ['GET'], paths: ['/api/{*}/x'] }), 'side'));
    expect([
      request(allow, 'GET', '/api/1/x'),
      request(allow, 'GET', '/api/1/x?y=/z'),
      request(allow, 'GET', '/api/1/2/x'),
      request(allow, 'PUT', '/api/1/x'),
    ]).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(allow.ask('plain/fe', 'side/web')).toBe('allow');
    const deny = world(authorization({ action: 'DENY', ...to({ notMethods: ['GET'], notPaths: ['/open*'] }) }, 'side'));
    expect([request(deny, 'GET'), request(deny, 'PUT'), request(deny, 'PUT', '/open/x')]).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
  });

  it('IM-21 takes the address of the connection where no request says of another one', () => {
    const asked = (policy: object, ...clients: readonly string[]): readonly string[] => {
      const w = world(authorization(policy, 'side'));
      return clients.map((client) => {
        const { verdict, ingress } = w.decide(client, 'side/web');
        return ingress.onlyFor.length > 0 ? `${verdict} in part` : verdict;
      });
    };
    const clients = ['plain/fe', 'plain/web', '10.9.0.1'];
    const here = { remoteIpBlocks: ['10.2.2.2', '10.9.0.0/16'] };
    expect(asked(from(here), ...clients)).toEqual(['allow', 'allow in part', 'allow']);
    expect(asked(from({ notRemoteIpBlocks: here.remoteIpBlocks }), ...clients)).toEqual([
      'allow in part',
      'allow',
      'allow in part',
    ]);
    expect(asked({ action: 'DENY', ...from(here) }, ...clients)).toEqual(['deny', 'allow in part', 'deny']);
    const when = { rules: [{ when: [{ key: 'remote.ip', values: ['10.2.2.2'] }] }] };
    expect(asked(when, ...clients)).toEqual(['allow', 'allow in part', 'allow in part']);
    const both = from({ ...here, namespaces: ['plain'] });
    expect(asked(both, 'plain/fe')).toEqual(['deny']);
    // ztunnel reads no such thing.
    expect(world(authorization(from(here))).ask('plain/fe', 'amb/web')).toBe('deny');
    expect(world(authorization({ action: 'DENY', ...from(here) })).ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-19 compares hosts without regard to case, and paths without their query', () => {
    const ask = (w: PolicyWorld, host: string, path = '/'): string =>
      w.ask('plain/fe', 'side/web', 'TCP/80', { protocol: 'http', method: 'GET', host, path });
    const deny = world(authorization({ action: 'DENY', ...to({ hosts: ['Shop.example', '*.Old.example'] }) }, 'side'));
    expect(['SHOP.Example', 'a.OLD.example', 'shop.example.org'].map((host) => ask(deny, host))).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
    const paths = world(authorization({ action: 'DENY', ...to({ paths: ['/Admin', '/x*'] }) }, 'side'));
    expect(['/Admin?a=b', '/Admin#c', '/admin', '/x?y', '/?/x'].map((path) => ask(paths, 'h', path))).toEqual([
      'deny',
      'deny',
      'allow',
      'deny',
      'allow',
    ]);
  });

  it('IM-38 lets pass what a deny about requests does not name, and nothing but requests', () => {
    const deny = world(authorization({ action: 'DENY', ...to({ methods: ['POST'], paths: ['/admin*'] }) }, 'side'));
    const { verdict, ingress } = deny.decide('plain/fe', 'side/web');
    expect([verdict, ingress.onlyFor.map((limits) => limits.map(describeLimit))]).toEqual([
      'allow',
      [['HTTP any request except POST /admin']],
    ]);
    expect(deny.ask('plain/fe', 'side/web', 'TCP/80', { protocol: 'http', method: 'POST' })).toBe('allow');
    expect(deny.ask('plain/fe', 'side/web', 'TCP/80', { protocol: 'tls', fields: { sni: 'x' } })).toBe('deny');
    const all = world(authorization({ action: 'DENY', ...to({ methods: ['*'] }) }, 'side'));
    expect(all.ask('plain/fe', 'side/web')).toBe('unknown');
    const but = world(authorization({ action: 'DENY', ...to({ notMethods: ['GET'], notPaths: ['/a'] }) }, 'side'));
    expect(but.ask('plain/fe', 'side/web')).toBe('allow');
  });

  it('IM-39 looks at paths as the mesh writes them', () => {
    const deny = authorization({ action: 'DENY', ...to({ paths: ['/admin*', '/a/b'] }) }, 'side');
    const ask = (normalization: string | null, path: string, [open, close] = ['\n  ', '\n']): string => {
      const config = meshConfig(`pathNormalization:${open}normalization: ${normalization ?? ''}${close}`);
      const w = normalization === null ? world(deny) : world(deny, config);
      return w.ask('plain/fe', 'side/web', 'TCP/80', { protocol: 'http', method: 'GET', path });
    };
    expect(['/x/../admin', '/x/%2E%2e/admin', '\\admin', '//admin', '/a%2fb'].map((path) => ask(null, path))).toEqual([
      'deny',
      'deny',
      'deny',
      'allow',
      'allow',
    ]);
    expect(ask('NONE', '/x/../admin')).toBe('allow');
    expect(ask('NONE', '/x/../admin', [' {', '}'])).toBe('allow');
    expect([ask('MERGE_SLASHES', '//admin'), ask('MERGE_SLASHES', '/a%2fb')]).toEqual(['deny', 'allow']);
    expect([ask('DECODE_AND_MERGE_SLASHES', '/a%2fb'), ask('BASE', '/%61dmin')]).toEqual(['deny', 'unknown']);
  });

  it('IM-25 IM-26 reads no requests at ztunnel', () => {
    expect(world(authorization(to({ methods: ['GET'] }))).ask('plain/fe', 'amb/web')).toBe('deny');
    const deny = (operation: object): PolicyWorld => world(authorization({ action: 'DENY', ...to(operation) }));
    expect(deny({ methods: ['GET'], ports: ['80'] }).ask('plain/fe', 'amb/web')).toBe('deny');
    expect(deny({ methods: ['GET'] }).ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-25 IM-26 reads neither trust domains nor accounts in conditions at ztunnel', () => {
    const account = [{ key: 'source.serviceAccount', values: ['amb/fe'] }];
    const asked = (spec: object): readonly string[] =>
      ['amb', 'side'].map((namespace) => world(authorization(spec, namespace)).ask('amb/fe', `${namespace}/web`));
    expect(asked({ rules: [{ when: account }] })).toEqual(['deny', 'allow']);
    expect(asked({ action: 'DENY', rules: [{ when: account }] })).toEqual(['allow', 'deny']);
    const source = { trustDomains: ['elsewhere.example'], namespaces: ['amb'] };
    const known = meshConfig('rootNamespace: istio-system');
    const deny = ['amb', 'side'].map((namespace) => {
      const w = world(known, authorization({ action: 'DENY', ...from(source) }, namespace));
      return w.ask('amb/fe', `${namespace}/web`);
    });
    expect(deny).toEqual(['deny', 'allow']);
    expect(asked(from({ trustDomains: ['cluster.local'] }))).toEqual(['deny', 'allow']);
    // Of the rest of a source it matters that it is there, not whom it spares.
    const others = { action: 'DENY', ...from({ trustDomains: ['*'], notPrincipals: ['cluster.local/ns/amb/*'] }) };
    expect(world(authorization(others)).ask('plain/fe', 'amb/web')).toBe('deny');
    expect(world(authorization({ action: 'DENY', ...from({ trustDomains: ['*'] }) })).ask('amb/fe', 'amb/web')).toBe(
      'allow',
    );
  });

  it('IM-61 lets nothing but HTTP pass by a rule that asks for something of requests', () => {
    const asked = (rules: readonly object[], server: string): readonly string[] => {
      const w = world(authorization({ rules }, server.split('/')[0]));
      return [{}, { protocol: 'http', method: 'GET' }, { protocol: 'kafka' }].map((l7, index) => {
        const { verdict, ingress } = w.decide('side/fe', server, 'TCP/80', index === 0 ? undefined : l7);
        return ingress.onlyFor.length > 0 ? 'conditional' : verdict;
      });
    };
    const named = { source: { namespaces: ['side'] } };
    const byRequest = { source: { requestPrincipals: ['*'] } };
    const get = { operation: { methods: ['GET'], ports: ['8080'] } };
    const port = { operation: { ports: ['80'] } };
    const mixed: readonly (readonly object[])[] = [[{ from: [named, byRequest] }], [{ to: [port, get] }]];
    for (const rules of mixed) {
      expect(asked(rules, 'side/web')).toEqual(['conditional', 'allow', 'deny']);
      // Another rule is left as it is.
      expect(asked([...rules, { from: [named] }], 'side/web')).toEqual(['allow', 'allow', 'allow']);
      // ztunnel drops the rule.
      expect(asked(rules, 'amb/web')).toEqual(['deny', 'deny', 'deny']);
    }
    // The address of a client and the name of a server are known of every connection.
    const address = { source: { remoteIpBlocks: ['10.2.1.2'] } };
    expect(asked([{ from: [named, address] }], 'side/web')).toEqual(['allow', 'allow', 'allow']);
  });
});
