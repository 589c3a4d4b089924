import { describe, expect, it } from '@jest/globals';

import { rawNamespace, rawPod } from '../../testing/facts.js';
import { authentication, authorization, from, meshConfig, mode, networking, world } from '../../testing/mesh.js';

const STRICT = authentication('strict', 'istio-system', mode('STRICT'));
const KNOWN = authorization(from({ principals: ['*'] }), 'two');
const UNKNOWN = authorization(from({ notPrincipals: ['*'] }), 'two');
const service = (name: string, namespace: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
});
const TWO = [
  rawNamespace('two', { 'istio-injection': 'enabled' }),
  rawPod('two/web', { labels: { app: 'web' }, ip: '10.2.3.1', serviceAccount: 'web' }),
];
const ROOT = [
  rawNamespace('istio-system', { 'istio-injection': 'enabled' }),
  rawPod('istio-system/fe', { labels: { app: 'fe' }, ip: '10.2.4.1', serviceAccount: 'fe' }),
];
const sidecar = networking('Sidecar', 'side', 'own', { egress: [{ hosts: ['./*'] }] });
const rule = (tls: string, namespace = 'two', more: object = {}): unknown =>
  networking('DestinationRule', namespace, 'web', {
    host: 'web.two.svc.cluster.local',
    trafficPolicy: { tls: { mode: tls }, ...more },
  });

/** To pod web of a namespace, through Service web, through Service other, and to the pod's own address. */
const askedOf = (home: string, client: string, ...objects: readonly unknown[]): readonly string[] => {
  const w = world(...TWO, service('web', home), service('other', home), ...objects);
  return [`${home}/web`, `${home}/other`, undefined].map((via) =>
    w.ask(client, `${home}/web`, 'TCP/80', undefined, via),
  );
};
/** The same of namespace two, whose pods have sidecars. */
const asked = (client: string, ...objects: readonly unknown[]): readonly string[] => askedOf('two', client, ...objects);

