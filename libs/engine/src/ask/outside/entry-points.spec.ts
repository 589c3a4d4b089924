import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import {
  CALICO_CNI,
  factsOf,
  knownCni,
  rawCalico,
  rawNamespace,
  rawNetworkPolicy,
  rawPod,
} from '../../testing/index.js';
import { anp, banp } from '../../testing/upstream.js';
import { entryPoints, type EntryPoint, type EntryQuestion } from './entry-points.js';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const versionOf = (kind: string): string =>
  ['TCPRoute', 'UDPRoute'].includes(kind) ? GATEWAY.replace('v1', 'v1alpha2') : GATEWAY;
const object = (apiVersion: string, kind: string, fullName: string, rest: object): unknown => {
  const [namespace, name] = fullName.split('/');
  return { apiVersion, kind, metadata: { namespace, name }, ...rest };
};
const service = (fullName: string, spec: object = {}, status: object = {}): unknown =>
  object('v1', 'Service', fullName, {
    spec: {
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'web', nodePort: 30080 }],
      ...spec,
    },
    status,
  });
const node = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

/** A gateway's own pod in `edge`; two pods of `shop` of which policy admits the gateway and one block of clients. */
const WORLD: readonly unknown[] = [
  node('n1', '172.18.0.1'),
  node('n2', '172.18.0.2'),
  rawNamespace('edge', { team: 'net' }),
  rawNamespace('shop', { public: 'yes' }),
  rawPod('edge/proxy', { labels: { 'gateway.networking.k8s.io/gateway-name': 'main' }, ip: '10.0.0.1', node: 'n1' }),
  rawPod('shop/web', {
    labels: { app: 'web' },
    ip: '10.0.0.2',
    node: 'n2',
    ports: [{ name: 'web', containerPort: 8080 }],
  }),
  rawNetworkPolicy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } },
          { ipBlock: { cidr: '203.0.113.0/24' } },
        ],
        ports: [{ port: 8080 }],
      },
    ],
  }),
];

function ask(more: readonly unknown[], question: Partial<EntryQuestion> = {}): readonly EntryPoint[] {
  const snapshot = compileSnapshot(factsOf(...WORLD, ...more));
  return entryPoints(snapshot, { reading: 'intended', to: null, client: null, ...question });
}
const told = (entries: readonly EntryPoint[]): unknown[] =>
  entries.map(({ via, listens, backends, verdict, why }) => [via, listens, backends.join(), verdict, why]);

