import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { CALICO_CNI, factsOf, knownCni, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { entryPoints } from './entry-points.js';

const object = (apiVersion: string, kind: string, fullName: string, rest: object): unknown => {
  const [namespace, name] = fullName.split('/');
  return { apiVersion, kind, metadata: { namespace, name }, ...rest };
};
const service = (name: string, spec: object = {}): unknown =>
  object('v1', 'Service', `shop/${name}`, {
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
  });
const pod = (name: string, more: object = {}): unknown =>
  rawPod(`shop/${name}`, { labels: { app: name }, ip: '10.0.0.2', node: 'n1', ...more });
const node = (name: string, ...addresses: readonly string[]): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
const slice = (addressType: string, endpoint: object): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType,
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [endpoint],
});
const unready = { status: { podIP: '10.0.0.2', phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } };

function told(objects: readonly unknown[], client: string | null = null): unknown[] {
  const snapshot = compileSnapshot(factsOf(rawNamespace('shop'), ...objects), { cni: CALICO_CNI });
  return entryPoints(snapshot, { reading: 'intended', to: null, client }).map(({ via, pointer, backends, verdict }) => [
    via,
    pointer,
    backends.join(),
    verdict,
  ]);
}

describe('what opens a way in', () => {
  it('is no Service without an address of its own, whatever its external addresses (SVC-18)', () => {
    const externalIPs = ['198.51.100.1'];
    const ways = (spec: object): unknown[] => told([node('n1', '172.18.0.1'), pod('web'), service('web', spec)]);
    expect(ways({ externalIPs })).toEqual([['ExternalIP', '/spec/ports/0', 'shop/web:8080', 'allowed']]);
    expect(ways({ externalIPs, clusterIP: 'None' })).toEqual([]);
    expect(ways({ externalIPs, type: 'ExternalName', externalName: 'example.com' })).toEqual([]);
  });

  it('takes clients of the families that the Service and its slices have (SVC-13)', () => {
    const world = [node('n1', '172.18.0.1', 'fd00:9::1'), pod('web', { ips: ['10.0.0.2', 'fd00::2'] })];
    const type = { type: 'NodePort', ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30080 }] };
    const verdicts = (...more: readonly unknown[]): unknown[] =>
      ['192.0.2.1', '2001:db8::1'].map((client) => (told([...world, ...more], client)[0] as unknown[])[3]);
    expect(verdicts(service('web', type))).toEqual(['allowed', 'allowed']);
    expect(verdicts(service('web', { ...type, clusterIPs: ['fd00:96::1'] }))).toEqual(['denied', 'allowed']);
    const ofPod = slice('IPv4', { addresses: ['10.0.0.2'], targetRef: { kind: 'Pod', name: 'web' } });
    expect(verdicts(service('web', type), ofPod)).toEqual(['allowed', 'denied']);
  });

  it('shows policy a node that sends on by its first address alone (SVC-19)', () => {
    const policy = rawNetworkPolicy('shop/web', {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }],
    });
    const ports = { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] };
    const world = [node('n1', '172.18.0.1'), pod('web'), service('web', ports), policy];
    expect(told([...world, node('n2', '172.18.0.2', '192.0.2.7')], '192.0.2.1')).toEqual([
      ['NodePort', '/spec/ports/0', 'shop/web:8080', 'mixed'],
    ]);
    expect(told([...world, node('n2', '192.0.2.7', '172.18.0.2')], '192.0.2.1')).toEqual([
      ['NodePort', '/spec/ports/0', 'shop/web:8080', 'allowed'],
    ]);
  });

  it('takes clients that an annotation of the Service lists (SVC-20)', () => {
    const annotations = { 'service.beta.kubernetes.io/load-balancer-source-ranges': '192.0.2.0/24, 198.51.100.0/24' };
    const balanced = (ranges: object): unknown => ({
      ...(service('web', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...ranges }) as object),
      metadata: { namespace: 'shop', name: 'web', annotations },
    });
    const verdict = (ranges: object, client: string): unknown =>
      (told([pod('web'), balanced(ranges)], client)[0] as unknown[])[3];
    expect([verdict({}, '198.51.100.7'), verdict({}, '203.0.113.7')]).toEqual(['allowed', 'denied']);
    expect(verdict({ loadBalancerSourceRanges: ['203.0.113.0/24'] }, '203.0.113.7')).toBe('allowed');
  });

  it('is a host port of a container, at an address that others reach (SVC-21)', () => {
    const port = (hostPort: number, more: object = {}): object => ({ containerPort: 8080, hostPort, ...more });
    const ports = [
      port(1),
      port(2, { hostIP: '127.0.0.1' }),
      port(3, { hostIP: '0.0.0.0' }),
      port(4, { hostIP: '192.0.2.1' }),
    ];
    const raw = pod('web', { ports }) as { spec: object };
    const initContainers = [
      { name: 'init', image: 'i', ports: [port(5)] },
      { name: 'sidecar', image: 'i', restartPolicy: 'Always', ports: [port(6)] },
    ];
    const facts = factsOf({ ...raw, spec: { ...raw.spec, initContainers } });
    const found = (cni = CALICO_CNI): readonly unknown[] =>
      entryPoints(compileSnapshot(facts, { cni }), { reading: 'intended', to: null, client: null }).map((way) => [
        way.port,
        way.listens,
        way.pointer,
      ]);
    const ofContainers = [
      [1, 'node n1', '/spec/containers'],
      [3, 'node n1', '/spec/containers'],
      [4, '192.0.2.1', '/spec/containers'],
    ];
    const ofOthers = [5, 6].map((number) => [number, 'node n1', '/spec/initContainers']);
    const cilium = (replaces: string): typeof CALICO_CNI =>
      knownCni('cilium', { options: { 'kube-proxy-replacement': replaces } });
    expect([found(), found(cilium('false'))]).toEqual([ofContainers, ofContainers]);
    expect(found(cilium('true'))).toEqual(expect.arrayContaining([...ofContainers, ...ofOthers]));
  });

  describe('by an Ingress', () => {
    const ingress = object('networking.k8s.io/v1', 'Ingress', 'shop/web', {
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });

    it('leads to what is ready, and to what slices have (SVC-22)', () => {
      const waiting = { ...(pod('web') as object), ...unready };
      expect(told([waiting, service('web'), ingress])).toEqual([['Ingress', '/spec/defaultBackend', '', 'denied']]);
      const away = slice('IPv4', { addresses: ['203.0.113.9'] });
      expect(told([service('web', { selector: undefined }), away, ingress])).toEqual([
        ['Ingress', '/spec/defaultBackend', '203.0.113.9:8080', 'allowed'],
      ]);
    });

    it('leads where an alias of the cluster leads (SVC-22)', () => {
      const alias = service('web', { type: 'ExternalName', externalName: 'api.shop.svc.cluster.local', ports: [] });
      expect(told([pod('api'), service('api'), alias, ingress])).toEqual([
        ['Ingress', '/spec/defaultBackend', 'shop/api:8080', 'allowed'],
      ]);
    });

    it('says so where the Service is not there', () => {
      expect(told([pod('web'), ingress])).toEqual([['Ingress', '/spec/defaultBackend', '', 'denied']]);
    });
  });

  it('is a Route by the port of the endpoint or the name of the Service’s, unless its weight is 0 (SVC-23)', () => {
    const route = (spec: object): unknown[] =>
      told([
        pod('web', { ports: [{ name: 'web', containerPort: 8080 }] }),
        service('web', { ports: [{ name: 'http', port: 80, targetPort: 'web' }] }),
        object('route.openshift.io/v1', 'Route', 'shop/web', {
          spec: { to: { kind: 'Service', name: 'web' }, ...spec },
        }),
      ]).map((way) => (way as unknown[])[2]);
    expect(route({})).toEqual(['shop/web:8080']);
    expect([8080, '8080', 'http'].map((targetPort) => route({ port: { targetPort } }))).toEqual(
      Array.from({ length: 3 }, () => ['shop/web:8080']),
    );
    expect([80, 'web'].map((targetPort) => route({ port: { targetPort } }))).toEqual([[''], ['']]);
    expect(route({ to: { kind: 'Service', name: 'web', weight: 0 } })).toEqual(['']);
    expect(route({ to: { kind: 'Service', name: 'web', weight: 0 }, alternateBackends: [{ name: 'web' }] })).toEqual([
      '',
      'shop/web:8080',
    ]);
  });

  it('is what a route of the Gateway API copies to, and nothing of weight 0 (SVC-25)', () => {
    const gateway = object('gateway.networking.k8s.io/v1', 'Gateway', 'shop/main', {
      spec: { listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
    });
    const to = (name: string, more: object = {}): object => ({ name, port: 80, ...more });
    const mirror = (name: string): object => ({
      filters: [{ type: 'RequestMirror', requestMirror: { backendRef: to(name) } }],
    });
    const route = object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'shop/web', {
      spec: {
        parentRefs: [{ name: 'main' }],
        rules: [{ backendRefs: [to('web'), to('api', { weight: 0, ...mirror('web') })], ...mirror('api') }],
      },
    });
    expect(told([pod('web'), pod('api'), service('web'), service('api'), gateway, route])).toEqual([
      ['Gateway', '/spec/rules/0/backendRefs/0', 'shop/web:8080', 'allowed'],
      ['Gateway', '/spec/rules/0/backendRefs/1', '', 'denied'],
      ['Gateway', '/spec/rules/0/backendRefs/1/filters/0/requestMirror/backendRef', '', 'denied'],
      ['Gateway', '/spec/rules/0/filters/0/requestMirror/backendRef', 'shop/api:8080', 'allowed'],
    ]);
  });
});
