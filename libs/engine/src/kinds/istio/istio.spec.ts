import { describe, expect, it } from '@jest/globals';

import { describeLimit } from '../../eval/index.js';
import { PolicyWorld, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';

const object = (kind: string, namespace: string, name: string, spec: unknown, more: object = {}): unknown => ({
  apiVersion: 'security.istio.io/v1',
  kind,
  metadata: { name, namespace, ...more },
  spec,
});
const authorization = (spec: object, namespace = 'amb', more: object = {}): unknown =>
  object('AuthorizationPolicy', namespace, 'authz', spec, more);
const authentication = (name: string, namespace: string, spec: object, more: object = {}): unknown =>
  object('PeerAuthentication', namespace, name, spec, more);
const mode = (value: string): object => ({ mtls: { mode: value } });

/** Namespaces amb (ambient), side (sidecars) and plain, each with pods web and fe. */
const MESH: readonly unknown[] = [
  rawNamespace('amb', { 'istio.io/dataplane-mode': 'ambient' }),
  rawNamespace('side', { 'istio-injection': 'enabled' }),
  rawNamespace('plain', {}),
  ...(['amb', 'side', 'plain'] as const).flatMap((namespace, index) => [
    rawPod(`${namespace}/web`, { labels: { app: 'web' }, ip: `10.2.${index}.1`, serviceAccount: 'web' }),
    rawPod(`${namespace}/fe`, { labels: { app: 'fe' }, ip: `10.2.${index}.2`, serviceAccount: 'fe' }),
  ]),
];
const world = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld([...MESH, ...objects]);
const from = (source: object): object => ({ rules: [{ from: [{ source }] }] });
const to = (operation: object): object => ({ rules: [{ to: [{ operation }] }] });
const errors = (w: PolicyWorld): readonly string[] => w.problems.filter((problem) => problem.startsWith('error'));
const CLOSED = authorization({});
const meshConfig = (...lines: readonly string[]): unknown => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio', namespace: 'istio-system' },
  data: { mesh: lines.join('\n') },
});

function rawMember(
  name: string,
  more: { labels?: object; annotations?: object; proxy?: boolean; uid?: string },
): unknown {
  const containers = [{ name: 'main' }, ...(more.proxy === true ? [{ name: 'istio-proxy' }] : [])];
  const metadata = { name, namespace: 'side', labels: more.labels ?? {}, annotations: more.annotations ?? {} };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: more.uid === undefined ? metadata : { ...metadata, uid: more.uid },
    spec: { containers },
    status: { phase: 'Running', podIP: '10.3.0.1' },
  };
}

