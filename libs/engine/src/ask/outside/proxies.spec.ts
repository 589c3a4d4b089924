import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { CALICO_CNI, factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { anp } from '../../testing/upstream.js';
import { entryPoints } from './entry-points.js';

const object = (apiVersion: string, kind: string, fullName: string, rest: object): unknown => {
  const [namespace, name] = fullName.split('/');
  return { apiVersion, kind, metadata: { namespace, name }, ...rest };
};
const SERVICE = object('v1', 'Service', 'shop/web', {
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
});

describe('whoever serves Ingress and Route objects', () => {
  const NGINX = { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' };
  const ROUTER = { 'ingresscontroller.operator.openshift.io/deployment-ingresscontroller': 'default' };
  const ingress = object('networking.k8s.io/v1', 'Ingress', 'shop/web', {
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  });
  const route = object('route.openshift.io/v1', 'Route', 'shop/web', {
    spec: { to: { kind: 'Service', name: 'web' } },
  });
  const asked = (labels: object, ...pods: readonly unknown[]): unknown => {
    const from = [{ namespaceSelector: {}, podSelector: { matchLabels: labels } }];
    const web = { labels: { app: 'web' }, ip: '10.0.0.2', ports: [{ name: 'web', containerPort: 8080 }] };
    const facts = factsOf(
      rawPod('shop/web', web),
      SERVICE,
      ...[ingress, route, ...pods],
      rawNetworkPolicy('shop/web', { podSelector: {}, ingress: [{ from }] }),
    );
    const found = entryPoints(compileSnapshot(facts, { cni: CALICO_CNI }), {
      reading: 'intended',
      to: null,
      client: null,
    });
    return found.map(({ via, verdict }) => `${via} ${verdict}`);
  };
  const nginx = rawPod('edge/nginx', { labels: NGINX, ip: '10.0.0.3' });
  const router = rawPod('openshift-ingress/router', { labels: ROUTER, ip: '10.0.0.4' });
  const webhook = { ...NGINX, 'app.kubernetes.io/component': 'admission-webhook' };

  it('is no admission webhook of its chart (SVC-22)', () => {
    const hook = rawPod('edge/hook', { labels: webhook, ip: '10.0.0.5' });
    expect(asked(NGINX, nginx, hook)).toEqual(['Ingress allowed', 'Route allowed']);
  });

  it('is a router of OpenShift for Routes (SVC-23), and another too for an Ingress', () => {
    expect(asked(ROUTER, router)).toEqual(['Ingress allowed', 'Route allowed']);
    expect(asked(ROUTER, router, nginx)).toEqual(['Ingress mixed', 'Route allowed']);
  });
});

describe('the controller that the class of an Ingress names (SVC-28)', () => {
  const named = (name: string, ip: string): unknown =>
    rawPod(`edge/${name}`, { labels: { 'app.kubernetes.io/name': name }, ip });
  const classOf = (name: string, controller: string, isDefault = false): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) } },
    spec: { controller },
  });
  const NGINX = 'k8s.io/ingress-nginx';
  const TRAEFIK = 'traefik.io/ingress-controller';
  const from = [{ namespaceSelector: {}, podSelector: { matchLabels: { 'app.kubernetes.io/name': 'ingress-nginx' } } }];
  /** Of two controllers the backend admits that of nginx alone. */
  const asked = (ingress: { spec?: object; metadata?: object }, ...more: readonly unknown[]): unknown => {
    const facts = factsOf(
      rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.2', ports: [{ name: 'web', containerPort: 8080 }] }),
      SERVICE,
      named('ingress-nginx', '10.0.0.3'),
      named('traefik', '10.0.0.4'),
      rawNetworkPolicy('shop/web', { podSelector: {}, ingress: [{ from }] }),
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { namespace: 'shop', name: 'web', ...ingress.metadata },
        spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, ...ingress.spec },
      },
      ...more,
    );
    const snapshot = compileSnapshot(facts, { cni: CALICO_CNI });
    return entryPoints(snapshot, { reading: 'intended', to: null, client: null }).map(({ verdict }) => verdict)[0];
  };
  const inner = { spec: { ingressClassName: 'inner' } };

  it.each([
    ['its own', NGINX, 'allowed'],
    ['another', TRAEFIK, 'denied'],
    ['one that runs under a name of its own', `${TRAEFIK}/inner`, 'denied'],
    ['one that is not known, which may be either', 'k8s.io/inner-nginx', 'mixed'],
    ['one without pods, which may be any pod', 'haproxy.org/ingress-controller', 'undetermined'],
  ])('serves it alone: %s', (_, controller, verdict) => {
    expect(asked(inner, classOf('inner', controller))).toBe(verdict);
  });

  it('is not told by a class that is not there, nor by the older annotation', () => {
    expect(asked(inner, classOf('outer', NGINX))).toBe('mixed');
    const annotated = { metadata: { annotations: { 'kubernetes.io/ingress.class': 'inner' } } };
    expect(asked(annotated, classOf('inner', NGINX, true))).toBe('mixed');
  });

  it('is that of the one default where an Ingress without a class is created', () => {
    expect(asked({}, classOf('inner', NGINX, true), classOf('outer', TRAEFIK))).toBe('allowed');
    expect(asked(inner, classOf('inner', NGINX), classOf('outer', TRAEFIK, true))).toBe('allowed');
    expect(asked({}, classOf('inner', NGINX))).toBe('mixed');
    expect(asked({}, classOf('inner', NGINX, true), classOf('outer', NGINX, true))).toBe('mixed');
    const old = { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } };
    expect(asked(old, classOf('inner', NGINX, true))).toBe('mixed');
  });

  it('may be any where its pods do not say which they are', () => {
    const nameless = rawPod('edge/any', { labels: { app: 'ingress-controller' }, ip: '10.0.0.5' });
    expect(asked(inner, classOf('inner', NGINX), nameless)).toBe('mixed');
  });
});

