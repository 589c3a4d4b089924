import { describe, expect, it } from '@jest/globals';

import { authentication, meshConfig, mode, networking, rawMember, world } from '../../testing/mesh.js';
import { rawPod } from '../../testing/facts.js';

const service = (namespace: string, name = 'web'): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80 },
      { name: 'http-b', port: 81 },
    ],
  },
});
const rule = (tls: string, home = 'plain', more: object = {}): unknown =>
  networking('DestinationRule', home, 'tls', { host: 'web', trafficPolicy: { tls: { mode: tls } }, ...more });

/** From a client to pod web of a namespace, through its Service web, another one and by the pod's own address. */
const asked = (client: string, home: string, ...objects: readonly unknown[]): readonly string[] => {
  const w = world(service(home), service(home, 'other'), ...objects);
  return [`${home}/web`, `${home}/other`, undefined].map((via) =>
    w.ask(client, `${home}/web`, 'TCP/8080', undefined, via),
  );
};

describe('IM-52 ISTIO_MUTUAL of a DestinationRule', () => {
  it('fails where the server has no proxy, as no other mode does', () => {
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'))).toEqual(['deny', 'allow', 'allow']);
    for (const other of ['DISABLE', 'SIMPLE', 'MUTUAL'])
      expect(asked('side/fe', 'plain', rule(other))[0]).toBe('allow');
    expect(asked('side/fe', 'plain')[0]).toBe('allow');
  });

  it('fails at pods of the host network too, and is about TCP alone', () => {
    const host = rawPod('plain/host', { labels: { app: 'web' }, ip: '10.9.0.1', hostNetwork: true });
    const w = world(service('plain'), host, rule('ISTIO_MUTUAL'));
    expect(w.ask('side/fe', 'plain/host', 'TCP/80', undefined, 'plain/web')).toBe('deny');
    expect(w.ask('side/fe', 'plain/web', 'UDP/80', undefined, 'plain/web')).toBe('allow');
  });

  it('is for clients with a sidecar', () => {
    expect(asked('plain/fe', 'plain', rule('ISTIO_MUTUAL'))[0]).toBe('allow');
    expect(asked('amb/fe', 'plain', rule('ISTIO_MUTUAL'))[0]).toBe('allow');
    const around = rawMember('part', {
      proxy: true,
      uid: '1',
      annotations: { 'traffic.sidecar.istio.io/excludeOutboundPorts': '80' },
    });
    expect(asked('side/part', 'plain', rule('ISTIO_MUTUAL'), around)[0]).toBe('unknown');
  });

  it('reaches members of the mesh, and may reach those whose traffic partly goes around the sidecar', () => {
    expect(asked('side/fe', 'side', rule('ISTIO_MUTUAL', 'side'))[0]).toBe('allow');
    expect(asked('side/fe', 'amb', rule('ISTIO_MUTUAL', 'amb'))[0]).toBe('allow');
    const around = rawMember('part', {
      proxy: true,
      uid: '1',
      labels: { app: 'web' },
      annotations: { 'sidecar.istio.io/interceptionMode': 'NONE' },
    });
    const w = world(service('side'), around, rule('ISTIO_MUTUAL', 'side'));
    expect(w.ask('side/fe', 'side/part', 'TCP/80', undefined, 'side/web')).toBe('unknown');
    expect(w.ask('side/fe', 'side/part', 'TCP/80')).toBe('allow');
  });

  it('fails at sidecars that PeerAuthentication tells to take no mutual TLS, on these ports', () => {
    const off = authentication('off', 'side', mode('DISABLE'));
    expect(asked('side/fe', 'side', rule('ISTIO_MUTUAL', 'side'), off)).toEqual(['deny', 'allow', 'allow']);
    expect(asked('side/fe', 'side', off)[0]).toBe('allow');
    const ofPort = authentication('off', 'side', {
      selector: { matchLabels: { app: 'web' } },
      portLevelMtls: { '8080': { mode: 'DISABLE' } },
    });
    const w = world(service('side'), rule('ISTIO_MUTUAL', 'side'), ofPort);
    const [there, elsewhere] = ['TCP/8080', 'TCP/80'].map((port) =>
      w.ask('side/fe', 'side/web', port, undefined, 'side/web'),
    );
    expect([there, elsewhere]).toEqual(['deny', 'allow']);
    expect(asked('side/fe', 'amb', rule('ISTIO_MUTUAL', 'amb'), authentication('off', 'amb', mode('DISABLE')))[0]).toBe(
      'allow',
    );
  });

  it('counts for the ports and clients that it is for', () => {
    const byPort = rule('DISABLE', 'plain', {
      trafficPolicy: { portLevelSettings: [{ port: { number: 81 }, tls: { mode: 'ISTIO_MUTUAL' } }] },
    });
    const w = world(service('plain'), byPort);
    const through = (port: number): string => w.ask('side/fe', 'plain/web', 'TCP/8080', undefined, `plain/web:${port}`);
    expect([through(80), through(81)]).toEqual(['allow', 'deny']);
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL', 'plain', { exportTo: ['.'] }))[0]).toBe('allow');
    const ofRoot = rule('ISTIO_MUTUAL', 'istio-system', { host: '*.local' });
    expect(asked('side/fe', 'plain', ofRoot)).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', 'plain', ofRoot, rule('DISABLE'))).toEqual(['allow', 'deny', 'allow']);
  });

  it('leaves alone what sidecars pass through, as they do not see the Service', () => {
    const own = (more: object): unknown =>
      networking('Sidecar', 'side', 'own', { egress: [{ hosts: ['./*'] }], ...more });
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), own({}))[0]).toBe('allow');
    const only = own({ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), only)[0]).toBe('deny');
    const hidden = meshConfig('defaultServiceExportTo: ["~"]');
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), hidden)[0]).toBe('allow');
    const onPort = networking('Sidecar', 'side', 'own', {
      egress: [{ hosts: ['./*'] }, { hosts: ['plain/*'], port: { number: 81, protocol: 'TCP' } }],
    });
    const w = world(service('plain'), rule('ISTIO_MUTUAL'), onPort);
    const through = (port: number): string => w.ask('side/fe', 'plain/web', 'TCP/8080', undefined, `plain/web:${port}`);
    expect([through(80), through(81)]).toEqual(['allow', 'deny']);
  });

  it('is that of where a VirtualService leads to, and unknown where it leads to several that differ', () => {
    const to = (destination: object): unknown =>
      networking('VirtualService', 'plain', 'web', { hosts: ['web'], http: [{ route: [{ destination }] }] });
    const subset = rule('DISABLE', 'plain', {
      subsets: [{ name: 'v1', labels: { app: 'web' }, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } }],
    });
    expect(asked('side/fe', 'plain', subset)[0]).toBe('allow');
    expect(asked('side/fe', 'plain', subset, to({ host: 'web', subset: 'v1' }))[0]).toBe('deny');
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), to({ host: 'web' }))[0]).toBe('deny');
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), to({ host: 'other' }))[0]).toBe('allow');
    const ofOther = rule('ISTIO_MUTUAL', 'plain', { host: 'other' });
    expect(asked('side/fe', 'plain', ofOther, to({ host: 'other' }))).toEqual(['deny', 'deny', 'allow']);
    const both = networking('VirtualService', 'plain', 'web', {
      hosts: ['web'],
      http: [{ route: ['web', 'other'].map((host) => ({ destination: { host }, weight: 50 })) }],
    });
    expect(asked('side/fe', 'plain', ofOther, both)[0]).toBe('unknown');
    const hidden = { exportTo: ['.'] };
    const unseen = networking('VirtualService', 'plain', 'web', {
      hosts: ['web'],
      http: [{ route: [{ destination: { host: 'other' } }] }],
      ...hidden,
    });
    expect(asked('side/fe', 'plain', rule('ISTIO_MUTUAL'), unseen)[0]).toBe('deny');
  });

  it('says which rule it is', () => {
    const bare = networking(
      'DestinationRule',
      'plain',
      'a',
      { host: 'web' },
      { creationTimestamp: '2026-01-01T00:00:00Z' },
    );
    const w = world(service('plain'), bare, rule('ISTIO_MUTUAL'));
    const { egress } = w.decide('side/fe', 'plain/web', 'TCP/80', undefined, 'plain/web');
    expect(JSON.stringify(egress)).toContain('"kind":"DestinationRule","namespace":"plain","name":"tls"');
  });
});