describe('clients that speak in plain text', () => {
  it('IM-49 are those whose sidecar does not see the Service', () => {
    expect(asked('side/fe', STRICT)).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side/fe', STRICT, sidecar)).toEqual(['deny', 'deny', 'allow']);
    expect(asked('amb/fe', STRICT, sidecar)).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side/fe', KNOWN, sidecar)).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', UNKNOWN, sidecar)).toEqual(['allow', 'allow', 'deny']);
    expect(asked('side/fe', sidecar)).toEqual(['allow', 'allow', 'allow']);
    const virtual = networking('VirtualService', 'side', 'x', { hosts: ['web', 'web.two.svc.cluster.local'] });
    expect(asked('side/fe', STRICT, sidecar, virtual)).toEqual(['unknown', 'deny', 'allow']);
    const seen = networking('Sidecar', 'side', 'own', { egress: [{ hosts: ['*/*.two.svc.cluster.local'] }] });
    expect(asked('side/fe', STRICT, seen)).toEqual(['allow', 'allow', 'allow']);
  });

  it('IM-49 are those for whom a DestinationRule switches mutual TLS off', () => {
    expect(asked('side/fe', STRICT, rule('DISABLE'))).toEqual(['deny', 'allow', 'allow']);
    expect(asked('side/fe', STRICT, rule('ISTIO_MUTUAL'))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('amb/fe', STRICT, rule('DISABLE'))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side/fe', KNOWN, rule('DISABLE'))).toEqual(['deny', 'allow', 'allow']);
    const byPort = rule('ISTIO_MUTUAL', 'two', {
      portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'DISABLE' } }],
    });
    expect(asked('side/fe', STRICT, byPort)).toEqual(['unknown', 'allow', 'allow']);
  });

  it('IM-49 are those of a Service of another namespace too, where its endpoints are written by hand', () => {
    const off = networking('DestinationRule', 'side', 'by-hand', {
      host: 'by-hand',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    const byHand = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'by-hand', namespace: 'side' },
      spec: { ports: [{ name: 'http', port: 80 }] },
    };
    const strict = [...TWO, authentication('strict', 'two', mode('STRICT')), off];
    const w = world(...strict, byHand);
    expect(w.ask('side/fe', 'two/web', 'TCP/80', undefined, 'side/by-hand')).toBe('deny');
    expect(w.ask('side/fe', 'two/web', 'TCP/80')).toBe('allow');
    const chosen = { ...byHand, spec: { ...byHand.spec, selector: { app: 'none' } } };
    const besides = (endpoint: object): string =>
      world(...strict, chosen, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'by-hand', namespace: 'side', labels: { 'kubernetes.io/service-name': 'by-hand' } },
        ...{ addressType: 'IPv4', ports: [{ name: 'http', port: 80 }], endpoints: [endpoint] },
      }).ask('side/fe', 'two/web', 'TCP/80', undefined, 'side/by-hand');
    const addresses = ['10.0.0.9'];
    expect(besides({ addresses })).toBe('deny');
    expect(besides({ addresses, targetRef: { kind: 'Pod', name: 'web' } })).toBe('allow');
  });

  it('IM-49 reach ambient backends by HBONE whatever DestinationRules say, but not where their sidecars pass it through', () => {
    const off = networking('DestinationRule', 'amb', 'web', {
      host: 'web',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    expect(askedOf('amb', 'side/fe', STRICT, off)).toEqual(['allow', 'allow', 'allow']);
    expect(askedOf('amb', 'side/fe', authorization(from({ principals: ['*'] })), off)).toEqual([
      'allow',
      'allow',
      'allow',
    ]);
    expect(askedOf('amb', 'side/fe', STRICT, off, sidecar)).toEqual(['deny', 'deny', 'allow']);
  });

  it('IM-49 go by the nearest DestinationRule that they see', () => {
    expect(asked('side/fe', STRICT, rule('DISABLE'), rule('ISTIO_MUTUAL', 'side'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, rule('ISTIO_MUTUAL'), rule('DISABLE', 'side'))[0]).toBe('deny');
    expect(asked('side/fe', STRICT, rule('ISTIO_MUTUAL'), rule('DISABLE', 'istio-system'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, rule('DISABLE', 'istio-system'))[0]).toBe('deny');
    expect(asked('side/fe', STRICT, rule('DISABLE', 'plain'))[0]).toBe('allow');
    const named = (name: string, more: object): unknown =>
      networking('DestinationRule', 'two', name, {
        host: 'web',
        trafficPolicy: { tls: { mode: 'DISABLE' } },
        ...more,
      });
    const kept = named('web', { exportTo: ['.'] });
    expect(asked('side/fe', STRICT, kept)[0]).toBe('allow');
    expect(asked('side/fe', STRICT, kept, rule('DISABLE', 'istio-system'))[0]).toBe('deny');
    const ofRoot = rule('ISTIO_MUTUAL', 'istio-system');
    const all = (client: string, ...objects: readonly unknown[]): string =>
      world(...TWO, ...ROOT, service('web', 'two'), STRICT, ...objects).ask(
        client,
        'two/web',
        'TCP/80',
        undefined,
        'two/web',
      );
    expect(all('istio-system/fe', rule('DISABLE'), ofRoot)).toBe('deny');
    const private_ = networking('DestinationRule', 'istio-system', 'own', {
      host: 'web.two.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
      exportTo: ['.'],
    });
    expect(all('istio-system/fe', rule('DISABLE'), private_)).toBe('allow');
    expect(all('side/fe', rule('DISABLE'), private_)).toBe('deny');
  });

  it('IM-49 go by the most specific host of a namespace, and of several the oldest with a policy', () => {
    const at = (
      name: string,
      host: string,
      more: object,
      createdAt = '2026-01-02T00:00:00Z',
      spec: object = {},
    ): unknown =>
      networking(
        'DestinationRule',
        'two',
        name,
        { host, trafficPolicy: more, ...spec },
        { creationTimestamp: createdAt },
      );
    const off = { tls: { mode: 'DISABLE' } };
    const on = { tls: { mode: 'ISTIO_MUTUAL' } };
    for (const host of ['*', '*.local', '*.svc.cluster.local', '*.two.svc.cluster.local', '*b.two.svc.cluster.local'])
      expect(asked('side/fe', STRICT, at('a', host, off))[0]).toBe('deny');
    for (const host of ['*.other.svc.cluster.local', '*.example.org', 'w*', '*x.two.svc.cluster.local'])
      expect(asked('side/fe', STRICT, at('a', host, off))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, at('a', '*.local', off), at('b', '*.two.svc.cluster.local', on))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, at('a', '*.two.svc.cluster.local', on), at('b', 'web', off))[0]).toBe('deny');
    const old = '2026-01-01T00:00:00Z';
    expect(asked('side/fe', STRICT, at('a', 'web', on), at('b', 'web', off, old))[0]).toBe('deny');
    expect(asked('side/fe', STRICT, at('a', 'web', off), at('b', 'web', on, old))[0]).toBe('allow');
    const bare = networking('DestinationRule', 'two', 'b', { host: 'web' }, { creationTimestamp: old });
    expect(asked('side/fe', STRICT, at('a', 'web', off), bare)[0]).toBe('deny');
    // Rules that say other namespaces stand apart, and the last one counts; what says more than another becomes a part of it.
    const both = (first: object, last: object): string | undefined =>
      asked('side/fe', STRICT, at('a', 'web', off, old, first), at('b', 'web', on, undefined, last))[0];
    expect(both({}, { exportTo: ['side'] })).toBe('allow');
    expect(both({}, { exportTo: ['*'] })).toBe('allow');
    expect(both({ exportTo: ['side'] }, {})).toBe('allow');
    expect(both({ exportTo: ['side'] }, { exportTo: ['side', 'plain'] })).toBe('deny');
    expect(both({ exportTo: ['plain'] }, { exportTo: ['side', 'plain'] })).toBe('allow');
    const away = at('b', 'web', on, old, { exportTo: ['plain'] });
    expect(asked('side/fe', STRICT, away, at('a', '*.two.svc.cluster.local', off))[0]).toBe('allow');
    // Who is for the own namespace alone stands in nobody's way, unless it says so by two words.
    const kept = (...exportTo: readonly string[]): string | undefined =>
      asked('side/fe', STRICT, at('b', 'web', on, old, { exportTo }), at('a', '*.two.svc.cluster.local', off))[0];
    expect([kept('.'), kept('two'), kept('.', 'two')]).toEqual(['deny', 'deny', 'allow']);
  });

  it('IM-49 go by the settings of a port in place of those of the Service, and of none where it leaves them out', () => {
    const onPort = (port: number, ...objects: readonly unknown[]): string =>
      world(...TWO, service('web', 'two'), STRICT, ...objects).ask(
        ...(['side/fe', 'two/web', 'TCP/8080', undefined, `two/web:${port}`] as const),
      );
    const byPort = (tls: string, settings: object): unknown =>
      rule(tls, 'two', { portLevelSettings: [{ port: { number: 80 }, ...settings }] });
    const off = byPort('ISTIO_MUTUAL', { tls: { mode: 'DISABLE' } });
    expect([onPort(80, off), onPort(81, off)]).toEqual(['deny', 'allow']);
    const on = byPort('DISABLE', { tls: { mode: 'ISTIO_MUTUAL' } });
    expect([onPort(80, on), onPort(81, on)]).toEqual(['allow', 'deny']);
    const bare = byPort('DISABLE', { connectionPool: {} });
    expect([onPort(80, bare), onPort(81, bare)]).toEqual(['allow', 'deny']);
    const known = world(...TWO, service('web', 'two'), KNOWN, off);
    const authorized = (port: number): string =>
      known.ask('side/fe', 'two/web', 'TCP/80', undefined, `two/web:${port}`);
    expect([authorized(80), authorized(81)]).toEqual(['deny', 'allow']);
  });

  it('IM-49 go by a rule that is for their labels, else by the one that is for all', () => {
    const chosen = (tls: string, app: string): unknown =>
      networking('DestinationRule', 'side', app, {
        host: 'web.two.svc.cluster.local',
        workloadSelector: { matchLabels: { app } },
        trafficPolicy: { tls: { mode: tls } },
      });
    expect(asked('side/fe', STRICT, chosen('DISABLE', 'fe'))[0]).toBe('deny');
    expect(asked('side/web', STRICT, chosen('DISABLE', 'fe'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, chosen('ISTIO_MUTUAL', 'fe'), rule('DISABLE', 'side'))[0]).toBe('allow');
    expect(asked('side/web', STRICT, chosen('ISTIO_MUTUAL', 'fe'), rule('DISABLE', 'side'))[0]).toBe('deny');
    // One of the own namespace that is for others stands in the way of those of other namespaces.
    expect(asked('side/web', STRICT, chosen('ISTIO_MUTUAL', 'fe'), rule('DISABLE'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, chosen('DISABLE', 'fe'), chosen('ISTIO_MUTUAL', 'web'))[0]).toBe('deny');
  });

  it('IM-49 go by a subset where a VirtualService sends to it', () => {
    const subset = networking('DestinationRule', 'two', 'web', {
      host: 'web',
      subsets: [{ name: 'v1', labels: { app: 'web' }, trafficPolicy: { tls: { mode: 'DISABLE' } } }],
    });
    expect(asked('side/fe', STRICT, subset)[0]).toBe('allow');
    const route = networking('VirtualService', 'two', 'web', {
      hosts: ['web'],
      http: [{ route: [{ destination: { host: 'web', subset: 'v1' } }] }],
    });
    expect(asked('side/fe', STRICT, subset, route)[0]).toBe('deny');
  });

  it('IM-49 show none where the mesh leaves mutual TLS to DestinationRules', () => {
    const manual = meshConfig('enableAutoMtls: false');
    expect(asked('side/fe', STRICT, manual)).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', STRICT, manual, rule('ISTIO_MUTUAL'))).toEqual(['allow', 'deny', 'allow']);
    expect(asked('amb/fe', STRICT, manual)).toEqual(['allow', 'allow', 'allow']);
  });

  it('IM-49 show no identity by TLS of their own, and by certificates of their own one that is not known', () => {
    expect(asked('side/fe', STRICT, rule('SIMPLE'))).toEqual(['deny', 'allow', 'allow']);
    expect(asked('side/fe', KNOWN, rule('SIMPLE'))[0]).toBe('deny');
    expect(asked('side/fe', rule('SIMPLE'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, rule('MUTUAL'))).toEqual(['unknown', 'allow', 'allow']);
    const secret = networking('DestinationRule', 'two', 'web', {
      host: 'web',
      trafficPolicy: { tls: { mode: 'MUTUAL', credentialName: 'own' } },
    });
    expect(asked('side/fe', STRICT, secret)[0]).toBe('deny');
  });

  it('IM-47 see what the mesh exports where objects do not say', () => {
    const own = (key: string): unknown => meshConfig(`${key}:`, '- "."');
    expect(asked('side/fe', STRICT, rule('DISABLE'), own('defaultDestinationRuleExportTo'))[0]).toBe('allow');
    expect(asked('side/fe', STRICT, rule('DISABLE'), own('defaultVirtualServiceExportTo'))[0]).toBe('deny');
    // Services that are not exported are passed through as they stand.
    expect(asked('side/fe', STRICT, own('defaultServiceExportTo'))).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', STRICT, meshConfig('defaultServiceExportTo: ["~"]'))).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', STRICT, meshConfig('defaultServiceExportTo: ["*"]'))).toEqual(['allow', 'allow', 'allow']);
  });

  it('IM-49 are told by the rule of where a VirtualService leads to', () => {
    const to = (...destinations: readonly object[]): unknown =>
      networking('VirtualService', 'two', 'web', {
        hosts: ['web.two.svc.cluster.local'],
        http: [{ route: destinations.map((destination) => ({ destination, weight: 1 })) }],
      });
    const away = rule('DISABLE', 'two', {});
    const ofOther = networking('DestinationRule', 'two', 'other', {
      host: 'other.two.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    expect(asked('side/fe', STRICT, away, to({ host: 'other' }))).toEqual(['allow', 'allow', 'allow']);
    expect(asked('side/fe', STRICT, ofOther, to({ host: 'other' }))).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', KNOWN, ofOther, to({ host: 'other' }))).toEqual(['deny', 'deny', 'allow']);
    expect(asked('side/fe', STRICT, ofOther, to({ host: 'other' }, { host: 'web' }))[0]).toBe('unknown');
    expect(asked('amb/fe', STRICT, ofOther, to({ host: 'other' }))[0]).toBe('allow');
    const byPort = rule('ISTIO_MUTUAL', 'two', {
      portLevelSettings: [{ port: { number: 81 }, tls: { mode: 'DISABLE' } }],
    });
    expect(asked('side/fe', STRICT, byPort, to({ host: 'web' }))[0]).toBe('allow');
  });
});