describe('ways in by a Service (SVC-18 to SVC-20)', () => {
  const balanced = (spec: object, status: object = {}): unknown[] => [
    service('shop/web', { type: 'LoadBalancer', ...spec }, status),
  ];

  it('shows policy the client where the traffic stays local, and then only nodes with a backend listen', () => {
    const local = balanced({ externalTrafficPolicy: 'Local' }, { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } });
    const [balancer, nodes] = ask(local, { client: '203.0.113.9' });
    expect(balancer).toMatchObject({ verdict: 'allowed', seenAs: 'client', listens: '198.51.100.7', port: 80 });
    expect(nodes).toMatchObject({ listens: 'any node that runs a backend', port: 30080, backends: ['shop/web:8080'] });
    expect(ask(local, { client: '192.0.2.1' })).toMatchObject([{ verdict: 'denied' }, { verdict: 'denied' }]);
    expect(ask(local)).toMatchObject([{ verdict: 'mixed' }, { verdict: 'mixed' }]);
  });

  it('shows policy a node where it does not, unless the client enters at that of the backend', () => {
    const at = (client: string, cni: string): readonly EntryPoint[] =>
      entryPoints(compileSnapshot(factsOf(...WORLD, ...balanced({})), { cni: knownCni(cni) }), {
        reading: 'enforced',
        to: null,
        client,
      });
    const [, nodes] = at('203.0.113.9', 'calico');
    expect(nodes).toMatchObject({
      seenAs: 'node',
      listens: 'any node',
      verdict: 'mixed',
      why: "policy at the backend sees the client's address where it enters at the backend's node, else that of another node, as externalTrafficPolicy is Cluster: 1 of 2 combinations of sender and backend pass",
    });
    expect(at('192.0.2.1', 'calico')).toMatchObject([{ verdict: 'denied' }, { verdict: 'denied' }]);
    // Its policy judges at the pod's interface, where the node's address may have been put in, which always gets in.
    expect(at('192.0.2.1', 'cilium')).toMatchObject([{ verdict: 'undetermined' }, { verdict: 'undetermined' }]);
  });

  describe('with a host endpoint where the client enters', () => {
    const HOST = rawCalico('HostEndpoint', 'n1', { node: 'n1', interfaceName: '*' }, { role: 'edge' });
    const open = rawNetworkPolicy('shop/open', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] });
    const verdictsFor = (spec: object, client = '203.0.113.9', host = HOST, ...more: unknown[]): string[] => {
      const policy = rawCalico('GlobalNetworkPolicy', 'edge', {
        selector: "role == 'edge'",
        applyOnForward: true,
        types: ['Ingress'],
        ...spec,
      });
      const facts = factsOf(...WORLD, open, host, policy, ...more, ...balanced({}));
      const snapshot = compileSnapshot(facts, { cni: CALICO_CNI });
      return entryPoints(snapshot, { reading: 'enforced', to: null, client }).map(({ verdict }) => verdict);
    };
    const deny = (destination: object = {}, source: object = {}): object => ({
      ingress: [{ action: 'Deny', protocol: 'TCP', source, destination }],
    });

    it.each(['preDNAT', 'doNotTrack'])('asks %s policy about the node’s address and port', (stage) => {
      // The client gets in at n2 alone; a load balancer enters at a port of n1, or as what was sent to itself or to the backend.
      expect(verdictsFor({ [stage]: true, ...deny() })).toEqual(['mixed', 'mixed']);
      expect(verdictsFor({ [stage]: true, ...deny({ ports: ['30000:32767'] }) })).toEqual(['undetermined', 'mixed']);
      expect(verdictsFor({ [stage]: true, ...deny({ ports: [8080] }) })).toEqual(['undetermined', 'allowed']);
      expect(verdictsFor({ [stage]: true, ...deny({ nets: ['172.18.0.1/32'] }) })).toEqual(['undetermined', 'mixed']);
      expect(verdictsFor({ [stage]: true, ...deny({ nets: ['172.18.0.2/32'] }) })).toEqual(['allowed', 'allowed']);
    });

    it('asks it by selectors about the addresses of host endpoints and network sets', () => {
      const expecting = { node: 'n1', interfaceName: '*', expectedIPs: ['172.18.0.1'] };
      const host = rawCalico('HostEndpoint', 'n1', expecting, { role: 'edge' });
      const set = rawCalico('GlobalNetworkSet', 'other', { nets: ['172.18.0.2/32'] }, { role: 'set' });
      const asked = (destination: object): string[] =>
        verdictsFor({ preDNAT: true, ...deny(destination) }, undefined, host, set);
      expect(asked({ selector: "role == 'edge'" })).toEqual(['undetermined', 'mixed']);
      expect(asked({ selector: "role == 'set'" })).toEqual(['allowed', 'allowed']);
      expect(asked({ selector: "role == 'edge'", nets: ['172.18.0.2/32'] })).toEqual(['allowed', 'allowed']);
      expect(asked({ notSelector: "role == 'edge'" })).toEqual(['undetermined', 'allowed']);
      expect(asked({ notSelector: "role == 'set'" })).toEqual(['mixed', 'mixed']);
      expect(asked({ serviceAccounts: { names: ['default'] } })).toEqual(['allowed', 'allowed']);
    });

    it('asks it about the client’s address', () => {
      const listed = { preDNAT: true, ...deny({}, { nets: ['192.0.2.0/24'] }) };
      expect(verdictsFor(listed)).toEqual(['allowed', 'allowed']);
      expect(verdictsFor(listed, '192.0.2.1')).toEqual(['mixed', 'mixed']);
    });

    it('asks policy of what it forwards about the backend’s port', () => {
      expect(verdictsFor(deny({ ports: [8080] }))).toEqual(['mixed', 'mixed']);
      const allow = { ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [8080] } }] };
      expect(verdictsFor(allow)).toEqual(['allowed', 'allowed']);
      expect(verdictsFor({ types: ['Egress'], egress: [{ action: 'Deny' }] })).toEqual(['mixed', 'mixed']);
    });

    it('leaves policy of the host itself out of it', () => {
      expect(verdictsFor({ applyOnForward: false, ...deny() })).toEqual(['allowed', 'allowed']);
    });
  });

  it('takes only the clients that a load balancer lists; its node port takes all', () => {
    const ranges = balanced({
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['203.0.113.0/25', 'nonsense'],
    });
    expect(ask(ranges, { client: '203.0.113.9' })).toMatchObject([{ verdict: 'allowed' }, { verdict: 'allowed' }]);
    expect(ask(ranges, { client: '203.0.113.200' })).toMatchObject([
      { verdict: 'denied', why: 'it takes clients of 203.0.113.0/25 only' },
      { verdict: 'allowed' },
    ]);
    expect(ask(ranges)).toMatchObject([{ verdict: 'allowed' }, { verdict: 'mixed' }]);
  });

  it('names a load balancer that has a name, and every external address', () => {
    const status = { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] } };
    const entries = ask(balanced({ externalIPs: ['198.51.100.1', '198.51.100.2'] }, status));
    expect(entries.map(({ via, listens }) => [via, listens])).toEqual([
      ['LoadBalancer', 'lb.example.com'],
      ['NodePort', 'any node'],
      ['ExternalIP', '198.51.100.1, 198.51.100.2'],
    ]);
  });
});

