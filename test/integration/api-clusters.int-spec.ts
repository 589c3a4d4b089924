import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { silentLog } from '#telemetry';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { untilWithin } from './api/until.js';

const FOLDER = { type: 'folder', path: '/srv/manifests' };

const until = untilWithin(10_000);

describe('clusters over REST', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;

  beforeAll(async () => {
    api = await startApiUnderTest();
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  const create = (name: string, source: object = FOLDER, query = '') =>
    api.request('POST', `/api/v1/clusters${query}`, { name, source });

  it('adds a cluster and says where it is', async () => {
    const reply = await create('alpha');
    const cluster = expectDescribed('addCluster', reply);
    expect(reply.headers.get('location')).toBe(`/api/v1/clusters/${cluster.id}`);
    expect(cluster).toMatchObject({ name: 'alpha', source: FOLDER, state: 'pending', paused: false, problems: [] });
    for (const ref of ['alpha', cluster.id]) {
      expect(expectDescribed('getCluster', await api.request('GET', `/api/v1/clusters/${ref}`))).toEqual(cluster);
    }
  });

  it('refuses a name that is taken', async () => {
    await create('taken');
    expect(expectProblem(await create('taken'))).toMatchObject({ status: 409, code: 'cluster.exists' });
  });

  it('never shows the text of a kubeconfig', async () => {
    const inline = 'apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: very-secret}}]\n';
    const reply = await create('sealed', { type: 'kubeconfig', inline, context: 'dev' });
    const cluster = expectDescribed('addCluster', reply);
    expect(cluster.source).toEqual({ type: 'kubeconfig', path: null, inline: true, context: 'dev' });
    expect(reply.text).not.toContain('very-secret');
    expect(JSON.stringify(api.lines)).not.toContain('very-secret');
    expect((await api.clusters.loadCredentials(cluster.id))?.reveal()).toBe(inline.trim());
  });

  it('waits for the first read when asked to', async () => {
    const started = performance.now();
    const pending = create('awaited', FOLDER, '?wait=20');
    const created = await until(() => api.clusters.find('awaited'));
    const problems = [{ code: 'manifest.invalid', message: 'line 3 is no YAML', file: 'a.yaml', document: 2, line: 3 }];
    await api.clusters.update(created.id, { state: 'degraded', problems, lastSyncedAt: new Date() });
    const cluster = expectDescribed('addCluster', await pending);
    expect(cluster).toMatchObject({ state: 'degraded', problemCount: 1, problems });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('stops waiting when the time is up', async () => {
    const cluster = expectDescribed('addCluster', await create('slow', FOLDER, '?wait=0.2'));
    expect(cluster.state).toBe('pending');
  });

  it('lists clusters page by page, in order of name', async () => {
    const names: string[] = [];
    let path: string | null = '/api/v1/clusters?limit=2';
    while (path !== null) {
      const reply: Reply = await api.request('GET', path);
      const page = expectDescribed('listClusters', reply);
      expect(page.items.length).toBeLessThanOrEqual(2);
      names.push(...page.items.map((item) => item.name));
      path = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1] ?? null;
      expect(path === null).toBe(page.page.nextCursor === null);
    }
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['alpha', 'taken', 'sealed']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('pauses and resumes', async () => {
    await create('pausable');
    const path = '/api/v1/clusters/pausable';
    expect(expectDescribed('changeCluster', await api.request('PATCH', path, { paused: true })).paused).toBe(true);
    expect(expectProblem(await api.request('POST', `${path}/resync`))).toMatchObject({
      status: 409,
      code: 'cluster.paused',
    });
    expect(expectDescribed('changeCluster', await api.request('PATCH', path, { paused: false })).paused).toBe(false);
  });

  it('queues a full read, which the worker notes on the row', async () => {
    const { id } = expectDescribed('addCluster', await create('resynced'));
    const reply = await api.request('POST', '/api/v1/clusters/resynced/resync');
    const accepted = expectDescribed('resyncCluster', reply);
    expect(accepted.cluster.resyncRequestedAt).toBeNull();
    const location = reply.headers.get('location') ?? '';
    const job = await until(async () => {
      const state = expectDescribed('getJob', await api.request('GET', location));
      return state.state === 'succeeded' ? state : null;
    });
    expect(job).toMatchObject({ id: accepted.job.id, name: 'cluster.resync', attempts: 1 });
    expect((await api.clusters.get(id)).resyncRequestedAt).not.toBeNull();
  });

  it('says that a job is not known', async () => {
    const problem = expectProblem(await api.request('GET', '/api/v1/jobs/cluster.resync.nope'));
    expect(problem).toMatchObject({ status: 404, code: 'job.not_found' });
  });

  it('takes an upload as it is, and waits until it is read', async () => {
    const { id } = expectDescribed('addCluster', await create('uploaded', { type: 'upload' }, '?wait=30'));
    const manifests = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';
    const pending = api.request('PUT', '/api/v1/clusters/uploaded/upload?wait=20', manifests, {
      'content-type': 'application/yaml; charset=utf-8',
    });
    await until(async () => ((await api.clusters.get(id)).resyncRequestedAt === null ? null : true));
    await api.clusters.update(id, { state: 'synced', lastSyncedAt: new Date() });
    expect(expectDescribed('uploadManifests', await pending)).toMatchObject({ state: 'synced' });
    const stored = await api.clusters.loadUpload(id);
    expect(Buffer.from(stored?.bytes ?? []).toString()).toBe(manifests);
    expect(stored?.contentType).toBe('application/yaml');
  });

  it('takes an upload of many megabytes byte for byte', async () => {
    const { id } = expectDescribed('addCluster', await create('large', { type: 'upload' }));
    const bytes = new Uint8Array(15 * 1024 * 1024).map((_, index) => index % 251);
    const type = { 'content-type': 'application/zip' };
    expectDescribed('uploadManifests', await api.request('PUT', `/api/v1/clusters/${id}/upload`, bytes, type));
    const stored = await api.clusters.loadUpload(id);
    expect(Buffer.compare(Buffer.from(stored?.bytes ?? []), Buffer.from(bytes))).toBe(0);
  });

  it('refuses an upload to a cluster that is read from elsewhere', async () => {
    await create('elsewhere');
    const reply = await api.request('PUT', '/api/v1/clusters/elsewhere/upload', 'a: b', {
      'content-type': 'application/yaml',
    });
    expect(expectProblem(reply)).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('removes a cluster for good', async () => {
    await create('removed');
    expectDescribed('removeCluster', await api.request('DELETE', '/api/v1/clusters/removed'));
    expect(expectProblem(await api.request('GET', '/api/v1/clusters/removed'))).toMatchObject({
      status: 404,
      code: 'cluster.not_found',
    });
    expect(expectProblem(await api.request('DELETE', '/api/v1/clusters/removed')).status).toBe(404);
  });
});