describe('Istio members', () => {
  const closed = authorization({}, 'side');

  it('IM-1 IM-2 takes a running pod by its container and a manifest by its labels', () => {
    const verdict = (pod: unknown): string => world(closed, pod).ask('plain/fe', 'side/x');
    expect(verdict(rawMember('x', { uid: '1' }))).toBe('allow');
    expect(verdict(rawMember('x', { uid: '1', proxy: true }))).toBe('deny');
    expect(verdict(rawMember('x', {}))).toBe('deny');
    expect(verdict(rawMember('x', { labels: { 'sidecar.istio.io/inject': 'false' } }))).toBe('allow');
  });

  it('IM-3 IM-4 IM-5 IM-6 IM-7 decides about TCP to members, beside the CNI', () => {
    const w = world(object('AuthorizationPolicy', 'istio-system', 'all', {}));
    expect(['amb/web', 'side/web', 'plain/web', 'node:node-1'].map((peer) => w.ask('plain/fe', peer))).toEqual([
      'deny',
      'deny',
      'allow',
      'allow',
    ]);
    expect(w.ask('plain/fe', 'amb/web', 'UDP/53')).toBe('allow');
    const around = rawMember('x', { annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': '80' } });
    expect(world(closed, around).ask('plain/fe', 'side/x')).toBe('unknown');
    expect(world(authorization({ rules: [{}] }, 'side'), around).ask('plain/fe', 'side/x')).toBe('allow');
  });
});

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

  it('IM-23 leaves CUSTOM open', () => {
    const custom = (namespace: string): unknown =>
      authorization({ action: 'CUSTOM', provider: { name: 'ext' }, ...to({ ports: ['80'] }) }, namespace);
    const w = world(custom('side'));
    expect([w.ask('plain/fe', 'side/web'), w.ask('plain/fe', 'side/web', 'TCP/81')]).toEqual(['unknown', 'allow']);
    expect(world(custom('amb')).ask('plain/fe', 'amb/web')).toBe('allow');
    expect(errors(world(authorization({ action: 'CUSTOM', rules: [{}] })))).toEqual(['error istio.provider /spec']);
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
});

describe('PeerAuthentication', () => {
  const strict = authentication('default', 'amb', mode('STRICT'));
  const WEB = { selector: { matchLabels: { app: 'web' } } };

  it('IM-27 refuses clients without an identity where it is strict', () => {
    const w = world(strict);
    expect(['plain/fe', 'side/fe', '203.0.113.9'].map((peer) => w.ask(peer, 'amb/web'))).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
    expect(w.ask('plain/fe', 'side/web')).toBe('allow');
    expect(world(authentication('default', 'amb', mode('PERMISSIVE'))).ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-28 lets the nearest level decide', () => {
    const mesh = authentication('default', 'istio-system', mode('STRICT'));
    const asked = (w: PolicyWorld): readonly string[] =>
      ['amb/web', 'amb/fe', 'side/web'].map((peer) => w.ask('plain/fe', peer));
    expect(asked(world(mesh))).toEqual(['deny', 'deny', 'deny']);
    const open = authentication('default', 'amb', mode('PERMISSIVE'));
    expect(asked(world(mesh, open))).toEqual(['allow', 'allow', 'deny']);
    expect(asked(world(mesh, authentication('default', 'amb', mode('UNSET'))))).toEqual(['deny', 'deny', 'deny']);
    const web = authentication('web', 'amb', { ...WEB, ...mode('PERMISSIVE') });
    expect(asked(world(mesh, web))).toEqual(['allow', 'deny', 'deny']);
    expect(asked(world(mesh, open, authentication('web', 'amb', { ...WEB, ...mode('STRICT') })))).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
  });

  it('IM-29 lets the older of two hold', () => {
    const at = (year: number): object => ({ creationTimestamp: `${year}-01-01T00:00:00Z` });
    const pair = (first: number, second: number): string =>
      world(
        authentication('a', 'amb', mode('STRICT'), at(first)),
        authentication('b', 'amb', mode('PERMISSIVE'), at(second)),
      ).ask('plain/fe', 'amb/web');
    expect([pair(2020, 2021), pair(2021, 2020)]).toEqual(['deny', 'allow']);
    const selected = world(
      authentication('a', 'amb', { ...WEB, ...mode('PERMISSIVE') }, at(2020)),
      authentication('b', 'amb', { ...WEB, ...mode('STRICT') }, at(2021)),
    );
    expect(selected.ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-30 IM-31 lets ports of a workload differ', () => {
    const ports = { portLevelMtls: { 80: { mode: 'PERMISSIVE' }, 81: { mode: 'STRICT' } } };
    const asked = (...objects: readonly unknown[]): readonly string[] => {
      const w = world(...objects);
      return ['TCP/80', 'TCP/81', 'TCP/82'].map((port) => w.ask('plain/fe', 'amb/web', port));
    };
    const web = (value: string): unknown => authentication('web', 'amb', { ...WEB, ...mode(value), ...ports });
    expect(asked(web('STRICT'))).toEqual(['allow', 'deny', 'deny']);
    expect(asked(web('PERMISSIVE'))).toEqual(['allow', 'deny', 'allow']);
    expect(asked(web('UNSET'))).toEqual(['allow', 'deny', 'allow']);
    expect(asked(strict, web('UNSET'))).toEqual(['allow', 'deny', 'deny']);
    const off = { 80: { mode: 'DISABLE' } };
    const some = (more: object): unknown =>
      authentication('web', 'amb', { ...WEB, portLevelMtls: { ...off, ...more } });
    expect(asked(strict, some({}))).toEqual(['deny', 'deny', 'deny']);
    expect(asked(strict, some({ 81: { mode: 'PERMISSIVE' } }))).toEqual(['allow', 'allow', 'deny']);
    const side = world(
      authentication('default', 'side', mode('STRICT')),
      authentication('web', 'side', { ...WEB, portLevelMtls: off }),
    );
    expect(['TCP/80', 'TCP/82'].map((port) => side.ask('plain/fe', 'side/web', port))).toEqual(['allow', 'deny']);
    expect(errors(world(authentication('x', 'amb', ports)))).toEqual(['error istio.port_mtls /spec/portLevelMtls']);
  });

  it('IM-37 knows no client of a sidecar without mutual TLS but those that ztunnel carries', () => {
    const known = authorization(from({ namespaces: ['amb', 'side'] }), 'side');
    const unknown = authorization({ action: 'DENY', ...from({ notNamespaces: ['amb', 'side'] }) }, 'side');
    const asked = (policy: unknown, ...modes: readonly unknown[]): readonly string[] => {
      const w = world(policy, ...modes);
      return ['side/fe', 'amb/fe', 'plain/fe'].map((client) => w.ask(client, 'side/web', 'TCP/80'));
    };
    const off = authentication('web', 'side', { ...WEB, portLevelMtls: { 80: { mode: 'DISABLE' } } });
    const elsewhere = authentication('web', 'side', { ...WEB, portLevelMtls: { 81: { mode: 'DISABLE' } } });
    expect(asked(known, elsewhere)).toEqual(['allow', 'allow', 'deny']);
    expect(asked(known, off)).toEqual(['deny', 'allow', 'deny']);
    expect(asked(known, authentication('all', 'istio-system', mode('DISABLE')))).toEqual(['deny', 'allow', 'deny']);
    expect(asked(unknown, off)).toEqual(['deny', 'allow', 'deny']);
  });

  it('IM-32 leaves a selector in the root namespace open', () => {
    const w = world(authentication('web', 'istio-system', { ...WEB, ...mode('STRICT') }));
    expect([w.ask('plain/fe', 'amb/web'), w.ask('plain/web', 'amb/fe')]).toEqual(['unknown', 'allow']);
  });
});

describe('the mesh and NetworkPolicy', () => {
  const netpol = (port: number, namespace = 'amb'): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'n', namespace },
    spec: { podSelector: {}, ingress: [{ ports: [{ port }] }] },
  });

  it('IM-33 tells of an ambient workload that does not open 15008', () => {
    expect(world(netpol(80)).problems).toEqual(['suspect istio.port_15008 /spec/ingress']);
    expect(world(netpol(15008)).problems).toEqual([]);
    expect(world(netpol(80, 'plain')).problems).toEqual([]);
  });

  it('IM-34 tells of 15006', () => {
    expect(world(netpol(15006, 'side')).problems).toEqual(['suspect istio.port_15006 /spec/ingress/0/ports/0/port']);
  });
});

describe('what the CNI sees of the mesh', () => {
  const opened = (...ports: readonly number[]): unknown =>
    rawNetworkPolicy('amb/in', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        {
          from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'fe' } } }],
          ports: ports.map((port) => ({ port })),
        },
      ],
    });
  const clients = ['amb/fe', 'side/fe', 'plain/fe'];

  it.each([
    [[8080], 'TCP/8080', ['deny', 'unknown', 'allow']],
    [[15008], 'TCP/8080', ['allow', 'unknown', 'deny']],
    [[8080, 15008], 'TCP/8080', ['allow', 'allow', 'allow']],
    [[8080, 15008], 'TCP/9090', ['allow', 'unknown', 'deny']],
    [[8080, 15008], 'UDP/8080', ['deny', 'deny', 'deny']],
  ] as const)('IM-35 ports %j let pass %s from ambient, sidecar and plain clients: %j', (ports, port, verdicts) => {
    const w = world(opened(...ports));
    expect(clients.map((client) => w.ask(client, 'amb/web', port))).toEqual(verdicts);
  });

  it('IM-35 leaves the port of the workload to the mesh', () => {
    const w = world(opened(15008), authorization({ ...from({ namespaces: ['amb'] }), ...to({ ports: ['8080'] }) }));
    expect([w.ask('amb/fe', 'amb/web', 'TCP/8080'), w.ask('amb/fe', 'amb/web', 'TCP/9090')]).toEqual(['allow', 'deny']);
  });

  it('IM-35 holds for egress, and not for clients that are denied as peers', () => {
    const out = rawNetworkPolicy('amb/out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8080 }] }],
    });
    const w = world(out);
    expect(['amb/web', 'side/web', '8.8.8.8'].map((server) => w.ask('amb/fe', server, 'TCP/8080'))).toEqual([
      'deny',
      'deny',
      'deny',
    ]);
    expect(world(opened(15008)).ask('amb/web', 'amb/web', 'TCP/8080')).toBe('allow');
  });
});

