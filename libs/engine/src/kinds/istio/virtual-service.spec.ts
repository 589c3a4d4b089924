import { describe, expect, it } from '@jest/globals';

import { entryPoints } from '../../ask/outside/index.js';
import { compileSnapshot } from '../../compile/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { meshConfig, networking } from '../../testing/mesh.js';

const HTTP = { port: { number: 80, protocol: 'HTTP' }, hosts: ['*.example.com'] };
const server = (protocol: string, mode?: string): object => ({
  port: { number: 443, protocol },
  hosts: ['*'],
  ...(mode === undefined ? {} : { tls: { mode } }),
});
const gateway = (...servers: readonly object[]): unknown =>
  networking('Gateway', 'edge', 'main', { selector: { istio: 'ingress' }, servers });
const destination = (host: string, more: object = {}): object => ({ destination: { host, ...more } });
const BOUND = { hosts: ['shop.example.com'], gateways: ['edge/main'] };
const virtual = (spec: object, namespace = 'shop', name = 'web'): unknown =>
  networking('VirtualService', namespace, name, { ...BOUND, ...spec });
const to = (...route: readonly object[]): unknown => virtual({ http: [{ route }] });
const service = (name: string, more: object = {}, ...ports: readonly number[]): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', ...more },
  spec: {
    selector: { app: 'web' },
    ports: (ports.length === 0 ? [80] : ports).map((port) => ({ port, name: `p${port}` })),
  },
});

/** Pods of a gateway in `edge`; two of `shop`, of which policy admits the gateway to `old` alone. */
const WORLD: readonly unknown[] = [
  rawNamespace('edge', {}),
  rawNamespace('shop', {}),
  rawPod('edge/proxy', { labels: { istio: 'ingress' }, ip: '10.0.0.1' }),
  rawPod('shop/old', { labels: { app: 'web', version: 'v1' }, ip: '10.0.0.2' }),
  rawPod('shop/new', { labels: { app: 'web', version: 'v2' }, ip: '10.0.0.3' }),
  rawNetworkPolicy('shop/new', { podSelector: { matchLabels: { version: 'v2' } } }),
  service('web'),
];

/** Where it listens, at which pods it arrives, and the verdict, or why there is no way. */
function ways(...objects: readonly unknown[]): readonly string[] {
  const snapshot = compileSnapshot(factsOf(...WORLD, ...objects));
  return entryPoints(snapshot, { reading: 'intended', to: null, client: null }).map(
    ({ listens, backends, verdict, why, pointer }) =>
      backends.length === 0 ? why : `${listens} → ${backends.join(', ')} ${verdict} ${pointer}`,
  );
}
const AT = 'shop.example.com at Gateway edge/main port';
const BOTH = 'shop/new:80, shop/old:80 mixed';
const UNTAKEN = 'no server of Gateway edge/main takes it';

