import { describe, expect, it } from '@jest/globals';

import { authorization, meshConfig, object, rawMember, world } from '../../testing/mesh.js';

describe('Istio members', () => {
  const closed = authorization({}, 'side');

  it('IM-1 IM-2 takes a running pod by its container and a manifest by its labels', () => {
    const verdict = (pod: unknown): string => world(closed, pod).ask('plain/fe', 'side/x');
    expect(verdict(rawMember('x', { uid: '1' }))).toBe('allow');
    expect(verdict(rawMember('x', { uid: '1', proxy: true }))).toBe('deny');
    expect(verdict(rawMember('x', { uid: '1', proxy: true, labels: { app: 'ztunnel' } }))).toBe('allow');
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
    const included = (value: string): string => {
      const pod = rawMember('x', { annotations: { 'traffic.sidecar.istio.io/includeInboundPorts': value } });
      return world(closed, pod).ask('plain/fe', 'side/x');
    };
    // Where no port is named none is taken.
    expect(['*', '80', ''].map(included)).toEqual(['deny', 'unknown', 'unknown']);
    const captured = (value: string): string => {
      const pod = rawMember('x', { annotations: { 'sidecar.istio.io/interceptionMode': value } });
      return world(closed, pod).ask('plain/fe', 'side/x');
    };
    expect(['REDIRECT', 'TPROXY', 'NONE'].map(captured)).toEqual(['deny', 'deny', 'unknown']);
    const configured = (config: string, annotations: object = {}, ...more: readonly unknown[]): string => {
      const pod = rawMember('x', { annotations: { 'proxy.istio.io/config': config, ...annotations } });
      return world(closed, pod, ...more).ask('plain/fe', 'side/x');
    };
    const none = meshConfig('defaultConfig:', '  interceptionMode: NONE');
    expect(configured('concurrency: 2\ninterceptionMode: NONE\n')).toBe('unknown');
    expect(configured('{"interceptionMode":"NONE"}')).toBe('unknown');
    const elsewhere = 'proxyMetadata:\n  interceptionMode: NONE';
    expect([configured('# interceptionMode: NONE'), configured(elsewhere)]).toEqual(['deny', 'deny']);
    const notOfProxies = meshConfig('# defaultConfig: {interceptionMode: NONE}', 'other:', '  interceptionMode: NONE');
    expect(configured('concurrency: 2', {}, notOfProxies)).toBe('deny');
    expect(configured('interceptionMode: NONE', { 'sidecar.istio.io/interceptionMode': 'TPROXY' })).toBe('deny');
    expect(configured('concurrency: 2', {}, none)).toBe('unknown');
    expect(configured('interceptionMode: REDIRECT', {}, none)).toBe('deny');
    expect(world(authorization({ rules: [{}] }, 'side'), around).ask('plain/fe', 'side/x')).toBe('allow');
  });
});