describe('ways in by Ingress (SVC-22)', () => {
  it('follows a default backend, and ports by their names', () => {
    const ingress = (spec: object): unknown => object('networking.k8s.io/v1', 'Ingress', 'shop/web', { spec });
    const backend = { service: { name: 'web', port: { name: 'http' } } };
    const entries = ask([
      service('shop/web'),
      ingress({
        defaultBackend: { service: { name: 'web', port: { number: 80 } } },
        rules: [
          { host: 'a.example.com', http: { paths: [{ path: '/x', backend }] } },
          { http: { paths: [{ backend: { service: { name: 'web', port: { name: 'other' } } } }] } },
        ],
      }),
    ]);
    expect(entries.map(({ pointer, listens, backends }) => [pointer, listens, backends.join()])).toEqual([
      ['/spec/defaultBackend', 'any host', 'shop/web:8080'],
      ['/spec/rules/0/http/paths/0', 'a.example.com/x', 'shop/web:8080'],
      ['/spec/rules/1/http/paths/0', 'any host/', ''],
    ]);
  });

  it.each([
    ['target port', 8080, 8080],
    ['name of a target port', 'web', 'web'],
  ])('takes the %s of the Service too, as ingress-nginx does', (_, targetPort, asked) => {
    const port = typeof asked === 'number' ? { number: asked } : { name: asked };
    const spec = { defaultBackend: { service: { name: 'web', port } } };
    const entries = ask([
      service('shop/web', { ports: [{ name: 'http', port: 80, targetPort }] }),
      object('networking.k8s.io/v1', 'Ingress', 'shop/web', { spec }),
    ]);
    expect(entries.map(({ backends }) => backends.join())).toEqual(['shop/web:8080']);
  });
});

