import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { authorization, from, MESH, networking } from '../../testing/mesh.js';

describe('waypoints', () => {
  const gateway = (labels: object, spec: object = {}, annotations: object = {}): unknown => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'way', namespace: 'amb', labels, annotations },
    spec: { gatewayClassName: 'istio-waypoint', ...spec },
  });
  const openTo = (namespaces: object): object => ({
    listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE', allowedRoutes: { namespaces } }],
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
    const w = mesh(gateway({}, openTo({ from: 'All' })), service('plain', way));
    const asked = ['amb/fe', 'plain/fe'].map((client) => w.ask(client, 'plain/web', 'TCP/80', undefined, 'plain/web'));
    expect(asked).toEqual(['unknown', 'allow']);
    const elsewhere = mesh(
      gateway({ 'istio.io/waypoint-for': 'workload' }, openTo({ from: 'All' })),
      service('plain', way),
    );
    expect(elsewhere.ask('amb/fe', 'plain/web', 'TCP/80', undefined, 'plain/web')).toBe('allow');
  });

  it('IM-57 goes straight to what the waypoint does not let use it', () => {
    const way = { 'istio.io/use-waypoint': 'way', 'istio.io/use-waypoint-namespace': 'amb' };
    const named = (name: string): object => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
    const asked = (spec: object, annotations: object = {}): string =>
      mesh(gateway({}, spec, annotations), service('plain', way)).ask(
        'amb/fe',
        'plain/web',
        'TCP/80',
        undefined,
        'plain/web',
      );
    const allowed = [{ from: 'All' }, { from: 'Same' }, {}, { from: 'Selector', selector: named('plain') }];
    expect(allowed.map((namespaces) => asked(openTo(namespaces)))).toEqual(['unknown', 'allow', 'allow', 'unknown']);
    expect(asked(openTo({ from: 'Selector', selector: named('amb') }))).toBe('allow');
    expect(
      asked({
        listeners: [{ name: 'web', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }],
      }),
    ).toBe('allow');
    expect(asked({}, { 'ambient.istio.io/waypoint-inbound-binding': 'PROXY/15088' })).toBe('unknown');
    expect(asked({ gatewayClassName: 'other' })).toBe('unknown');
    const own = mesh(gateway({}, openTo({ from: 'Selector', selector: named('plain') })), service('amb', {}));
    expect(own.ask('amb/fe', 'amb/web', 'TCP/80', undefined, 'amb/web')).toBe('allow');
  });

  it('IM-57 goes straight to what serves a Gateway', () => {
    const all = gateway({ 'istio.io/waypoint-for': 'all' });
    const serving = rawPod('amb/gw', { labels: { 'gateway.networking.k8s.io/gateway-name': 'way' }, ip: '10.2.0.7' });
    const other = rawPod('amb/no', { labels: { 'gateway.networking.k8s.io/gateway-name': 'gone' }, ip: '10.2.0.8' });
    const w = mesh(all, serving, other);
    expect(['amb/gw', 'amb/no'].map((server) => w.ask('amb/fe', server))).toEqual(['allow', 'unknown']);
    const managed = (by: string): string =>
      mesh(gateway({}), service('amb', { 'gateway.istio.io/managed': by })).ask(
        'amb/fe',
        'amb/web',
        'TCP/80',
        undefined,
        'amb/web',
      );
    expect(['istio.io-mesh-controller', 'istio.io-eastwest-controller', 'else'].map(managed)).toEqual([
      'allow',
      'allow',
      'unknown',
    ]);
  });

  it('IM-58 lets no policy without targets hold at a waypoint itself', () => {
    const label = { 'gateway.networking.k8s.io/gateway-name': 'way' };
    const [metadata, containers] = [{ name: 'way-1', namespace: 'amb', labels: label }, [{ name: 'istio-proxy' }]];
    const status = { phase: 'Running', podIP: '10.2.0.9' };
    const serving = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers }, status };
    const asked = (spec: object, policy: unknown): readonly string[] => {
      const w = mesh(gateway({}, spec), serving, policy);
      return ['amb/way-1', 'amb/web'].map((server) => w.ask('plain/fe', server));
    };
    const everywhere = authorization({}, 'istio-system');
    const chosen = authorization({ selector: { matchLabels: label } });
    for (const policy of [authorization({}), everywhere]) {
      expect(asked({}, policy)).toEqual(['allow', 'deny']);
      expect(asked({ gatewayClassName: 'istio' }, policy)).toEqual(['deny', 'deny']);
    }
    expect(asked({}, chosen)).toEqual(['allow', 'allow']);
    expect(asked({ gatewayClassName: 'istio' }, chosen)).toEqual(['deny', 'allow']);
  });

  it('IM-36 looks for a waypoint at machines too', () => {
    const asked = (labels: object): string => {
      const entry = networking(
        'WorkloadEntry',
        'side',
        'vm',
        { address: '10.9.0.1', serviceAccount: 'vm' },
        { labels },
      );
      const way = gateway({ 'istio.io/waypoint-for': 'workload' }, openTo({ from: 'All' }));
      return mesh(way, entry).ask('amb/fe', '10.9.0.1');
    };
    const named = { 'istio.io/use-waypoint': 'way', 'istio.io/use-waypoint-namespace': 'amb' };
    expect([asked({}), asked(named), asked({ ...named, 'istio.io/use-waypoint': 'none' })]).toEqual([
      'allow',
      'unknown',
      'allow',
    ]);
  });

  it('IM-36 looks for a waypoint at pods that a template will make', () => {
    const asked = (labels: object): string => {
      const template = {
        metadata: { labels: { app: 'new', ...labels } },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      };
      const metadata = { name: 'new', namespace: 'amb' };
      const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } };
      const ambient = rawNamespace('amb', { 'istio.io/dataplane-mode': 'ambient' });
      const way = gateway({ 'istio.io/waypoint-for': 'workload' });
      return new PolicyWorld([...MESH.slice(1), ambient, way, deployment]).ask('amb/fe', 'amb/new');
    };
    expect([asked({}), asked({ 'istio.io/use-waypoint': 'way' })]).toEqual(['allow', 'unknown']);
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
