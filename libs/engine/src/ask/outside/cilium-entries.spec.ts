import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { factsOf, knownCni, rawNamespace, rawPod } from '../../testing/index.js';
import { entryPoints } from './entry-points.js';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const object = (apiVersion: string, kind: string, fullName: string, rest: object): unknown => {
  const [namespace, name] = fullName.split('/');
  return { apiVersion, kind, metadata: { namespace, name }, ...rest };
};
const WORLD: readonly unknown[] = [
  rawNamespace('shop', {}),
  rawPod('shop/web', {
    labels: { app: 'web' },
    ip: '10.0.0.2',
    node: 'n2',
    ports: [{ name: 'web', containerPort: 8080 }],
  }),
  object('v1', 'Service', 'shop/web', {
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
  }),
];

describe('ways in that Cilium serves itself', () => {
  const cilium = { ...knownCni('cilium'), networking: 'cilium' } as const;
  const fromEntities = (entity: string): unknown =>
    object('cilium.io/v2', 'CiliumNetworkPolicy', 'shop/cilium', {
      spec: { endpointSelector: { matchLabels: { app: 'web' } }, ingress: [{ fromEntities: [entity] }] },
    });
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const ingress = (spec: object, annotations: object = {}): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'web', annotations },
    spec: { defaultBackend: backend, ...spec },
  });
  const gateway = (gatewayClassName: string): unknown =>
    object(GATEWAY, 'Gateway', 'shop/main', {
      spec: { gatewayClassName, listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
      status: { addresses: [{ value: '198.51.100.9' }], conditions: [{ type: 'Accepted', status: 'True' }] },
    });
  const route = (controllerName = ''): unknown =>
    object(GATEWAY, 'HTTPRoute', 'shop/web', {
      spec: { parentRefs: [{ name: 'main' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
      ...(controllerName === '' ? {} : { status: { parents: [{ parentRef: { name: 'main' }, controllerName }] } }),
    });
  const classOf = (name: string): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: `${name}.io/ingress-controller` },
  });
  const verdictOf = (entity: string, ...more: readonly unknown[]): string => verdictWith(null, entity, more);
  const verdictFor = (client: string, ...more: readonly unknown[]): string => verdictWith(client, 'ingress', more);
  const verdictWith = (client: string | null, entity: string, more: readonly unknown[]): string => {
    const facts = factsOf(...WORLD, fromEntities(entity), ...more);
    const snapshot = compileSnapshot(facts, { cni: cilium });
    const [entry] = entryPoints(snapshot, { reading: 'intended', to: null, client });
    return `${entry?.verdict ?? 'none'}: ${entry?.why ?? ''}`;
  };
  const ENVOY = 'policy at the backend sees the Envoy of Cilium (reserved:ingress)';

  it.each([
    ['an Ingress of its class', [ingress({ ingressClassName: 'cilium' })]],
    ['an Ingress with its annotation', [ingress({}, { 'kubernetes.io/ingress.class': 'cilium' })]],
    ['an Ingress without a class where its own is the default', [ingress({}), classOf('cilium')]],
    ['an Ingress with an empty annotation', [ingress({}, { 'kubernetes.io/ingress.class': '' }), classOf('cilium')]],
    ['a Gateway of its class', [gateway('cilium'), route()]],
    ['a Gateway that its controller serves', [gateway('of-ours'), route('io.cilium/gateway-controller')]],
  ])('show policy the entity ingress: %s', (_, objects) => {
    expect(verdictOf('ingress', ...objects)).toBe(`allowed: ${ENVOY}`);
    expect(verdictOf('world', ...objects)).toBe(`denied: ${ENVOY}`);
    expect(verdictOf('cluster', ...objects)).toBe(`allowed: ${ENVOY}`);
  });

  describe('under policy of the identity that they have', () => {
    const onEnvoy = (spec: object): unknown => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumClusterwideNetworkPolicy',
      metadata: { name: 'of-envoy' },
      spec: { endpointSelector: { matchExpressions: [{ key: 'reserved:ingress', operator: 'Exists' }] }, ...spec },
    });
    const served = ingress({ ingressClassName: 'cilium' });
    const [http, https] = [80, 443].map((port) => [{ ports: [{ port: String(port), protocol: 'TCP' }] }]);

    it('CNP-79: need its leave towards the backend', () => {
      expect(verdictOf('ingress', served, onEnvoy({ egress: [{}] }))).toBe(`denied: ${ENVOY}`);
      expect(verdictOf('ingress', served, onEnvoy({ egress: [{ toEntities: ['cluster'] }] }))).toBe(
        `allowed: ${ENVOY}`,
      );
    });

    it('CNP-79: need its leave for the client, at the port of the listener', () => {
      const refused = 'denied: policy at the Envoy of Cilium (reserved:ingress) refuses the client';
      const from = (rule: object, ...more: readonly unknown[]): string =>
        verdictOf('ingress', onEnvoy({ ingress: [rule] }), ...(more.length === 0 ? [served] : more));
      expect(from({ fromEntities: ['cluster'] })).toBe(refused);
      expect(from({ fromEntities: ['world'] })).toBe(`allowed: ${ENVOY}`);
      expect(from({ fromEntities: ['world'], toPorts: http })).toBe(`allowed: ${ENVOY}`);
      expect(from({ fromEntities: ['world'], toPorts: https })).toBe(refused);
      const withTls = ingress({ ingressClassName: 'cilium', tls: [{ secretName: 'web' }] });
      expect(from({ fromEntities: ['world'], toPorts: https }, withTls)).toMatch(
        /^mixed: .* of client, port and backend pass$/,
      );
      expect(from({ fromEntities: ['world'], toPorts: https }, gateway('cilium'), route())).toBe(refused);
    });

    it('take clients that it lists by their address alone', () => {
      const policy = onEnvoy({ ingress: [{ fromCIDR: ['203.0.113.0/24'] }] });
      expect(verdictOf('ingress', served, policy)).toMatch(/^(?:mixed|denied): /);
      expect(verdictFor('203.0.113.9', served, policy)).toBe(`allowed: ${ENVOY}`);
      expect(verdictFor('192.0.2.1', served, policy)).toMatch(/^denied: .* refuses the client$/);
    });
  });

  it.each([
    ['an Ingress of another class', [ingress({ ingressClassName: 'nginx' })]],
    ['an Ingress without a class where another is the default', [ingress({}), classOf('nginx')]],
    ['a Gateway of another class', [gateway('istio'), route()]],
    ['a Gateway that another controller serves', [gateway('cilium'), route('istio.io/gateway-controller')]],
  ])('are no others: %s', (_, objects) => {
    expect(verdictOf('ingress', ...objects)).not.toContain('Envoy of Cilium');
  });
});