describe('ways in by the Gateway API (SVC-24 to SVC-25)', () => {
  const listener = (more: object = {}): object => ({ name: 'web', port: 443, protocol: 'HTTPS', ...more });
  const gateway = (...listeners: readonly object[]): unknown =>
    object(GATEWAY, 'Gateway', 'edge/main', {
      spec: { listeners },
      status: { addresses: [{ value: '198.51.100.9' }] },
    });
  const route = (kind: string, spec: object = {}, fullName = 'shop/web'): unknown =>
    object(versionOf(kind), kind, fullName, {
      spec: {
        parentRefs: [{ name: 'main', namespace: 'edge' }],
        rules: [{ backendRefs: [{ name: 'web', port: 80, namespace: 'shop' }] }],
        ...spec,
      },
    });
  const all = { allowedRoutes: { namespaces: { from: 'All' } } };
  const UNTAKEN = 'no listener of Gateway edge/main takes it';

  it('shows policy the pods of the Gateway', () => {
    const entries = ask([
      service('shop/web'),
      gateway(listener(all)),
      route('HTTPRoute', { hostnames: ['a.example.com'] }),
    ]);
    expect(told(entries)).toEqual([
      [
        'Gateway',
        'a.example.com at 198.51.100.9 port 443',
        'shop/web:8080',
        'allowed',
        'policy at the backend sees edge/proxy',
      ],
    ]);
  });

  it('asks the policies before and after NetworkPolicy about the Gateway and the port of the backend', () => {
    const edge = { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } };
    const from = (action: string, ports: readonly number[] = []): object => ({
      ingress: [{ action, from: [edge], ports: ports.map((port) => ({ portNumber: { protocol: 'TCP', port } })) }],
    });
    const to = { egress: [{ action: 'Deny', to: [{ namespaces: { matchLabels: { public: 'yes' } } }] }] };
    const verdict = (policy: unknown): unknown =>
      ask([service('shop/web'), gateway(listener(all)), route('HTTPRoute'), policy])[0]?.verdict;
    const admin = [from('Deny'), from('Deny', [8080]), from('Deny', [80]), from('Pass'), to];
    expect(admin.map((spec) => verdict(anp(1, { ...spec })))).toEqual([
      'denied',
      'denied',
      'allowed',
      'allowed',
      'denied',
    ]);
    // NetworkPolicy isolates the backend on the way in, and leaves the way out of the Gateway to the baseline.
    expect([from('Deny'), to].map((spec) => verdict(banp({ ...spec })))).toEqual(['allowed', 'denied']);
  });

  it.each([
    ['HTTPRoute', 'HTTPS', 'allowed'],
    ['GRPCRoute', 'HTTP', 'allowed'],
    ['GRPCRoute', 'TLS', 'denied'],
    ['TLSRoute', 'TLS', 'allowed'],
    ['TLSRoute', 'HTTPS', 'denied'],
    ['TCPRoute', 'TCP', 'allowed'],
    ['TCPRoute', 'UDP', 'denied'],
    ['HTTPRoute', 'example.com/own', 'allowed'],
  ])('%s on a listener for %s: %s', (kind, protocol, verdict) => {
    const [entry] = ask([service('shop/web'), gateway(listener({ ...all, protocol })), route(kind)]);
    expect(entry).toMatchObject({ verdict, protocol: 'TCP' });
  });

  it('carries datagrams to the UDP port of a Service', () => {
    const ports = [{ name: 'dns', port: 80, protocol: 'UDP', targetPort: 53 }];
    const [entry] = ask([
      service('shop/web', { ports }),
      gateway(listener({ ...all, protocol: 'UDP' })),
      route('UDPRoute'),
    ]);
    // Policy admits TCP 8080 alone.
    expect(entry).toMatchObject({ protocol: 'UDP', backends: ['shop/web:53'], verdict: 'denied' });
  });

  it.each<[string, object, string]>([
    ['its own namespace alone by default', {}, 'denied'],
    ['all', all, 'allowed'],
    [
      'chosen by label',
      { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { public: 'yes' } } } } },
      'allowed',
    ],
    [
      'chosen by another label',
      { allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { public: 'no' } } } } },
      'denied',
    ],
    ['none', { allowedRoutes: { namespaces: { from: 'None' } } }, 'denied'],
    [
      'of other kinds only',
      { allowedRoutes: { namespaces: { from: 'All' }, kinds: [{ kind: 'GRPCRoute' }] } },
      'denied',
    ],
    ['of this kind', { allowedRoutes: { namespaces: { from: 'All' }, kinds: [{ kind: 'HTTPRoute' }] } }, 'allowed'],
    ['of the same host', { ...all, hostname: 'a.example.com' }, 'allowed'],
    ['of hosts under a wildcard', { ...all, hostname: '*.example.com' }, 'allowed'],
    ['of another host', { ...all, hostname: 'b.example.com' }, 'denied'],
  ])('a listener that takes routes %s', (_, more, verdict) => {
    const [entry] = ask([
      service('shop/web'),
      gateway(listener(more)),
      route('HTTPRoute', { hostnames: ['a.example.com'] }),
    ]);
    expect(entry).toMatchObject({ verdict, ...(verdict === 'denied' && { why: UNTAKEN, backends: [] }) });
  });

  it('goes to the listener that a route names, by section or by port', () => {
    const world = [
      service('shop/web'),
      gateway(listener(all), listener({ ...all, name: 'plain', port: 80, protocol: 'HTTP' })),
    ];
    const parent = { name: 'main', namespace: 'edge' };
    const listens = (more: object): unknown =>
      ask([...world, route('HTTPRoute', { parentRefs: [{ ...parent, ...more }] })]).map((each) => each.listens);
    expect(listens({})).toEqual(['198.51.100.9 port 443, 80']);
    expect(listens({ sectionName: 'plain' })).toEqual(['198.51.100.9 port 80']);
    expect(listens({ port: 443 })).toEqual(['198.51.100.9 port 443']);
    expect(listens({ kind: 'Service', group: '' })).toEqual([]);
    expect(ask([...world, route('HTTPRoute', { parentRefs: [{ ...parent, sectionName: 'none' }] })])).toMatchObject([
      { verdict: 'denied', why: UNTAKEN },
    ]);
  });

  describe('to a Service of another namespace', () => {
    const grant = (spec: object): unknown =>
      object('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', 'shop/grant', { spec });
    const from = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'edge' }];
    const world = [service('shop/web'), gateway(listener(all)), route('HTTPRoute', {}, 'edge/web')];

    it.each<[string, readonly unknown[], string]>([
      ['without a grant', [], 'denied'],
      ['with one for every Service', [grant({ from, to: [{ group: '', kind: 'Service' }] })], 'allowed'],
      ['with one for this Service', [grant({ from, to: [{ group: '', kind: 'Service', name: 'web' }] })], 'allowed'],
      ['with one for another', [grant({ from, to: [{ group: '', kind: 'Service', name: 'api' }] })], 'denied'],
      [
        'with one for other routes',
        [grant({ from: [{ ...from[0], kind: 'TCPRoute' }], to: [{ group: '', kind: 'Service' }] })],
        'denied',
      ],
    ])('%s', (_, grants, verdict) => {
      const [entry] = ask([...world, ...grants]);
      expect(entry).toMatchObject({ verdict, service: 'shop/web' });
      if (verdict === 'denied')
        expect(entry?.why).toBe('no ReferenceGrant of namespace shop lets HTTPRoutes of edge lead to it');
    });

    it('cannot be told where grants could not be listed', () => {
      const completeness = { 'ReferenceGrant.gateway.networking.k8s.io': { complete: false, reason: 'forbidden' } };
      const snapshot = compileSnapshot(factsOf(...WORLD, ...world), { completeness });
      expect(entryPoints(snapshot, { reading: 'intended', to: null, client: null })).toMatchObject([
        { verdict: 'undetermined' },
      ]);
    });
  });
});
