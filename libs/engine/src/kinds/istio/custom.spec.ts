import { describe, expect, it } from '@jest/globals';

import { authorization, errors, meshConfig, to, world } from '../../testing/mesh.js';

describe('AuthorizationPolicy with action CUSTOM', () => {
  it('IM-23 leaves CUSTOM open', () => {
    const custom = (namespace: string): unknown =>
      authorization({ action: 'CUSTOM', provider: { name: 'ext' }, ...to({ ports: ['80'] }) }, namespace);
    const w = world(custom('side'));
    expect([w.ask('plain/fe', 'side/web'), w.ask('plain/fe', 'side/web', 'TCP/81')]).toEqual(['unknown', 'allow']);
    expect(world(custom('amb')).ask('plain/fe', 'amb/web')).toBe('allow');
    expect(errors(world(authorization({ action: 'CUSTOM', rules: [{}] })))).toEqual(['error istio.provider /spec']);
    expect(world(authorization({ action: 'CUSTOM', rules: [{}] }), meshConfig()).problems).toEqual([
      'error istio.provider /spec',
      'note istio.ztunnel_custom /spec/action',
    ]);
  });

  it('IM-23 refuses what CUSTOM matches where the mesh has no such provider', () => {
    const custom = (operation: object): unknown =>
      authorization({ action: 'CUSTOM', provider: { name: 'ext' }, ...to(operation) }, 'side');
    const asked = (operation: object, ...lines: readonly string[]): readonly string[] => {
      const w = world(custom(operation), meshConfig(...lines));
      return ['TCP/80', 'TCP/81'].map((port) => w.ask('plain/fe', 'side/web', port));
    };
    const port = { ports: ['80'] };
    expect(asked(port)).toEqual(['deny', 'allow']);
    expect(
      asked(port, 'extensionProviders:', '- name: other', '  envoyExtAuthzHttp: {service: ext, port: 80}'),
    ).toEqual(['deny', 'allow']);
    const listed = ['extensionProviders:', '- name: "ext"', '  envoyExtAuthzGrpc:', '    service: a.b'];
    expect(asked(port, ...listed)).toEqual(['unknown', 'allow']);
    expect(world(custom(port), meshConfig()).problems).toContain('suspect istio.provider_unknown /spec/provider/name');
    // Of what is no HTTP nothing is known that could keep it from matching.
    const get = { methods: ['GET'] };
    const w = world(custom(get), meshConfig());
    const requests = [{ protocol: 'http', method: 'POST' }, { protocol: 'http', method: 'GET' }, { protocol: 'kafka' }];
    expect(requests.map((l7) => w.decide('plain/fe', 'side/web', 'TCP/80', l7).verdict)).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(world(custom(get)).decide('plain/fe', 'side/web', 'TCP/80', { protocol: 'kafka' }).verdict).toBe('unknown');
  });
});