describe('waypoints', () => {
  const gateway = (labels: object): unknown => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'way', namespace: 'amb', labels },
    spec: { gatewayClassName: 'istio-waypoint' },
  });
  const used = rawNamespace('amb', { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'way' });
  const closed = rawNetworkPolicy('amb/none', { podSelector: {} });
  const mesh = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld([...MESH.slice(1), used, ...objects]);

  it('IM-36 makes what goes through one unknown', () => {
    const all = mesh(gateway({ 'istio.io/waypoint-for': 'all' }));
    expect(['amb/fe', 'side/fe', 'plain/fe'].map((client) => all.ask(client, 'amb/web'))).toEqual([
      'unknown',
      'unknown',
      'allow',
    ]);
    expect(mesh(gateway({ 'istio.io/waypoint-for': 'all' }), closed).ask('amb/fe', 'amb/web')).toBe('unknown');
    expect(mesh(gateway({}), closed).ask('amb/fe', 'amb/web')).toBe('deny');
    expect(mesh(gateway({ 'istio.io/waypoint-for': 'all' })).ask('amb/fe', 'amb/web', 'UDP/53')).toBe('allow');
  });

  it('IM-36 leaves open what a server that admits the waypoint alone makes of its clients', () => {
    const onlyWaypoint = authorization(from({ serviceAccounts: ['way'] }));
    const w = mesh(gateway({ 'istio.io/waypoint-for': 'workload' }), onlyWaypoint);
    expect(['amb/fe', 'plain/fe'].map((client) => w.ask(client, 'amb/web'))).toEqual(['unknown', 'deny']);
  });

  it('IM-36 lets what the waypoint itself says go straight', () => {
    const metadata = { name: 'way-1', namespace: 'amb', labels: { 'gateway.networking.k8s.io/gateway-name': 'way' } };
    const containers = [{ name: 'istio-proxy' }];
    const spec = { serviceAccountName: 'way', containers };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running', podIP: '10.2.0.9' } };
    const w = mesh(gateway({ 'istio.io/waypoint-for': 'all' }), pod, authorization(from({ serviceAccounts: ['way'] })));
    expect(w.ask('amb/way-1', 'amb/web')).toBe('allow');
  });

  const service = (namespace: string, labels: object): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace, labels },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });

  it('IM-36 concerns connections to Services unless told otherwise', () => {
    const verdict = (labels: object): string =>
      mesh(gateway({}), service('amb', labels)).ask('amb/fe', 'amb/web', 'TCP/80', undefined, 'amb/web');
    expect([verdict({}), verdict({ 'istio.io/use-waypoint': 'none' })]).toEqual(['unknown', 'allow']);
  });

  it('IM-36 takes a Service through its waypoint whatever its backends are', () => {
    const way = { 'istio.io/use-waypoint': 'way', 'istio.io/use-waypoint-namespace': 'amb' };
    const w = mesh(gateway({}), service('plain', way));
    const asked = ['amb/fe', 'plain/fe'].map((client) => w.ask(client, 'plain/web', 'TCP/80', undefined, 'plain/web'));
    expect(asked).toEqual(['unknown', 'allow']);
    const elsewhere = mesh(gateway({ 'istio.io/waypoint-for': 'workload' }), service('plain', way));
    expect(elsewhere.ask('amb/fe', 'plain/web', 'TCP/80', undefined, 'plain/web')).toBe('allow');
  });

  it('IM-36 looks for a waypoint where the name of it stands', () => {
    const namespace = rawNamespace('amb', {
      'istio.io/dataplane-mode': 'ambient',
      'istio.io/use-waypoint': 'other',
      'istio.io/use-waypoint-namespace': 'plain',
    });
    const workloads = gateway({ 'istio.io/waypoint-for': 'workload' });
    const pod = (labels: object): PolicyWorld => {
      const labelled = rawPod('amb/x', { labels: { 'istio.io/use-waypoint': 'way', ...labels }, ip: '10.2.0.8' });
      return new PolicyWorld([...MESH.slice(1), namespace, workloads, labelled]);
    };
    expect(pod({}).ask('amb/fe', 'amb/x')).toBe('unknown');
    expect(pod({ 'istio.io/use-waypoint-namespace': 'plain' }).ask('amb/fe', 'amb/x')).toBe('allow');
    expect(pod({}).ask('amb/fe', 'amb/web')).toBe('allow');
  });
});

