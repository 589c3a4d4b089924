import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemAccess } from '#access';
import { Secret } from '#config';
import { BullmqJobQueue, type QueueBackend } from '#queue';
import { ClusterRepository, JobRunRepository, SnapshotRepository } from '#store';
import { Metrics } from '#telemetry';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTestRedis } from '../support/redis.js';
import { RoleProcess } from '../support/role-process.js';
import { persist } from './api/api-under-test.js';
import { readEvents } from './api/read-events.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const START_MS = 120_000;

describe('two API processes', () => {
  let database: TestDatabase;
  let snapshots: SnapshotRepository;
  let clusterId: string;
  const processes: RoleProcess[] = [];
  const urls: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const clusters = new ClusterRepository(database.database, null, () => systemAccess('test'));
    snapshots = new SnapshotRepository(database.database);
    clusterId = (await clusters.create({ name: 'shop', source: { type: 'upload' } })).id;
    await persist(snapshots, clusterId, SHOP);
    const env = {
      DATABASE_URL: database.url,
      HTTP_PORT: '0',
      ATLAS_SECRET_KEY: randomBytes(32).toString('hex'),
    };
    processes.push(RoleProcess.spawn('api', env), RoleProcess.spawn('api', env));
    for (const api of processes) {
      await api.says(/api is listening/);
      urls.push(api.url);
    }
  }, START_MS);
  afterAll(async () => {
    await Promise.all(processes.map((api) => api.end('SIGTERM')));
    await database.drop();
  }, START_MS);

  const get = async (url: string, path: string): Promise<Record<string, unknown>> =>
    (await (await fetch(`${url}/api/v1/${path}`)).json()) as Record<string, unknown>;
  const ask = (url: string) => get(url, 'reachability?cluster=shop&from=shop/web-0&to=shop/db-0&port=5432');

  it('both answer from the newest state as soon as it is stored, and tell who listens to either', async () => {
    expect(await Promise.all(urls.map(ask))).toMatchObject([{ verdict: 'denied' }, { verdict: 'denied' }]);
    const streams = await Promise.all(urls.map((url) => readEvents(`${url}/api/v1/changes/stream?cluster=shop`)));
    const { seq } = { seq: await persist(snapshots, clusterId, [DB_OPENED]) };
    const now = { verdict: 'allowed', asOf: { seq } };
    expect(await Promise.all(urls.map(ask))).toMatchObject([now, now]);
    const events = await Promise.all(streams.map((stream) => stream.next()));
    expect(events[0]).toMatchObject({ event: 'change', data: { seq, object: { name: 'db-deny' } } });
    expect(events[1]).toEqual(events[0]);
    for (const stream of streams) stream.close();
  });

  it('go on with each other’s cursors and event ids', async () => {
    const [a = '', b = ''] = urls;
    const first = (await get(a, 'clusters/shop/pods?limit=1')) as { page: { nextCursor: string } };
    const second = await get(b, `clusters/shop/pods?limit=1&cursor=${first.page.nextCursor}`);
    expect(second).toMatchObject({ items: [{ name: 'db-0' }] });
    const listening = await readEvents(`${a}/api/v1/changes/stream?cluster=shop`);
    const namespace = (name: string): unknown => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, uid: name },
    });
    await persist(snapshots, clusterId, [namespace('one')]);
    const { id } = await listening.next();
    listening.close();
    await persist(snapshots, clusterId, [namespace('two')]);
    const taken = await readEvents(`${b}/api/v1/changes/stream?cluster=shop`, { 'last-event-id': id });
    expect(await taken.next()).toMatchObject({ data: { object: { name: 'two' } } });
    taken.close();
  });
});

describe.each(['postgres', 'redis'] as const)('two workers with the queue on %s', (type) => {
  it(
    'share the jobs, each done once',
    async () => {
      const database = await createTestDatabase();
      const redis = type === 'redis' ? await startTestRedis() : null;
      if (type === 'redis' && redis === null) {
        if (process.env['CI'] === 'true') throw new Error('no redis-server: apt-get install redis-server');
        process.stdout.write('skipped: no redis-server\n');
        await database.drop();
        return;
      }
      const clusters = new ClusterRepository(database.database, null, () => systemAccess('test'));
      const ids: string[] = [];
      for (let number = 1; number <= 40; number++) {
        ids.push((await clusters.create({ name: `c${String(number)}`, source: { type: 'upload' } })).id);
      }
      const env = { DATABASE_URL: database.url, ...(redis === null ? {} : { REDIS_URL: redis.url }) };
      const workers = [RoleProcess.spawn('worker', env), RoleProcess.spawn('worker', env)];
      const backend: QueueBackend =
        redis === null
          ? { type: 'postgres', url: new Secret(database.url) }
          : { type: 'redis', url: new Secret(redis.url) };
      const queue = new BullmqJobQueue({ backend, metrics: new Metrics() });
      const runs = new JobRunRepository(database.database, () => systemAccess('test'));
      const done = ({ log }: RoleProcess): number => log.split('old snapshots deleted').length - 1;
      try {
        for (const worker of workers) await worker.says(/worker is running/);
        for (const clusterId of ids) {
          const job = { name: 'retention.run', clusterId, input: { clusterId }, requester: 'test' } as const;
          await queue.enqueue('retention.run', { runId: (await runs.create(job)).id, delivery: 0 });
        }
        const deadline = Date.now() + 30_000;
        while (workers.reduce((sum, worker) => sum + done(worker), 0) < ids.length && Date.now() < deadline) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        const counts = workers.map(done);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ids.length);
        expect(counts.every((count) => count > 0)).toBe(true);
      } finally {
        await queue.stop();
        await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
        await redis?.stop();
        await database.drop();
      }
    },
    START_MS,
  );
});
