import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { authorization, from, MESH } from '../../testing/mesh.js';

describe('waypoints', () => {
  const gateway = (labels: object): unknown => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'way', namespace: 'amb', labels },
    spec: { gatewayClassName: 'istio-waypoint' },
  });
  const used = rawNamespace('amb', { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'way' });
  const closed = rawNetworkPolicy('amb/none', { podSelector: {} });
  const mesh = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld([...MESH.slice(1), used, ...objects]);

  it('IM-36 makes what goes through one unknown', () => {
    const all = mesh(gateway({ 'istio.io/waypoint-for': 'all' }));
    expect(['amb/fe', 'side/fe', 'plain/fe'].map((client) => all.ask(client, 'amb/web'))).toEqual([
      'unknown',
      'unknown',
      'allow',
    ]);
    expect(mesh(gateway({ 'istio.io/waypoint-for': 'all' }), closed).ask('amb/fe', 'amb/web')).toBe('unknown');
    expect(mesh(gateway({}), closed).ask('amb/fe', 'amb/web')).toBe('deny');
    expect(mesh(gateway({ 'istio.io/waypoint-for': 'all' })).ask('amb/fe', 'amb/web', 'UDP/53')).toBe('allow');
  });

  it('IM-36 leaves open what a server that admits the waypoint alone makes of its clients', () => {
    const onlyWaypoint = authorization(from({ serviceAccounts: ['way'] }));
    const w = mesh(gateway({ 'istio.io/waypoint-for': 'workload' }), onlyWaypoint);
    expect(['amb/fe', 'plain/fe'].map((client) => w.ask(client, 'amb/web'))).toEqual(['unknown', 'deny']);
  });

  it('IM-36 lets what the waypoint itself says go straight', () => {
    const metadata = { name: 'way-1', namespace: 'amb', labels: { 'gateway.networking.k8s.io/gateway-name': 'way' } };
    const containers = [{ name: 'istio-proxy' }];
    const spec = { serviceAccountName: 'way', containers };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Running', podIP: '10.2.0.9' } };
    const w = mesh(gateway({ 'istio.io/waypoint-for': 'all' }), pod, authorization(from({ serviceAccounts: ['way'] })));
    expect(w.ask('amb/way-1', 'amb/web')).toBe('allow');
  });

  const service = (namespace: string, labels: object): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace, labels },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });

  it('IM-36 concerns connections to Services unless told otherwise', () => {
    const verdict = (labels: object): string =>
      mesh(gateway({}), service('amb', labels)).ask('amb/fe', 'amb/web', 'TCP/80', undefined, 'amb/web');
    expect([verdict({}), verdict({ 'istio.io/use-waypoint': 'none' })]).toEqual(['unknown', 'allow']);
  });

  it('IM-36 takes a Service through its waypoint whatever its backends are', () => {
    const way = { 'istio.io/use-waypoint': 'way', 'istio.io/use-waypoint-namespace': 'amb' };
    const w = mesh(gateway({}), service('plain', way));
    const asked = ['amb/fe', 'plain/fe'].map((client) => w.ask(client, 'plain/web', 'TCP/80', undefined, 'plain/web'));
    expect(asked).toEqual(['unknown', 'allow']);
    const elsewhere = mesh(gateway({ 'istio.io/waypoint-for': 'workload' }), service('plain', way));
    expect(elsewhere.ask('amb/fe', 'plain/web', 'TCP/80', undefined, 'plain/web')).toBe('allow');
  });

  it('IM-36 looks for a waypoint where the name of it stands', () => {
    const namespace = rawNamespace('amb', {
      'istio.io/dataplane-mode': 'ambient',
      'istio.io/use-waypoint': 'other',
      'istio.io/use-waypoint-namespace': 'plain',
    });
    const workloads = gateway({ 'istio.io/waypoint-for': 'workload' });
    const pod = (labels: object): PolicyWorld => {
      const labelled = rawPod('amb/x', { labels: { 'istio.io/use-waypoint': 'way', ...labels }, ip: '10.2.0.8' });
      return new PolicyWorld([...MESH.slice(1), namespace, workloads, labelled]);
    };
    expect(pod({}).ask('amb/fe', 'amb/x')).toBe('unknown');
    expect(pod({ 'istio.io/use-waypoint-namespace': 'plain' }).ask('amb/fe', 'amb/x')).toBe('allow');
    expect(pod({}).ask('amb/fe', 'amb/web')).toBe('allow');
  });
});
