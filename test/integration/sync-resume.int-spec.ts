import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { WHOLE_SCOPE } from '#access';
import { objectLabel } from '#engine';

import { FakeApiServer } from '../support/fake-api-server.js';
import { type SyncProcess, startSyncProcess } from '../support/sync-process.js';

const pod = (name: string, labels: Record<string, unknown> = {}): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [] },
});

describe('a sync process that takes over (5, 6)', () => {
  let server: FakeApiServer;
  let sync: SyncProcess;
  beforeAll(async () => {
    server = await FakeApiServer.start();
    server.identify('cluster-1');
    server.put('pods', pod('web'));
    server.put('pods', pod('broken', { app: 7 }));
    server.put('apps/daemonsets', {
      metadata: { name: 'calico-node', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
      spec: { template: { spec: { containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.31.2' }] } } },
    });
    sync = await startSyncProcess();
  });
  afterAll(async () => {
    await sync.stop();
    await server.stop();
  });

  it('goes on where the last one was: no list, no snapshot, and it still knows problems and CNI', async () => {
    const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    const { id } = await sync.clusters.create({ name: 'one', source, credentials: server.kubeconfig() });
    const before = await sync.settled(id, (row) => row.state === 'degraded' && row.counts['Pod'] === 2);
    expect(before.problems).toEqual([expect.objectContaining({ object: 'Pod shop/broken' })]);
    expect(before.cni).toMatchObject({ networking: 'calico' });
    const snapshot = await sync.snapshots.latest(id);

    server.requests.length = 0;
    await sync.restart();
    const after = await sync.settled(
      id,
      (row) =>
        row.state === 'degraded' && row.lastSyncedAt !== null && row.lastSyncedAt > (before.lastSyncedAt as Date),
    );
    expect(after.problems).toEqual(before.problems);
    expect(after.cni).toEqual(before.cni);
    expect(await sync.snapshots.latest(id)).toEqual(snapshot);

    server.put('pods', pod('late'));
    server.remove('pods', 'shop', 'broken');
    const mended = await sync.settled(id, (row) => row.state === 'synced');
    expect(mended.problems).toEqual([]);
    const latest = await sync.snapshots.latest(id);
    const { items } = await sync.snapshots.listObjects(
      id,
      latest?.seq ?? 0,
      { kinds: ['Pod'], limit: 10 },
      WHOLE_SCOPE,
    );
    expect(items.map(({ fact }) => objectLabel(fact.meta))).toEqual(['shop/late', 'shop/web']);
    const lists = server.requests.filter(({ resource, watch }) => !watch && resource === 'pods');
    expect(lists).toEqual([]);
    // Two heartbeats pass, and each wait may take as long as it says.
  }, 120_000);
});
