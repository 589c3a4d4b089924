import { describe, expect, it } from '@jest/globals';

import { rawPod } from '../../testing/index.js';
import type { PolicyWorld } from '../../testing/index.js';
import {
  authentication,
  authorization,
  CLOSED,
  errors,
  from,
  meshConfig,
  mode,
  networking,
  rawMember,
  world,
} from '../../testing/mesh.js';

const gatewayPod = (name: string, labels: object): unknown => rawMember(name, { labels, uid: name, proxy: true });

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

  it('IM-63 holds nobody off at gateways, where nobody is known', () => {
    const mesh = authentication('default', 'istio-system', mode('STRICT'));
    const edge = gatewayPod('edge', { istio: 'edge' });
    const front = gatewayPod('front', { 'gateway.networking.k8s.io/gateway-name': 'front' });
    const server = (tls: object): unknown =>
      networking('Gateway', 'side', 'edge', { selector: { istio: 'edge' }, servers: [{ hosts: ['*'], tls }] });
    const asked = (...objects: readonly unknown[]): readonly string[] => {
      const w = world(edge, front, ...objects);
      return ['203.0.113.9', 'side/fe', 'amb/fe'].flatMap((peer) =>
        ['side/edge', 'side/front'].map((to) => w.ask(peer, to)),
      );
    };
    expect(new Set(asked(mesh, server({ mode: 'SIMPLE' })))).toEqual(new Set(['allow']));
    expect(world(edge, mesh).ask('203.0.113.9', 'side/edge')).toBe('deny');
    const members = authorization(from({ principals: ['cluster.local/ns/side/sa/fe'] }), 'side');
    expect(new Set(asked(members, server({ mode: 'SIMPLE' }), meshConfig()))).toEqual(new Set(['deny']));
    const mutual = asked(members, server({ mode: 'ISTIO_MUTUAL' }), meshConfig());
    expect(mutual).toEqual(['deny', 'deny', 'unknown', 'deny', 'deny', 'deny']);
    const others = authorization(from({ notPrincipals: ['cluster.local/ns/side/sa/fe'] }), 'side');
    expect(new Set(asked(others, server({}), meshConfig()))).toEqual(new Set(['allow']));
  });

  it('IM-64 has no say about ports of the sidecar itself', () => {
    const w = world(authentication('default', 'side', mode('STRICT')), authorization({}, 'side'));
    const ports = ['TCP/15019', 'TCP/15020', 'TCP/15021', 'TCP/15022', 'TCP/15090'];
    expect(ports.map((port) => w.ask('plain/fe', 'side/web', port))).toEqual([
      'deny',
      'allow',
      'allow',
      'deny',
      'allow',
    ]);
    expect(world(authorization({})).ask('plain/fe', 'amb/web', 'TCP/15020')).toBe('deny');
  });

  it('IM-65 has no say about what comes to ambient pods from their own node', () => {
    const placed = { ip: '10.2.0.9', node: 'node-1', serviceAccount: 'web' };
    const agent = { ip: '172.18.0.1', node: 'node-1', hostNetwork: true };
    const w = world(
      rawPod('amb/placed', placed),
      rawPod('side/placed', { ...placed, ip: '10.2.1.9' }),
      rawPod('plain/agent', agent),
      authentication('default', 'istio-system', mode('STRICT')),
      CLOSED,
    );
    const peers = ['node:node-1', 'plain/agent', 'node:node-2', 'plain/fe'];
    expect(peers.map((peer) => w.ask(peer, 'amb/placed'))).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(w.ask('node:node-1', 'side/placed')).toBe('deny');
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

  it('IM-56 leaves ports open that istiod does not tell ztunnel of', () => {
    const mesh = authentication('default', 'istio-system', mode('STRICT'));
    const unset = (namespace: string): unknown => authentication('default', namespace, {});
    const web = (namespace: string, value: string, ports: object): unknown =>
      authentication('web', namespace, { ...WEB, ...mode(value), portLevelMtls: ports });
    const asked = (namespace: string, ...objects: readonly unknown[]): readonly string[] => {
      const w = world(mesh, ...objects);
      return ['TCP/80', 'TCP/81', 'TCP/82'].map((port) => w.ask('plain/fe', `${namespace}/web`, port));
    };
    const closed = { 80: { mode: 'STRICT' } };
    expect(asked('amb', web('amb', 'PERMISSIVE', closed))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('amb', unset('amb'), web('amb', 'DISABLE', closed))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side', web('side', 'PERMISSIVE', closed))).toEqual(['deny', 'allow', 'allow']);
    const decided = authentication('default', 'amb', mode('PERMISSIVE'));
    expect(asked('amb', decided, web('amb', 'PERMISSIVE', closed))).toEqual(['deny', 'allow', 'allow']);
    const mixed = { 80: { mode: 'STRICT' }, 81: { mode: 'PERMISSIVE' } };
    expect(asked('amb', web('amb', 'UNSET', mixed))).toEqual(['deny', 'allow', 'deny']);
    expect(asked('amb', unset('amb'), web('amb', 'UNSET', mixed))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side', unset('side'), web('side', 'UNSET', mixed))).toEqual(['deny', 'allow', 'deny']);
    expect(asked('amb', unset('amb'), web('amb', 'STRICT', mixed))).toEqual(['deny', 'allow', 'deny']);
    expect(world(mesh, web('amb', 'PERMISSIVE', closed)).problems).toContain(
      'suspect istio.mtls_lost /spec/portLevelMtls',
    );
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

  it('IM-32 takes nothing from a selector in the root namespace', () => {
    const there = { ...WEB, ...mode('STRICT') };
    const w = world(
      authentication('web', 'istio-system', there),
      rawPod('istio-system/web', { labels: { app: 'web', 'istio.io/dataplane-mode': 'ambient' }, ip: '10.2.9.1' }),
    );
    const servers = ['amb/web', 'side/web', 'istio-system/web'];
    expect(servers.map((server) => w.ask('plain/fe', server))).toEqual(['allow', 'allow', 'allow']);
    expect(w.problems).toContain('suspect istio.mtls_root_selector /spec/selector');
    const off = authentication('web', 'istio-system', { ...WEB, ...mode('DISABLE') });
    const known = authorization(from({ namespaces: ['side'] }), 'side');
    expect(world(off, known).ask('side/fe', 'side/web')).toBe('allow');
    // It stands in nobody's way either.
    const older = { creationTimestamp: '2020-01-01T00:00:00Z' };
    const mesh = authentication('mesh', 'istio-system', mode('STRICT'));
    expect(
      world(mesh, authentication('web', 'istio-system', { ...WEB, ...mode('PERMISSIVE') }, older)).ask(
        'plain/fe',
        'side/web',
      ),
    ).toBe('deny');
  });

  it.each([[{}], [{ matchLabels: {} }]])('IM-60 keeps one of the mesh with selector %j from ztunnel', (selector) => {
    const older = { creationTimestamp: '2020-01-01T00:00:00Z' };
    const odd = authentication('odd', 'istio-system', { selector, ...mode('STRICT') }, older);
    const asked = (...objects: readonly unknown[]): readonly string[] => {
      const w = world(...objects);
      return ['amb/web', 'side/web'].map((server) => w.ask('plain/fe', server));
    };
    expect(asked(odd)).toEqual(['allow', 'deny']);
    // A younger one is the mesh's for ztunnel alone.
    const younger = { creationTimestamp: '2021-01-01T00:00:00Z' };
    const mesh = (value: string): unknown => authentication('mesh', 'istio-system', mode(value), younger);
    expect(asked(odd, mesh('STRICT'))).toEqual(['deny', 'deny']);
    expect(
      asked(authentication('odd', 'istio-system', { selector, ...mode('PERMISSIVE') }, older), mesh('STRICT')),
    ).toEqual(['deny', 'allow']);
    // In the root namespace itself it holds.
    const w = world(
      odd,
      rawPod('istio-system/web', { labels: { 'istio.io/dataplane-mode': 'ambient' }, ip: '10.2.9.1' }),
    );
    expect(w.ask('plain/fe', 'istio-system/web')).toBe('deny');
    // In another namespace it is the namespace's for both.
    const home = (namespace: string): unknown => authentication('odd', namespace, { selector, ...mode('STRICT') });
    expect(asked(home('amb'), home('side'))).toEqual(['deny', 'deny']);
  });
});
