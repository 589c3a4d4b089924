import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';

import { WHOLE_SCOPE } from '#access';
import { objectLabel } from '#engine';
import { CniChangeRepository, type ClusterRecord } from '#store';

import { type SyncProcess, startSyncProcess } from '../support/sync-process.js';

const POD = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {containers: []}\n`;
const POLICY =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n';
const CALICO = (version: string): string =>
  `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system, labels: {k8s-app: calico-node}}
spec: {template: {spec: {containers: [{name: calico-node, image: 'quay.io/calico/node:v${version}'}]}}}\n`;
const isDone = (record: ClusterRecord): boolean => record.state === 'synced' || record.state === 'degraded';

describe('sync of manifests (3, 6, 7)', () => {
  let sync: SyncProcess;
  let folder = '';
  let number = 0;
  beforeAll(async () => {
    sync = await startSyncProcess();
  });
  afterAll(() => sync.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-sync-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function addFolder(): Promise<string> {
    const { id } = await sync.clusters.create({ name: `folder-${number++}`, source: { type: 'folder', path: folder } });
    return id;
  }
  async function names(id: string, kind: string): Promise<string[]> {
    const latest = await sync.snapshots.latest(id);
    if (!latest) return [];
    const page = await sync.snapshots.listObjects(id, latest.seq, { kinds: [kind], limit: 100 }, WHOLE_SCOPE);
    return page.items.map(({ fact }) => objectLabel(fact.meta));
  }

  it('stores a folder as one snapshot, then each change as the next', async () => {
    await writeFile(join(folder, 'pods.yaml'), `${POD('web')}---\n${POD('api')}`);
    const id = await addFolder();
    const record = await sync.settled(id, (row) => isDone(row) && row.lastSyncedAt !== null && row.counts['Pod'] === 2);
    expect(record.state).toBe('synced');
    expect(record.problems).toEqual([]);
    expect(record.counts).toMatchObject({ Pod: 2, Namespace: 1 });
    expect(record.cni?.networking).toBe('unknown');
    const first = await sync.snapshots.latest(id);
    expect(first?.seq).toBe(1);
    expect(first?.completeness['NetworkPolicy.networking.k8s.io']).toEqual({ complete: true });

    await writeFile(join(folder, 'policy.yaml'), POLICY);
    await sync.settled(id, (row) => row.counts['NetworkPolicy.networking.k8s.io'] === 1);
    expect((await sync.snapshots.latest(id))?.seq).toBe(2);
    await writeFile(join(folder, 'pods.yaml'), POD('web'));
    await sync.settled(id, (row) => row.counts['Pod'] === 1);
    expect(await names(id, 'Pod')).toEqual(['shop/web']);
    expect((await sync.snapshots.at(id, { seq: 1 }))?.digest).toBe(first?.digest);
  });

  it('notes when the network plugin changed, and in which snapshot', async () => {
    const write = (version: string): Promise<void> => writeFile(join(folder, 'calico.yaml'), CALICO(version));
    await write('3.31.0');
    const id = await addFolder();
    await sync.settled(id, (row) => row.cni?.version === '3.31.0');
    await writeFile(join(folder, 'pods.yaml'), POD('web'));
    await sync.settled(id, (row) => row.counts['Pod'] === 1);
    await write('3.32.1');
    await sync.settled(id, (row) => row.cni?.version === '3.32.1');
    const changes = await new CniChangeRepository(sync.database.database).list(id, 10);
    expect(changes.map(({ number, seq, cni }) => [number, seq, cni.title])).toEqual([
      [2, 3, 'Calico 3.32.1'],
      [1, 1, 'Calico 3.31.0'],
    ]);
  });

  it('loads what is right of a broken folder, and names what is wrong until it is mended', async () => {
    await writeFile(join(folder, 'a.yaml'), POD('web'));
    await writeFile(join(folder, 'b.yaml'), `${POLICY}---\nkind: [\n`);
    const id = await addFolder();
    const record = await sync.settled(id, (row) => row.state === 'degraded');
    expect(record.problems).toEqual([
      expect.objectContaining({ code: 'manifest.syntax', file: 'b.yaml', document: 2, line: 6 }),
    ]);
    expect(await names(id, 'NetworkPolicy.networking.k8s.io')).toEqual(['shop/deny']);
    await writeFile(join(folder, 'b.yaml'), POLICY);
    await sync.settled(id, (row) => row.state === 'synced' && row.problems.length === 0);
  });

  it('says that a folder is missing, keeps what it knew, and recovers', async () => {
    const id = await addFolder();
    await writeFile(join(folder, 'a.yaml'), POD('web'));
    await sync.settled(id, (row) => row.counts['Pod'] === 1);
    await rm(folder, { recursive: true });
    const broken = await sync.settled(id, (row) => row.state === 'error');
    expect(broken.message).toBe(`cannot read \`${folder}\`: it does not exist`);
    expect(await names(id, 'Pod')).toEqual(['shop/web']);
    const { mkdir } = await import('node:fs/promises');
    await mkdir(folder);
    await writeFile(join(folder, 'a.yaml'), POD('other'));
    await sync.settled(id, (row) => isDone(row) && row.message === '');
    expect(await names(id, 'Pod')).toEqual(['shop/other']);
  });

  it('stops while paused and goes on when resumed', async () => {
    await writeFile(join(folder, 'a.yaml'), POD('one'));
    const id = await addFolder();
    await sync.settled(id, (row) => row.counts['Pod'] === 1);
    await sync.clusters.update(id, { paused: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await writeFile(join(folder, 'a.yaml'), `${POD('one')}---\n${POD('two')}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await names(id, 'Pod')).toEqual(['shop/one']);
    await sync.clusters.update(id, { paused: false });
    await sync.settled(id, (row) => row.counts['Pod'] === 2);
  });

  it('waits for an upload, reads each new one, and tells of one that cannot be read', async () => {
    const { id } = await sync.clusters.create({ name: 'uploaded', source: { type: 'upload' } });
    await sync.settled(id, (row) => row.state === 'error' && row.message.startsWith('nothing was uploaded yet'));
    await sync.clusters.saveUpload(id, zipSync({ 'a.yaml': Buffer.from(POD('web')) }), 'application/zip');
    const first = await sync.settled(id, (row) => row.state === 'synced' && row.counts['Pod'] === 1);
    expect(first.lastSyncedAt?.getTime()).toBeGreaterThanOrEqual(first.resyncRequestedAt?.getTime() ?? Infinity);
    await sync.clusters.saveUpload(id, Buffer.from([0x50, 0x4b, 3, 4, 9]), 'application/zip');
    const broken = await sync.settled(id, (row) => row.state === 'error');
    expect(broken.message).toContain('zip archive is damaged');
    expect(broken.updatedAt.getTime()).toBeGreaterThan(broken.resyncRequestedAt?.getTime() ?? Infinity);
    expect(await names(id, 'Pod')).toEqual(['shop/web']);
  });

  it('makes no new snapshot when it starts again and nothing changed', async () => {
    await writeFile(join(folder, 'a.yaml'), `${POD('web')}---\n${POLICY}`);
    const id = await addFolder();
    await sync.settled(id, (row) => isDone(row) && row.counts['Pod'] === 1);
    const before = await sync.snapshots.latest(id);
    await sync.restart();
    const since = Date.now();
    await sync.settled(id, (row) => isDone(row) && (row.lastSyncedAt?.getTime() ?? 0) > since);
    expect(await sync.snapshots.latest(id)).toEqual(before);
  });

  it('stops quietly when a cluster is removed', async () => {
    await writeFile(join(folder, 'a.yaml'), POD('web'));
    const id = await addFolder();
    await sync.settled(id, isDone);
    await sync.clusters.remove(id);
    await writeFile(join(folder, 'b.yaml'), POD('late'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await sync.clusters.find(id)).toBeNull();
    expect(await sync.snapshots.latest(id)).toBeNull();
  });

  it('names what is wrong with a kubeconfig, given as text or by path', async () => {
    const path = join(folder, 'gone');
    const source = { type: 'kubeconfig', path, inline: false, context: null } as const;
    const byPath = await sync.clusters.create({ name: 'by-path', source });
    const missing = await sync.settled(byPath.id, (row) => row.state === 'error');
    expect(missing.message).toBe(`cannot read kubeconfig \`${path}\`: it does not exist`);
    const credentials = 'clusters: []\ncontexts: []\ncurrent-context: prod\n';
    const inline = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    const byText = await sync.clusters.create({ name: 'by-text', source: inline, credentials });
    const wrong = await sync.settled(byText.id, (row) => row.state === 'error');
    expect(wrong.message).toContain('has no context `prod`');
  });
});
