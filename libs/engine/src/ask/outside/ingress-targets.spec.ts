import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import { factsOf, rawNamespace, rawPod } from '../../testing/index.js';
import { ingressTargets } from './ingress-targets.js';

const object = (apiVersion: string, kind: string, name: string, spec: object): unknown => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const PORTS = [
  { name: 'a', port: 80, targetPort: 8000 },
  { name: 'b', port: 8000, targetPort: 8050 },
  { name: 'c', port: 53, targetPort: 8000, protocol: 'UDP' },
];
const SERVICES = ['web', 'also'].map((name) =>
  object('v1', 'Service', name, { selector: { app: name }, ports: PORTS }),
);
const pod = (name: string): unknown => rawPod(`shop/${name}`, { labels: { app: name } });

function sent(...objects: readonly unknown[]): string[] {
  const snapshot = compileSnapshot(factsOf(rawNamespace('shop'), pod('web'), pod('also'), ...SERVICES, ...objects));
  return ingressTargets(snapshot).flatMap(({ pointer, isUnused, backends }) =>
    isUnused ? [] : backends.map(({ endpoint, port }) => `${pointer} ${endpoint.name}:${port}`),
  );
}

describe('ingressTargets', () => {
  it('takes the port of a Route for that of the endpoint by number, for that of the Service by name (SVC-23)', () => {
    const route = (targetPort: unknown): string[] =>
      sent(object('route.openshift.io/v1', 'Route', 'web', { to: { name: 'web' }, port: { targetPort } }));
    expect([8000, '8000', 'a'].map(route)).toEqual(Array.from({ length: 3 }, () => ['/spec/to web:8000']));
    expect([8050, 'b'].map(route)).toEqual(Array.from({ length: 2 }, () => ['/spec/to web:8050']));
    expect([80, 'c', 'none'].map(route)).toEqual([[], [], []]);
    expect(route(undefined)).toEqual(['/spec/to web:8000', '/spec/to web:8050']);
  });

  it('sends nothing to a backend of weight 0 (SVC-23)', () => {
    const backends = { to: { name: 'web', weight: 0 }, alternateBackends: [{ name: 'also', weight: 1 }] };
    const port = { targetPort: 'a' };
    expect(sent(object('route.openshift.io/v1', 'Route', 'web', { ...backends, port }))).toEqual([
      '/spec/alternateBackends/0 also:8000',
    ]);
  });

  it('takes the port of an Ingress for that of the Service or its target (SVC-22)', () => {
    const ingress = (port: object): string[] =>
      sent(object('networking.k8s.io/v1', 'Ingress', 'web', { defaultBackend: { service: { name: 'web', port } } }));
    expect(ingress({ number: 80 })).toEqual(['/spec/defaultBackend web:8000']);
    expect(ingress({ name: 'b' })).toEqual(['/spec/defaultBackend web:8050']);
    expect(ingress({ number: 8050 })).toEqual(['/spec/defaultBackend web:8050']);
  });
});
