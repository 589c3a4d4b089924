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

  it('leaves open which rule counts where that depends on what is not told, or by whom it is sent', () => {
    const rest = { route: [to('old')] };
    const told = (host: string, more: object = { headers: { team: { exact: 'a' } } }): object => ({
      match: [more],
      route: [to(host)],
    });
    expect(asked(http(told('new'), rest))).toEqual(['unknown', 'unknown', 'allow']);
    expect(asked(http(told('web'), rest))).toEqual(['allow', 'unknown', 'allow']);
    expect(asked(http(told('old'), rest))).toEqual(OLD);
    expect(asked(http(rest, told('new')))).toEqual(OLD);
    expect(asked(http(told('old')))).toEqual(['unknown', 'deny', 'allow']);
    expect(asked(http(told('old', { uri: { regex: '/api' } })))[0]).toBe('unknown');
    expect(asked(http(told('old', { uri: { prefix: '/Api' }, ignoreUriCase: true })))[0]).toBe('unknown');
    expect(asked(http(told('old', { uri: { prefix: '/' } })))).toEqual(OLD);
    expect(asked(http(told('old', { port: 81 })))).toEqual(ALL);
    expect(asked(http(told('old', { port: 80 })))).toEqual(OLD);
    expect(asked(http(told('old', { gateways: ['edge'] })))).toEqual(ALL);
    expect(asked(http(told('old', { sourceNamespace: 'side' })))).toEqual(['allow', 'unknown', 'allow']);
  });

  describe('IM-55 by path and method', () => {
    const by = (host: string, ...match: readonly object[]): object => ({ match, route: [to(host)] });
    const rest = { route: [to('old')] };
    const api = { uri: { prefix: '/api' } };
    /** What requests reach pods old and new, by `METHOD /path`. */
    const requests = (rules: readonly object[], ...lines: readonly string[]): readonly string[] => {
      const w = world(...PODS, ...SERVICES, http(...rules));
      return lines.map((line) => {
        const [method = '', path = ''] = line.split(' ');
        const [old, fresh] = ['old', 'new'].map((pod) =>
          w.ask('side/fe', `shop/${pod}`, 'TCP/80', { protocol: 'http', method, path }, 'shop/web:80'),
        );
        return `${old ?? ''} ${fresh ?? ''}`;
      });
    };
    const [TO_OLD, TO_NEW, NOWHERE] = ['allow deny', 'deny allow', 'deny deny'];

    it('says which requests reach a pod', () => {
      const w = world(...PODS, ...SERVICES, http(by('new', api), rest));
      const limits = ['old', 'new'].map((pod) =>
        w.decide('side/fe', `shop/${pod}`, 'TCP/80', undefined, 'shop/web:80').egress.onlyFor.flat(),
      );
      const path = { op: 'prefix', value: '/api', read: { form: 'normal', query: 'cut', certain: true } };
      const limit = (rule: object): object => ({ type: 'l7', protocol: 'http', rules: [rule] });
      expect(limits).toEqual([[limit({ except: [{ paths: [path] }] })], [limit({ paths: [path] })]]);
      expect(asked(http(by('new', api), rest))).toEqual(ALL);
    });

    it('decides where the request is told: the first rule that is for it counts', () => {
      const exact = { uri: { exact: '/api/v1' } };
      const asks = ['GET /api', 'GET /api1', 'GET /api/v1', 'GET /api/v1?a=b', 'GET /', 'GET /x/../api'] as const;
      expect(requests([by('new', api), rest], ...asks)).toEqual([TO_NEW, TO_NEW, TO_NEW, TO_NEW, TO_OLD, TO_NEW]);
      expect(requests([by('old', exact), by('new', api)], ...asks)).toEqual([
        TO_NEW,
        TO_NEW,
        TO_OLD,
        TO_OLD,
        NOWHERE,
        TO_NEW,
      ]);
      expect(requests([by('new', api), by('old', exact)], ...asks).slice(2, 3)).toEqual([TO_NEW]);
      const written = by('new', { method: { exact: 'POST' }, uri: { prefix: '/api' } }, { uri: { exact: '/new' } });
      const lines = ['POST /api', 'GET /api', 'POST /', 'GET /new'] as const;
      expect(requests([written, rest], ...lines)).toEqual([TO_NEW, TO_OLD, TO_OLD, TO_NEW]);
    });

    it('leaves what a rule may have that is not told open, but for what one before it has', () => {
      const headers = by('new', { headers: { team: { exact: 'a' } } });
      const lines = ['GET /api', 'GET /'] as const;
      expect(requests([by('old', api), headers, rest], ...lines)).toEqual([TO_OLD, 'unknown unknown']);
      expect(requests([headers, by('old', api), rest], ...lines)).toEqual(['unknown unknown', 'unknown unknown']);
      expect(requests([by('new', { headers: {} }, api), rest], ...lines)).toEqual([TO_NEW, 'unknown unknown']);
      expect(requests([by('new', api, { port: 81 }), rest], ...lines)).toEqual([TO_NEW, TO_OLD]);
    });

    it('is no matter of what is no HTTP, nor of several VirtualServices', () => {
      const w = world(...PODS, ...SERVICES, http(by('new', api), rest));
      const tls = { protocol: 'tls', fields: { sni: 'web.shop' } };
      expect(w.ask('side/fe', 'shop/new', 'TCP/80', tls, 'shop/web:80')).toBe('deny');
      const other = virtual({ http: [{ route: [to('new.shop.svc.cluster.local')] }] }, 'side', 'other');
      expect(asked(http(by('new', api), rest), other)).toEqual(OPEN);
    });

    it('tells up to 40 rules apart', () => {
      const many = (count: number): readonly object[] => [
        ...Array.from({ length: count }, (_, index) => by('new', { uri: { exact: `/${index}` } })),
        rest,
      ];
      expect(asked(http(...many(39)))).toEqual(ALL);
      expect(asked(http(...many(40)))).toEqual(OPEN);
    });
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