describe('Sidecar', () => {
  const networking = (kind: string, namespace: string, name: string, spec: object): unknown => ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace },
    spec,
  });
  const EXPORT = { 'networking.istio.io/exportTo': '.' };
  const ONLY = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } };
  const sees = (...hosts: readonly string[]): object => ({ egress: [{ hosts }], ...ONLY });
  const sidecar = (spec: object, namespace = 'side', name = 'default'): unknown =>
    networking('Sidecar', namespace, name, spec);
  const services = ['amb', 'side', 'plain'].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  }));
  /** To the Service of namespaces amb, side and plain, to an address outside and to a pod's own. */
  const asked = (client: string, ...objects: readonly unknown[]): readonly string[] => {
    const w = world(...services, ...objects);
    return [
      ...['amb', 'side', 'plain'].map((to) => w.ask(client, `${to}/web`, 'TCP/80', undefined, `${to}/web`)),
      w.ask(client, '203.0.113.9'),
      w.ask(client, 'amb/web'),
    ];
  };
  const OPEN = ['allow', 'allow', 'allow', 'allow', 'allow'];

  it('IM-43 is for its own pods, else for the namespace, else for the mesh', () => {
    const none = ['deny', 'deny', 'deny', 'deny', 'allow'];
    const chosen = { workloadSelector: { labels: { app: 'fe' } }, outboundTrafficPolicy: { mode: 'ALLOW_ANY' } };
    const all = sidecar(sees('~/*'), 'istio-system');
    expect(['side/fe', 'amb/fe', 'plain/fe'].map((client) => asked(client, all))).toEqual([none, OPEN, OPEN]);
    expect(asked('side/fe', all, sidecar({ outboundTrafficPolicy: { mode: 'ALLOW_ANY' } }))).toEqual(OPEN);
    const both = [sidecar(sees('~/*')), sidecar(chosen, 'side', 'fe')];
    const toItself = none.with(1, 'allow');
    expect([asked('side/fe', ...both), asked('side/web', ...both)]).toEqual([OPEN, toItself]);
    expect(asked('side/fe', sidecar(sees('~/*'), 'plain'))).toEqual(OPEN);
  });

  it('IM-44 sees the Services that its listeners name', () => {
    const seen = (...hosts: readonly string[]): readonly string[] =>
      asked('side/fe', sidecar(sees(...hosts))).slice(0, 3);
    expect(seen('./*')).toEqual(['deny', 'allow', 'deny']);
    expect(seen('*/*')).toEqual(['allow', 'allow', 'allow']);
    expect(seen('amb/web.amb.svc.cluster.local', 'plain/other.plain.svc.cluster.local')).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(seen('*/*.plain.svc.cluster.local')).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', sidecar(sees('./*'), 'istio-system')).slice(0, 3)).toEqual(['deny', 'allow', 'deny']);
    const kept = { ...(services[0] as object), metadata: { name: 'web', namespace: 'amb', annotations: EXPORT } };
    expect(asked('side/fe', sidecar(sees('*/*')), kept).slice(0, 3)).toEqual(['unknown', 'allow', 'allow']);
    const part = { egress: [{ hosts: ['amb/*'], port: { number: 80, protocol: 'HTTP' } }], ...ONLY };
    expect(asked('side/fe', sidecar(part)).slice(0, 3)).toEqual(['unknown', 'deny', 'deny']);
  });

  it('IM-45 refuses what is not seen where only the registry may be reached', () => {
    const hosts = { egress: [{ hosts: ['./*'] }] };
    const mesh = meshConfig('outboundTrafficPolicy:', '  mode: REGISTRY_ONLY');
    expect(asked('side/fe', sidecar(hosts))).toEqual(OPEN);
    expect(asked('side/fe', mesh)).toEqual(['allow', 'allow', 'allow', 'deny', 'allow']);
    expect(asked('side/fe', sidecar(hosts), mesh)).toEqual(['deny', 'allow', 'deny', 'deny', 'allow']);
    expect(asked('amb/fe', mesh)).toEqual(OPEN);
    const entry = networking('ServiceEntry', 'side', 'x', { hosts: ['a.example.com'] });
    expect(asked('side/fe', mesh, entry).slice(3)).toEqual(['unknown', 'allow']);
    const route = networking('VirtualService', 'side', 'x', { hosts: ['a.example.com'] });
    expect(asked('side/fe', sidecar(sees('./*')), route)).toEqual(['unknown', 'allow', 'unknown', 'unknown', 'allow']);
    expect(world(mesh).ask('side/fe', '203.0.113.9', 'UDP/53')).toBe('allow');
    const gateway = rawMember('gw', { proxy: true, labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } });
    expect(world(mesh, gateway).ask('side/gw', '203.0.113.9')).toBe('allow');
    const { determining } = world(mesh).decide('side/fe', '203.0.113.9').egress;
    expect(determining.map(({ policy }) => `${policy.kind} ${policy.namespace}/${policy.name}`)).toEqual([
      'ConfigMap istio-system/istio',
    ]);
  });
});