describe('ways in by a Gateway of Istio', () => {
  it('IM-46 follow VirtualServices that are bound to it', () => {
    expect(ways(gateway(HTTP), to(destination('web')))).toEqual([`${AT} 80 → ${BOTH} /spec/http/0/route/0`]);
    const web = destination('web');
    expect(ways(gateway(HTTP), virtual({ http: [{ route: [web] }], gateways: ['mesh'] }))).toEqual([]);
    expect(ways(gateway(HTTP), virtual({ http: [{ route: [web] }], gateways: ['main'] }))).toEqual([]);
    expect(ways(gateway(HTTP), virtual({ http: [{ route: [web] }], hosts: ['other.org'] }))).toEqual([UNTAKEN]);
    const inEdge = (name: string): readonly string[] =>
      ways(
        gateway(HTTP),
        virtual({ http: [{ route: [destination('web.shop.svc.cluster.local')] }], gateways: [name] }, 'edge'),
      );
    for (const name of ['main', './main', 'edge/main', 'main.edge.svc.cluster.local'])
      expect(inEdge(name)).toHaveLength(1);
    for (const name of ['shop/main', 'main.shop.svc.cluster.local']) expect(inEdge(name)).toEqual([]);
    const limited = (home: string): unknown => gateway({ ...HTTP, hosts: [`${home}/*.example.com`] });
    expect(ways(limited('shop'), to(web))).toHaveLength(1);
    expect(ways(limited('.'), to(web))).toEqual([UNTAKEN]);
  });

  it.each([
    ['http', server('HTTPS', 'SIMPLE'), true],
    ['http', server('HTTPS', 'PASSTHROUGH'), false],
    ['http', server('TCP'), false],
    ['tls', server('TLS', 'PASSTHROUGH'), true],
    ['tls', server('TLS', 'SIMPLE'), false],
    ['tcp', server('TLS', 'SIMPLE'), true],
    ['tcp', server('TCP'), true],
    ['tcp', server('HTTP'), false],
  ])('IM-46 %s routes at %j: %s', (section, at, taken) => {
    const found = ways(gateway(at), virtual({ [section]: [{ route: [destination('web')] }] }));
    expect(found).toEqual([taken ? `${AT} 443 → ${BOTH} /spec/${section}/0/route/0` : UNTAKEN]);
  });

  it('IM-46 heed the Gateways and ports that a rule names', () => {
    const rule = (...match: readonly object[]): readonly string[] =>
      ways(gateway(HTTP, server('HTTPS', 'SIMPLE')), virtual({ http: [{ match, route: [destination('web')] }] }));
    expect(rule({ uri: { prefix: '/' } })).toEqual([`${AT} 80, 443 → ${BOTH} /spec/http/0/route/0`]);
    expect(rule({ port: 443 })).toEqual([`${AT} 443 → ${BOTH} /spec/http/0/route/0`]);
    expect(rule({ gateways: ['mesh'] })).toEqual([UNTAKEN]);
    expect(rule({ gateways: ['mesh'] }, { gateways: ['edge/main'], port: 80 })).toEqual([
      `${AT} 80 → ${BOTH} /spec/http/0/route/0`,
    ]);
  });

  it('IM-47 are served by the pods that the Gateway selects, in any namespace, where they see the VirtualService', () => {
    const alone = networking('Gateway', 'edge', 'main', { selector: { istio: 'other' }, servers: [HTTP] });
    expect(ways(alone, to(destination('web')))).toEqual(['no pod of the snapshot serves Gateway edge/main']);
    const exported = (exportTo: readonly string[]): readonly string[] =>
      ways(gateway(HTTP), virtual({ exportTo, http: [{ route: [destination('web')] }] }));
    expect(exported(['.'])).toEqual([
      'VirtualService shop/web is not exported to the pods that serve Gateway edge/main',
    ]);
    expect([exported(['edge']), exported(['*'])].map(({ length }) => length)).toEqual([1, 1]);
    const own = (key: string): readonly string[] =>
      ways(gateway(HTTP), meshConfig(`${key}: ["."]`), to(destination('web')));
    expect(own('defaultVirtualServiceExportTo')).toEqual(exported(['.']));
    expect(own('defaultServiceExportTo')).toEqual(['Service shop/web is not exported to namespace edge']);
    const hidden = service('web', { annotations: { 'networking.istio.io/exportTo': '.' } });
    expect(ways(gateway(HTTP), hidden, to(destination('web')))).toEqual([
      'Service shop/web is not exported to namespace edge',
    ]);
  });

  it('IM-48 lead to Services by short and whole names', () => {
    const backends = (host: string): readonly string[] => ways(gateway(HTTP), to(destination(host)));
    expect(backends('web.shop.svc.cluster.local')).toEqual([`${AT} 80 → ${BOTH} /spec/http/0/route/0`]);
    expect(backends('none')).toEqual(['it leads to no ready endpoint']);
    expect(backends('web.shop')).toEqual(['web.shop is no Service of the cluster']);
  });

  it('IM-48 lead to the port that is named, the only one, or that of the server', () => {
    const two = service('two', {}, 80, 9090);
    const port = (more: object): readonly string[] => ways(gateway(HTTP), two, to(destination('two', more)));
    expect(port({ port: { number: 9090 } })[0]).toContain('shop/new:9090, shop/old:9090');
    expect(port({})[0]).toContain('shop/new:80, shop/old:80');
    expect(ways(gateway(server('HTTPS', 'SIMPLE')), two, to(destination('two')))).toEqual([
      'it leads to no ready endpoint',
    ]);
  });

  it('IM-48 lead to the pods of a subset', () => {
    const rule = networking('DestinationRule', 'shop', 'web', {
      host: 'web',
      subsets: [{ name: 'old', labels: { version: 'v1' } }],
    });
    const subset = (name: string): readonly string[] =>
      ways(gateway(HTTP), rule, to(destination('web', { subset: name })));
    expect(subset('old')).toEqual([`${AT} 80 → shop/old:80 allowed /spec/http/0/route/0`]);
    const wild = networking('DestinationRule', 'shop', 'all', {
      host: '*.shop.svc.cluster.local',
      subsets: [{ name: 'new', labels: { version: 'v2' } }],
    });
    const found = (...rules: readonly unknown[]): readonly string[] =>
      ways(gateway(HTTP), ...rules, to(destination('web', { subset: 'new' })));
    expect(found(wild)[0]).toContain('→ shop/new:80 denied');
    // The more specific host holds, whatever the other has.
    expect(found(wild, rule)).toEqual(['no DestinationRule of Service shop/web has subset `new`']);
    expect(subset('other')).toEqual(['no DestinationRule of Service shop/web has subset `other`']);
  });

  it('IM-48 know weights, mirrors and delegates', () => {
    const weighed = [{ ...destination('web'), weight: 100 }, { ...destination('web'), weight: 0 }, destination('web')];
    expect(ways(gateway(HTTP), to(...weighed))).toEqual([`${AT} 80 → ${BOTH} /spec/http/0/route/0`]);
    const mirrored = { route: [destination('none')], mirror: { host: 'web' }, mirrors: [destination('web')] };
    expect(ways(gateway(HTTP), virtual({ http: [mirrored] })).slice(1)).toEqual([
      `${AT} 80 → ${BOTH} /spec/http/0/mirror`,
      `${AT} 80 → ${BOTH} /spec/http/0/mirrors/0`,
    ]);
    const root = virtual({ http: [{ redirect: {} }, { delegate: { name: 'part' } }] });
    const part = virtual({ hosts: [], gateways: [], http: [{ route: [destination('web')] }] }, 'shop', 'part');
    expect(ways(gateway(HTTP), root, part)).toEqual([`${AT} 80 → ${BOTH} /spec/http/0/route/0`]);
  });
});
