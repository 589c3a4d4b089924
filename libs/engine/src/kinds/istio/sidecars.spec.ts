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
    expect(asked('side/fe', sidecar(part)).slice(0, 3)).toEqual(['unknown', 'deny', 'deny']);
    const partAtHome = { egress: [{ hosts: ['./*'], port: { number: 80, protocol: 'HTTP' } }], ...ONLY };
    expect(asked('side/fe', sidecar(partAtHome, 'istio-system')).slice(0, 3)).toEqual(['deny', 'unknown', 'deny']);
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