describe('a controller of Ingress objects that is not known (SVC-22)', () => {
  const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } };
  const verdictOf = (...policies: readonly unknown[]): unknown =>
    entryPoints(
      compileSnapshot(
        factsOf(
          rawPod('shop/web', {
            labels: { app: 'web' },
            ip: '10.0.0.2',
            ports: [{ name: 'web', containerPort: 8080 }],
          }),
          SERVICE,
          object('networking.k8s.io/v1', 'Ingress', 'shop/web', { spec }),
          ...policies,
        ),
        { cni: CALICO_CNI },
      ),
      { reading: 'intended', to: null, client: null },
    ).map(({ verdict }) => verdict);
  const admitting = (...from: readonly object[]): unknown =>
    rawNetworkPolicy('shop/web', { podSelector: {}, ingress: [{ from, ports: [{ port: 8080 }] }] });
  const chosen = { key: 'env', operator: 'NotIn', values: ['dev'] };

  it('gets in where every pod of every namespace does', () => {
    expect(verdictOf()).toEqual(['allowed']);
    expect(verdictOf(admitting({ namespaceSelector: {} }))).toEqual(['allowed']);
  });

  it('does not where no pod does', () => {
    expect(verdictOf(rawNetworkPolicy('shop/web', { podSelector: {}, policyTypes: ['Ingress'] }))).toEqual(['denied']);
    expect(verdictOf(admitting({ ipBlock: { cidr: '169.254.0.0/16' } }))).toEqual(['denied']);
    expect(verdictOf(admitting({ ipBlock: { cidr: '::/0' } }))).toEqual(['denied']);
  });

  it.each([
    ['the pods of one namespace', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }],
    ['namespaces by a label that they do not have', { namespaceSelector: { matchExpressions: [chosen] } }],
    ['pods by a label that they do not have', { namespaceSelector: {}, podSelector: { matchExpressions: [chosen] } }],
    ['pods of the own namespace', { podSelector: {} }],
    ['addresses', { ipBlock: { cidr: '10.0.0.0/8' } }],
  ])('may be one of those that a rule chooses: %s', (_, peer) => {
    expect(verdictOf(admitting(peer))).toEqual(['undetermined']);
  });

  it('may be one of those that an administrator refuses', () => {
    const refusing = (namespaces: object): unknown =>
      anp(5, { ingress: [{ action: 'Deny', from: [{ namespaces }] }], subject: { namespaces: {} } });
    expect(verdictOf(refusing({ matchLabels: { env: 'dev' } }))).toEqual(['undetermined']);
    expect(verdictOf(refusing({}))).toEqual(['denied']);
  });

  it('may be of the mesh, and come by a waypoint (IM-36)', () => {
    const behind = (labels: object): readonly unknown[] => [
      rawNamespace('shop', { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'way' }),
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'way', namespace: 'shop', labels },
        spec: { gatewayClassName: 'istio-waypoint' },
      },
    ];
    expect(verdictOf(...behind({ 'istio.io/waypoint-for': 'workload' }))).toEqual(['undetermined']);
    expect(verdictOf(...behind({ 'istio.io/waypoint-for': 'service' }))).toEqual(['allowed']);
  });
});
