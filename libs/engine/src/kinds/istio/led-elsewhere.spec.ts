import { describe, expect, it } from '@jest/globals';

import { rawNamespace, rawPod } from '../../testing/facts.js';
import { networking, world } from '../../testing/mesh.js';

const PODS = [
  rawNamespace('shop', {}),
  rawPod('shop/old', { labels: { app: 'web', version: 'v1' }, ip: '10.2.3.1' }),
  rawPod('shop/new', { labels: { app: 'web', version: 'v2' }, ip: '10.2.3.2' }),
];
const service = (name: string, selector: object | null, ...ports: readonly object[]): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { ...(selector === null ? {} : { selector }), ports },
});
const HTTP = { name: 'http', port: 80 };
const SERVICES = [
  service('web', { app: 'web' }, HTTP),
  service('old', { version: 'v1' }, HTTP),
  service('new', { version: 'v2' }, HTTP),
];
const to = (host: string, more: object = {}): object => ({ destination: { host, ...more } });
const virtual = (spec: object, namespace = 'shop', name = 'web'): unknown =>
  networking('VirtualService', namespace, name, { hosts: ['web.shop.svc.cluster.local'], ...spec });
const http = (...rules: readonly object[]): unknown => virtual({ http: rules });
const tcp = (...rules: readonly object[]): unknown => virtual({ tcp: rules });

/** To pods old and new through Service web, and to pod new by its own address. */
const askedBy = (client: string, ...objects: readonly unknown[]): readonly string[] => {
  const w = world(...PODS, ...SERVICES, ...objects);
  return ['old', 'new', ''].map((pod) =>
    w.ask(client, `shop/${pod || 'new'}`, 'TCP/80', undefined, pod === '' ? undefined : 'shop/web:80'),
  );
};
const asked = (...objects: readonly unknown[]): readonly string[] => askedBy('side/fe', ...objects);
const [NONE, OLD, OPEN, ALL] = [
  ['deny', 'deny', 'allow'],
  ['allow', 'deny', 'allow'],
  ['unknown', 'unknown', 'allow'],
  ['allow', 'allow', 'allow'],
];

