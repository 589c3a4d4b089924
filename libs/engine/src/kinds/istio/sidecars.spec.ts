import { describe, expect, it } from '@jest/globals';

import { meshConfig, networking, rawMember, world } from '../../testing/mesh.js';

describe('Sidecar', () => {
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
    const part = { egress: [{ hosts: ['amb/*'], port: { number: 80, protocol: 'HTTP' } }], ...ONLY };
    // The port of the Service is not told.
    expect(asked('side/fe', sidecar(part)).slice(0, 3)).toEqual(['unknown', 'deny', 'deny']);
  });

  it('IM-44 sees on the port of a listener what that names, and on others what those without a port do', () => {
    const seen = (egress: readonly object[], port: number): readonly string[] => {
      const w = world(...services, sidecar({ egress, ...ONLY }));
      return ['amb', 'plain'].map((to) => w.ask('side/fe', `${to}/web`, 'TCP/8080', undefined, `${to}/web:${port}`));
    };
    const at = (number: number, host: string, more: object = {}): object => ({
      hosts: [host],
      port: { number, protocol: 'TCP', name: 'x' },
      ...more,
    });
    expect(seen([at(80, 'amb/*')], 80)).toEqual(['allow', 'deny']);
    expect(seen([at(80, 'amb/*')], 81)).toEqual(['deny', 'deny']);
    const rest = { hosts: ['plain/*'] };
    expect(seen([at(80, 'amb/*'), rest], 81)).toEqual(['deny', 'allow']);
    // Whether it does so on the port of another listener too depends on the protocols.
    expect(seen([at(80, 'amb/*'), rest], 80)).toEqual(['allow', 'unknown']);
    expect(seen([at(80, 'amb/*', { bind: '127.0.0.1' })], 80)).toEqual(['unknown', 'deny']);
    expect(seen([at(80, 'amb/*', { captureMode: 'NONE' })], 80)).toEqual(['unknown', 'deny']);
    const proxy = { hosts: ['amb/*'], port: { number: 3128, protocol: 'HTTP_PROXY', name: 'x' } };
    expect(seen([proxy], 80)).toEqual(['unknown', 'deny']);
  });

  it('IM-44 sees Services only that are exported to its namespace', () => {
    const exported = (exportTo: string, ...objects: readonly unknown[]): string => {
      const annotations = { 'networking.istio.io/exportTo': exportTo };
      const kept = { ...(services[0] as object), metadata: { name: 'web', namespace: 'amb', annotations } };
      return asked('side/fe', kept, ...objects)[0] ?? '';
    };
    const mesh = meshConfig('outboundTrafficPolicy:', '  mode: REGISTRY_ONLY', 'defaultServiceExportTo: ["."]');
    for (const config of [mesh, sidecar(sees('*/*'))]) {
      expect(['.', 'amb', '~', '~,side'].map((to) => exported(to, config))).toEqual(Array(4).fill('deny'));
      expect(['*', 'side', 'plain, side', '.,*'].map((to) => exported(to, config))).toEqual(Array(4).fill('allow'));
    }
    expect(asked('side/fe', mesh).slice(0, 3)).toEqual(['deny', 'allow', 'deny']);
    expect(exported('side', sidecar(sees('./*')))).toBe('deny');
  });

  it('IM-45 refuses what is not seen where only the registry may be reached', () => {
    const hosts = { egress: [{ hosts: ['./*'] }] };
    const mesh = meshConfig('outboundTrafficPolicy:', '  mode: REGISTRY_ONLY');
    expect(asked('side/fe', sidecar(hosts))).toEqual(OPEN);
    expect(asked('side/fe', mesh)).toEqual(['allow', 'allow', 'allow', 'deny', 'allow']);
    expect(asked('side/fe', sidecar(hosts), mesh)).toEqual(['deny', 'allow', 'deny', 'deny', 'allow']);
    expect(asked('amb/fe', mesh)).toEqual(OPEN);
    const route = (hosts: readonly string[], more: object = {}): unknown =>
      networking('VirtualService', 'side', 'x', { hosts, ...more });
    const routed = (...objects: readonly unknown[]): readonly string[] =>
      asked('side/fe', sidecar(sees('./*')), ...objects).slice(0, 3);
    expect(routed(route(['a.example.com', 'web']))).toEqual(['deny', 'allow', 'deny']);
    expect(routed(route(['web.amb.svc.cluster.local']))).toEqual(['unknown', 'allow', 'deny']);
    expect(routed(route(['*.plain.svc.cluster.local']))).toEqual(['deny', 'allow', 'unknown']);
    expect(routed(route(['web.amb.svc.cluster.local'], { gateways: ['edge'] }))).toEqual(['deny', 'allow', 'deny']);
    const away = networking('VirtualService', 'plain', 'x', { hosts: ['web.amb.svc.cluster.local'] });
    expect(routed(away)).toEqual(['deny', 'allow', 'deny']);
    expect(world(mesh).ask('side/fe', '203.0.113.9', 'UDP/53')).toBe('allow');
    const gateway = rawMember('gw', { proxy: true, labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } });
    expect(world(mesh, gateway).ask('side/gw', '203.0.113.9')).toBe('allow');
    const { determining } = world(mesh).decide('side/fe', '203.0.113.9').egress;
    expect(determining.map(({ policy }) => `${policy.kind} ${policy.namespace}/${policy.name}`)).toEqual([
      'ConfigMap istio-system/istio',
    ]);
  });

  describe('IM-50 lets go outside', () => {
    const mesh = meshConfig('outboundTrafficPolicy:', '  mode: REGISTRY_ONLY');
    const entry = (spec: object, ...ports: readonly (readonly [number, string])[]): unknown =>
      networking('ServiceEntry', 'side', 'x', {
        hosts: ['a.example.com', '*.example.net'],
        ports: ports.map(([number, protocol]) => ({ number, protocol, name: `p${number}` })),
        ...spec,
      });
    const out = (port: string, ...objects: readonly unknown[]): readonly string[] => {
      const w = world(mesh, ...objects);
      return ['a.example.com', 'x.y.example.net', 'b.example.com', '203.0.113.9', '198.51.100.1'].map((to) =>
        w.ask('side/fe', to, port),
      );
    };
    const none = Array<string>(5).fill('deny');
    const open = Array<string>(5).fill('unknown');

    it.each(['HTTP', 'HTTPS', 'GRPC', 'tls'])('to hosts by %s, on the ports of ServiceEntries', (protocol) => {
      const byName = ['allow', 'allow', 'deny', 'unknown', 'unknown'];
      expect(out('TCP/443', entry({}, [443, protocol]))).toEqual(byName);
      expect(out('TCP/444', entry({}, [443, protocol]))).toEqual(none);
    });

    it('perhaps to a node, which a host may be the name of', () => {
      const w = world(mesh, entry({}, [443, 'TLS']));
      expect(w.ask('side/fe', '172.18.0.1', 'TCP/443')).toBe('unknown');
      expect(w.ask('side/fe', '172.18.0.1', 'TCP/444')).toBe('deny');
    });

    it('to addresses by TCP, where nothing is looked up', () => {
      const addresses = ['203.0.113.0/24', '192.0.2.1'];
      const tcp = (spec: object): readonly string[] => out('TCP/5432', entry(spec, [5432, 'TCP']));
      expect(tcp({ addresses, resolution: 'NONE' }).slice(3)).toEqual(['allow', 'deny']);
      expect(tcp({ addresses, resolution: 'DNS' })).toEqual(open);
      expect(tcp({})).toEqual(Array<string>(5).fill('allow'));
    });

    it('to what is looked up by TCP, which takes all of its port', () => {
      const tcp = (spec: object, ...more: readonly unknown[]): readonly string[] =>
        out('TCP/5432', entry(spec, [5432, 'TCP']), ...more);
      const byName = ['allow', 'allow', 'deny', 'unknown', 'unknown'];
      expect(tcp({ resolution: 'DNS' })).toEqual(byName);
      const endpoints = [{ address: '203.0.113.9' }];
      expect(tcp({ resolution: 'STATIC', endpoints })).toEqual([...open.slice(0, 3), 'allow', 'deny']);
      const moved = [{ address: '203.0.113.9', ports: { p5432: 15432 } }];
      expect(tcp({ resolution: 'STATIC', endpoints: moved }).slice(3)).toEqual(['unknown', 'deny']);
      const addresses = ['240.0.0.1'];
      expect(tcp({ resolution: 'STATIC', endpoints, addresses }).slice(3)).toEqual(['unknown', 'deny']);
      const chosen = { resolution: 'STATIC', workloadSelector: { labels: { app: 'x' } } };
      const machine = (labels: object, ports: object = {}): unknown =>
        networking('WorkloadEntry', 'side', 'vm', { address: '203.0.113.9', labels, ports });
      expect(tcp(chosen).slice(3)).toEqual(['deny', 'deny']);
      expect(tcp(chosen, machine({ app: 'x' })).slice(3)).toEqual(['allow', 'deny']);
      expect(tcp(chosen, machine({ app: 'x' }, { p5432: 15432 })).slice(3)).toEqual(['unknown', 'deny']);
      expect(tcp(chosen, machine({ app: 'y' })).slice(3)).toEqual(['deny', 'deny']);
      // Two for all addresses: which of them has the port is open.
      const other = networking('ServiceEntry', 'side', 'y', {
        hosts: ['b.example.com'],
        ports: [{ number: 5432, protocol: 'TCP' }],
        resolution: 'STATIC',
        endpoints: [{ address: '198.51.100.1' }],
      });
      expect(tcp({ resolution: 'STATIC', endpoints }, other).slice(3)).toEqual(['unknown', 'unknown']);
    });

    it('perhaps to hosts by TLS where the entry has addresses of its own', () => {
      const tls = (...addresses: readonly string[]): readonly string[] =>
        out('TCP/443', entry({ addresses, resolution: 'DNS' }, [443, 'TLS']));
      expect(tls('240.0.0.1')).toEqual(['unknown', 'unknown', 'deny', 'unknown', 'unknown']);
    });

    it('what the sidecar sees alone', () => {
      const https = [443, 'HTTPS'] as const;
      const away = (spec: object): unknown =>
        networking('ServiceEntry', 'plain', 'x', {
          hosts: ['a.example.com'],
          ports: [{ number: 443, protocol: 'HTTPS' }],
          ...spec,
        });
      expect(out('TCP/443', entry({ exportTo: ['.'] }, https))[0]).toBe('allow');
      expect(out('TCP/443', away({ exportTo: ['.'] }))).toEqual(none);
      expect(out('TCP/443', away({ exportTo: ['side'] }))[0]).toBe('allow');
      const seen = (...hosts: readonly string[]): string | undefined =>
        out('TCP/443', entry({}, https), sidecar(sees(...hosts)))[0];
      expect(['./*', '*/a.example.com', 'side/*.com'].map((host) => seen(host))).toEqual(['allow', 'allow', 'allow']);
      expect(['plain/*', './b.example.com'].map((host) => seen(host))).toEqual(['deny', 'deny']);
    });

    it('to what Services are an alias of where the registry has that too', () => {
      const alias = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'alias', namespace: 'side' },
        spec: { type: 'ExternalName', externalName: 'a.example.com', ports: [{ port: 443 }] },
      };
      expect(out('TCP/443', alias)).toEqual(none);
      expect(out('TCP/443', alias, entry({}, [443, 'TLS']))[0]).toBe('allow');
    });
  });
});
