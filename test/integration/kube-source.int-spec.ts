import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { WATCHED_KINDS } from '#engine';
import { KubeSource, type WatchSettings } from '#kube';

import { FakeApiServer } from '../support/fake-api-server.js';
import { Mirror, until } from '../support/source-mirror.js';

const FAST: Partial<WatchSettings> = {
  pageSize: 3,
  stallAfterMs: 400,
  discoveryIntervalMs: 100,
  pollIntervalMs: 100,
  heartbeatIntervalMs: 50,
  forbiddenRetryMs: 150,
  backoff: { minMs: 20, maxMs: 100 },
};
const NETWORK_POLICIES = 'networking.k8s.io/networkpolicies';
const WEBHOOKS = 'admissionregistration.k8s.io/mutatingwebhookconfigurations';
const CILIUM = 'cilium.io/ciliumnetworkpolicies';

const pod = (name: string, labels: Record<string, string> = {}): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [] },
});
const policy = (name: string): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: {} },
});

describe('KubeSource against a server that misbehaves (2, 5, 8)', () => {
  let server: FakeApiServer;
  let mirror: Mirror;
  let stop: () => Promise<void>;
  let source: KubeSource;

  beforeEach(async () => {
    server = await FakeApiServer.start({ token: 'secret' });
    for (let i = 0; i < 7; i++) server.put('pods', pod(`p${i}`));
    server.put(NETWORK_POLICIES, policy('first'));
    mirror = new Mirror();
    stop = () => Promise.resolve();
  });
  afterEach(async () => {
    await stop();
    await server.stop();
  });

  function run(settings: Partial<WatchSettings> = {}): void {
    source = new KubeSource({ type: 'text', text: server.kubeconfig() }, { settings: { ...FAST, ...settings } });
    const controller = new AbortController();
    const done = source.run(mirror.sink, controller.signal);
    stop = async () => {
      controller.abort();
      await done;
    };
  }
  const watching = (resource: string): Promise<void> =>
    until(`${resource} is watched`, () => server.watchCount(resource) === 1);

  it('lists in pages, then follows changes, deletes included', async () => {
    run();
    await watching('pods');
    expect(mirror.names('Pod')).toHaveLength(7);
    const pages = server.requests.filter(({ resource, watch }) => resource === 'pods' && !watch);
    expect(pages.map(({ query }) => [query.get('limit'), query.has('continue')])).toEqual([
      ['3', false],
      ['3', true],
      ['3', true],
    ]);
    server.put('pods', pod('p1', { app: 'web' }));
    server.put('pods', pod('new'));
    server.remove('pods', 'shop', 'p0');
    await until(
      'the changes arrived',
      () => mirror.names('Pod').includes('shop/new') && mirror.names('Pod').length === 7,
    );
    expect({ ...mirror.objects.get('Pod')?.get('shop/p1')?.meta.labels }).toEqual({ app: 'web' });
    expect(mirror.lists('Pod')).toBe(1);
    const watch = server.requests.find((request) => request.resource === 'pods' && request.watch);
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
  });

  it('lists again when its version expired inside a watch, and misses nothing', async () => {
    run();
    await watching('pods');
    server.stall('pods');
    server.remove('pods', 'shop', 'p0');
    server.put('pods', pod('late'));
    // The watch opened after the stall starts from a version that is gone by now.
    server.compact();
    await until('the list came again', () => mirror.lists('Pod') === 2);
    expect(mirror.names('Pod')).toContain('shop/late');
    expect(mirror.names('Pod')).not.toContain('shop/p0');
    server.expireWatches('pods');
    await until('the list came once more', () => mirror.lists('Pod') === 3);
  });

  it('starts over without pages when a continue token expires', async () => {
    let compactions = 0;
    server.beforeNextPage = () => {
      if (compactions++ === 0) server.compact();
    };
    run();
    await watching('pods');
    expect(mirror.names('Pod')).toHaveLength(7);
    expect(mirror.lists('Pod')).toBe(1);
  });

  it('goes on from where it was after a cut stream', async () => {
    run();
    await watching('pods');
    server.put('pods', pod('before'));
    await until('the first change arrived', () => mirror.names('Pod').includes('shop/before'));
    server.cut('pods');
    server.put('pods', pod('during'));
    await until('the missed change arrived', () => mirror.names('Pod').includes('shop/during'));
    expect(mirror.lists('Pod')).toBe(1);
  });

  it('goes on after a garbage line, and lists again when garbage repeats', async () => {
    run();
    await watching('pods');
    server.sendGarbage('pods');
    server.put('pods', pod('after'));
    await until('the change arrived', () => mirror.names('Pod').includes('shop/after'));
    expect(mirror.lists('Pod')).toBe(1);
    for (let i = 0; i < 2; i++) {
      await watching('pods');
      server.sendGarbage('pods');
      await until('the watch was given up', () => server.watchCount('pods') === 0);
    }
    await until('the list came again', () => mirror.lists('Pod') === 2);
  });

  it('opens a stalled stream again and receives what it held back', async () => {
    run();
    await watching('pods');
    server.stall('pods');
    server.put('pods', pod('held-back'));
    await until('the change arrived', () => mirror.names('Pod').includes('shop/held-back'));
    expect(mirror.lists('Pod')).toBe(1);
  });

  it.each(['no kind', 'configmaps', 'pods'])(
    'is known good at once when all is listed and %s is forbidden',
    async (forbidden) => {
      server.forbid(forbidden);
      const start = Date.now();
      run({ heartbeatIntervalMs: 60_000 });
      await until('it is known good', () => mirror.lastBeat() >= start);
      // A slow machine may list or refuse a kind once more before the test looks.
      const settled = new Set(
        mirror.events.flatMap((event) => (event.type === 'list' || event.type === 'incomplete' ? [event.kind] : [])),
      );
      expect(settled.size).toBe(WATCHED_KINDS.length);
    },
  );

  it('marks a forbidden kind with the reason, syncs the rest, and picks it up when it is permitted', async () => {
    server.forbid('pods');
    run();
    await watching(NETWORK_POLICIES);
    await until('pods are incomplete', () => mirror.incomplete.has('Pod'));
    expect(mirror.incomplete.get('Pod')).toContain('cannot list resource "pods"');
    expect(mirror.names('NetworkPolicy.networking.k8s.io')).toEqual(['shop/first']);
    await until('the heart beats without pods', () => mirror.lastBeat() > 0);
    server.permit('pods');
    await until('pods are there', () => mirror.names('Pod').length === 7);
    expect(mirror.incomplete.has('Pod')).toBe(false);
  });

  it('follows definitions that appear and vanish', async () => {
    await server.stop();
    server = await FakeApiServer.start({ serve: ['pods', NETWORK_POLICIES], token: 'secret' });
    run();
    await watching('pods');
    expect(mirror.names('CiliumNetworkPolicy.cilium.io')).toEqual([]);
    expect(mirror.lists('CiliumNetworkPolicy.cilium.io')).toBe(1);
    server.serve(CILIUM);
    server.put(CILIUM, policy('l7'));
    await until('it is listed', () => mirror.names('CiliumNetworkPolicy.cilium.io').length === 1);
    server.vanish(CILIUM);
    await until('it is gone', () => mirror.names('CiliumNetworkPolicy.cilium.io').length === 0);
    expect(server.watchCount('pods')).toBe(1);
  });

  it.each([true, false])(
    'keeps an aggregated API that is down apart from one that is gone (aggregated: %s)',
    async (aggregated) => {
      await server.stop();
      const serve = ['pods', 'projectcalico.org/globalnetworkpolicies', 'crd.projectcalico.org/globalnetworkpolicies'];
      server = await FakeApiServer.start({ serve, token: 'secret', aggregatedDiscovery: aggregated });
      server.put('projectcalico.org/globalnetworkpolicies', { metadata: { name: 'deny' }, spec: {} });
      server.put('crd.projectcalico.org/globalnetworkpolicies', { metadata: { name: 'default.deny' }, spec: {} });
      run();
      const kind = 'GlobalNetworkPolicy.projectcalico.org';
      await until('it is listed', () => mirror.names(kind).length === 1);
      expect(mirror.names('GlobalNetworkPolicy.crd.projectcalico.org')).toEqual([]);
      server.setGroupDown('projectcalico.org', true);
      server.cut('projectcalico.org/globalnetworkpolicies');
      await until('it is incomplete', () => mirror.incomplete.has(kind));
      expect(mirror.names(kind)).toEqual(['deny']);
      expect(mirror.names('GlobalNetworkPolicy.crd.projectcalico.org')).toEqual([]);
    },
  );

  it('reads only the ConfigMaps on the list, each by its name', async () => {
    server.put('configmaps', { metadata: { name: 'cilium-config', namespace: 'kube-system' }, data: { a: '1' } });
    server.put('configmaps', { metadata: { name: 'passwords', namespace: 'shop' }, data: { root: 'x' } });
    run();
    await until('it is listed', () => mirror.names('ConfigMap').length === 1);
    const asked = server.requests.filter(({ resource }) => resource === 'configmaps');
    expect(asked.every(({ query, watch }) => !watch && query.get('fieldSelector')?.startsWith('metadata.name='))).toBe(
      true,
    );
    server.remove('configmaps', 'kube-system', 'cilium-config');
    await until('it is gone', () => mirror.names('ConfigMap').length === 0);
  });

  it('reads the configurations of revisions of Istio as well, and says which it may not', async () => {
    const config = (name: string): Record<string, unknown> => ({
      metadata: { name, namespace: 'istio-system' },
      data: { mesh: 'rootNamespace: a' },
    });
    for (const name of ['istio', 'istio-1-24', 'istio-1-25', 'istio-other']) server.put('configmaps', config(name));
    const webhook = (name: string, revision: string): void =>
      server.put(WEBHOOKS, { metadata: { name, labels: { 'istio.io/rev': revision } } });
    webhook('default', 'default');
    webhook('old', '1-24');
    server.forbid('configmaps/istio-1-25');
    run();
    await until('those that are told of are there', () => mirror.names('ConfigMap').length === 2);
    expect(mirror.names('ConfigMap')).toEqual(['istio-system/istio', 'istio-system/istio-1-24']);
    expect(mirror.incomplete.has('ConfigMap')).toBe(false);
    webhook('new', '1-25');
    await until('one is said to be missing', () => mirror.incomplete.has('ConfigMap'));
    expect(mirror.incomplete.get('ConfigMap')).toContain('`istio-1-25`: configmaps is forbidden');
    expect(mirror.names('ConfigMap')).toHaveLength(2);
    server.permit('configmaps/istio-1-25');
    await until('it is there too', () => mirror.names('ConfigMap').length === 3);
    expect(mirror.incomplete.has('ConfigMap')).toBe(false);
  });

  it('retries errors of the server, says that it is cut off, and recovers', async () => {
    server.failNext(3);
    run();
    await watching('pods');
    expect(mirror.names('Pod')).toHaveLength(7);
    const troubles = mirror.events.filter((event) => event.type === 'connection');
    expect(troubles[0]).toMatchObject({ ok: false, message: expect.stringContaining('503') as unknown });
    await until('it says that all is well', () => {
      const last = mirror.events.findLast((event) => event.type === 'connection');
      return last?.type === 'connection' && last.ok;
    });
  });

  it('stops the heart when a kind falls silent, and never beats before every kind was listed', async () => {
    run({ stallAfterMs: 60_000 });
    await watching('pods');
    await until('the heart beats', () => mirror.lastBeat() > 0);
    const firstBeat = mirror.events.findIndex((event) => event.type === 'heartbeat');
    const podList = mirror.events.findIndex((event) => event.type === 'list' && event.kind === 'Pod');
    expect(firstBeat).toBeGreaterThan(podList);
    const before = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    // Everything but pods says that it is alive: what we know is as old as what we know of pods.
    expect(mirror.lastBeat()).toBeLessThanOrEqual(before + 1_000);
  });

  it('lists everything again on resync', async () => {
    run();
    await watching('pods');
    await watching(NETWORK_POLICIES);
    source.resync();
    await until(
      'both were listed',
      () => mirror.lists('Pod') === 2 && mirror.lists('NetworkPolicy.networking.k8s.io') === 2,
    );
    await watching('pods');
  });

  it('ends every connection when it is stopped', async () => {
    run();
    await watching('pods');
    await stop();
    await until('no watch is open', () => server.watchCount('pods') === 0 && server.watchCount(NETWORK_POLICIES) === 0);
    const seen = mirror.events.length;
    server.put('pods', pod('too-late'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(mirror.events).toHaveLength(seen);
  });
});

describe('KubeSource.probe', () => {
  it('names version and kinds', async () => {
    const server = await FakeApiServer.start({ serve: ['pods', CILIUM] });
    try {
      const probe = await new KubeSource({ type: 'text', text: server.kubeconfig() }).probe();
      expect(probe).toEqual({
        version: 'v1.31.0-fake',
        server: server.url,
        kinds: ['CiliumNetworkPolicy.cilium.io', 'Pod'],
      });
    } finally {
      await server.stop();
    }
  });

  it('tells refused credentials from a server that is not there', async () => {
    const server = await FakeApiServer.start({ token: 'right' });
    const wrong = new KubeSource({ type: 'text', text: server.kubeconfig('wrong') });
    await expect(wrong.probe()).rejects.toMatchObject({ code: 'cluster.credentials_invalid' });
    const { url } = server;
    await server.stop();
    const gone = new KubeSource({ type: 'text', text: wrongServer(url) });
    await expect(gone.probe()).rejects.toMatchObject({
      code: 'cluster.unreachable',
      retryable: true,
      message: expect.stringContaining(`${url}: nothing listens there`) as unknown,
    });
  });
});

function wrongServer(server: string): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
  });
}