describe('IM-51 a VirtualService', () => {
  it('leads clients with sidecars from a Service to others', () => {
    const away = http({ route: [to('old')] });
    expect(asked(away)).toEqual(OLD);
    expect(['amb/fe', 'plain/fe'].map((client) => askedBy(client, away))).toEqual([ALL, ALL]);
    expect(asked(http({ route: [to('web')] }))).toEqual(ALL);
    expect(asked(http({ route: [to('gone')] }))).toEqual(NONE);
    expect(asked(http({ redirect: { uri: '/' } }))).toEqual(NONE);
    expect(asked(virtual({ http: [{ route: [to('old')] }], gateways: ['edge'] }))).toEqual(ALL);
    const { determining } = world(...PODS, ...SERVICES, away).decide(
      'side/fe',
      'shop/new',
      'TCP/80',
      undefined,
      'shop/web:80',
    ).egress;
    expect(determining.map(({ policy, pointer, name }) => `${policy.kind} ${policy.name} ${pointer} ${name}`)).toEqual([
      'VirtualService web /spec/http/0 leads to shop/old',
    ]);
  });

  it('may lead to several: all with a weight are reached, and mirrors too', () => {
    const weighed = (weight: number): readonly string[] => {
      const route = [
        { ...to('old'), weight },
        { ...to('new'), weight: 100 - weight },
      ];
      return asked(http({ route }));
    };
    expect(weighed(1)).toEqual(ALL);
    expect(weighed(100)).toEqual(OLD);
    expect(asked(http({ route: [to('old')], mirror: { host: 'new' } }))).toEqual(ALL);
  });

  it('leaves open which rule counts where that depends on what is sent or by whom', () => {
    const rest = { route: [to('old')] };
    const api = (host: string, more: object = { uri: { prefix: '/api' } }): object => ({
      match: [more],
      route: [to(host)],
    });
    expect(asked(http(api('new'), rest))).toEqual(['unknown', 'unknown', 'allow']);
    expect(asked(http(api('web'), rest))).toEqual(['allow', 'unknown', 'allow']);
    expect(asked(http(api('old'), rest))).toEqual(OLD);
    expect(asked(http(rest, api('new')))).toEqual(OLD);
    expect(asked(http(api('old')))).toEqual(['unknown', 'deny', 'allow']);
    expect(asked(http(api('old', { uri: { prefix: '/' } })))).toEqual(OLD);
    expect(asked(http(api('old', { port: 81 })))).toEqual(ALL);
    expect(asked(http(api('old', { port: 80 })))).toEqual(OLD);
    expect(asked(http(api('old', { gateways: ['edge'] })))).toEqual(ALL);
    expect(asked(http(api('old', { sourceNamespace: 'side' })))).toEqual(['allow', 'unknown', 'allow']);
  });

  it('is read by what is spoken on the port', () => {
    const on = (port: object): readonly (readonly string[])[] => {
      const own = ['web', 'old'].map((name) =>
        service(name, name === 'web' ? { app: 'web' } : { version: 'v1' }, port),
      );
      const tls = virtual({ tls: [{ match: [{ sniHosts: ['web.shop'] }], route: [to('old')] }] });
      return [http({ route: [to('old')] }), tls, tcp({ route: [to('old')] })].map((one) => asked(...own, one));
    };
    const byTls = ['unknown', 'deny', 'allow'];
    const some = ['allow', 'unknown', 'allow'];
    expect(on({ port: 80, name: 'grpc-api' })).toEqual([OLD, ALL, ALL]);
    expect(on({ port: 80, name: 'tls' })).toEqual([ALL, byTls, ALL]);
    expect(on({ port: 80, name: 'mongo' })).toEqual([ALL, ALL, OLD]);
    expect(on({ port: 80 })).toEqual([some, ALL, some]);
    expect(on({ port: 80, name: 'http', appProtocol: 'tcp' })).toEqual([ALL, ALL, OLD]);
    expect(on({ port: 80, appProtocol: 'kubernetes.io/ws' })).toEqual([OLD, ALL, ALL]);
  });

  it('leads to the pods of a subset', () => {
    const subsets = [{ name: 'v1', labels: { version: 'v1' } }];
    const rule = (more: object = {}, namespace = 'shop'): unknown =>
      networking('DestinationRule', namespace, 'web', { host: 'web.shop.svc.cluster.local', subsets, ...more });
    const away = http({ route: [to('web', { subset: 'v1' })] });
    expect(asked(away, rule())).toEqual(OLD);
    expect(asked(away)).toEqual(NONE);
    expect(asked(away, rule({ exportTo: ['.'] }))).toEqual(OPEN);
    expect(asked(away, rule({}, 'side'))).toEqual(OPEN);
  });

  it('leads to another port', () => {
    const moved = (targetPort: number | string): unknown => service('old', { version: 'v1' }, { ...HTTP, targetPort });
    const away = http({ route: [to('old')] });
    expect(asked(moved(8080), away)).toEqual(NONE);
    expect(asked(moved(80), away)).toEqual(OLD);
    expect(asked(moved('web'), away)).toEqual(['unknown', 'deny', 'allow']);
    expect(asked(service('old', null, HTTP), away)).toEqual(OPEN);
    expect(asked(http({ route: [to('old', { port: { number: 81 } })] }))).toEqual(NONE);
  });

  it('delegates', () => {
    const root = http({ match: [{ uri: { prefix: '/' } }], delegate: { name: 'part' } });
    const part = (spec: object): unknown => networking('VirtualService', 'shop', 'part', spec);
    expect(asked(root, part({ http: [{ route: [to('old')] }] }))).toEqual(OLD);
    expect(asked(root)).toEqual(ALL);
    expect(asked(root, part({ http: [{ route: [to('old')] }], exportTo: ['side'] }))).toEqual(ALL);
  });

  it('counts for clients that see it, and see the Service', () => {
    const away = (exportTo: string): unknown => virtual({ http: [{ route: [to('old')] }], exportTo: [exportTo] });
    expect(['*', 'side', '.', 'plain'].map((to) => asked(away(to))[1])).toEqual(['deny', 'deny', 'allow', 'allow']);
    const sidecar = networking('Sidecar', 'side', 'own', { egress: [{ hosts: ['side/*'] }] });
    expect(asked(away('*'), sidecar)).toEqual(ALL);
    const other = virtual({ http: [{ route: [to('new.shop.svc.cluster.local')] }] }, 'side', 'other');
    expect(asked(away('*'), other)).toEqual(OPEN);
    // What passes the sidecar by as it does not see the Service may be led on by name.
    expect(asked(other, sidecar)).toEqual(['unknown', 'allow', 'allow']);
  });
});
