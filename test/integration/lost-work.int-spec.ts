import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createPostgresBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { runAsSystem } from '#access';
import { Jobs } from '#analysis';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';

const LONGEST_MS = 60_000;

interface QueueServer {
  /** Loses every message that waits. */
  forget(): Promise<void>;
  /** One of the service's own queues, to be stopped by somebody. */
  open(name: string): Queue;
}

function onRedis(url: string): QueueServer {
  return {
    forget: async () => {
      const redis = new Redis(url);
      await redis.flushall();
      redis.disconnect();
    },
    open: (name) => new Queue(name, { connection: { url }, prefix: 'atlas' }),
  };
}

function onPostgres({ database }: ApiUnderTest): QueueServer {
  const connection = { connectionString: database.url, schema: 'bullmq', migrate: false };
  return {
    forget: async () => {
      const { rows } = await database.database.query<{ name: string }>(
        `SELECT format('bullmq.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
      );
      const truncate = `TRUNCATE ${rows.map(({ name }) => name).join(', ')}`;
      for (;;) {
        try {
          await database.database.query(truncate);
          return;
        } catch (error) {
          // A worker locks these tables in an order of its own, and Postgres may end either of the two.
          if ((error as { code?: string }).code !== '40P01') throw error;
        }
      }
    },
    open: (name) => new Queue(name, { connection }, createPostgresBackend) as unknown as Queue,
  };
}

describe.each(['Redis', 'Postgres'])('work whose messages are lost, on %s', (kind) => {
  let redis: TestRedis | null = null;
  let api: ApiUnderTest;
  let server: QueueServer;
  let worker: INestApplicationContext | null = null;
  let clusterId: string;
  let isLeftOut = false;

  beforeAll(async () => {
    if (kind === 'Redis') redis = await startTestRedis();
    isLeftOut = kind === 'Redis' && redis === null;
    if (isLeftOut) return;
    api = await startApiUnderTest({ REDIS_URL: redis?.url ?? '' });
    server = redis === null ? onPostgres(api) : onRedis(redis.url);
    clusterId = (await api.seed('shop', [])).id;
  });
  afterAll(async () => {
    if (isLeftOut) return;
    await worker?.close();
    await api.close();
    await redis?.stop();
  });

  const asSystem = <T>(work: (jobs: Jobs) => Promise<T>): Promise<T> =>
    runAsSystem('test', () => work(api.app.get(Jobs, { strict: false })));
  const startWorker = async (): Promise<void> => {
    worker ??= await createWorker({ ...api.config, app: 'worker' }, silentLog);
  };
  /** As if a minute had passed since jobs were delivered. */
  const age = (): Promise<unknown> =>
    api.database.database.query(`UPDATE job_run SET delivered_at = now() - interval '2 min' WHERE state = 'queued'`);
  const audits = (count: number) => Array.from({ length: count }, () => ({ input: { clusterId }, clusterId }));
  const startAudits = (count: number): Promise<string> =>
    asSystem(async (jobs) => (await jobs.startFlow('audit.run', audits(count))).id);
  const expectDone = async (flow: string, parts: number): Promise<void> => {
    const ended = await asSystem((jobs) => jobs.settled(flow, LONGEST_MS));
    expect(ended).toMatchObject({ state: 'succeeded', progress: { done: parts, total: parts } });
    const reports = await api.database.database.query(
      'SELECT id FROM audit_report WHERE id IN (SELECT id FROM job_run WHERE parent_id = $1)',
      [flow],
    );
    expect(reports.rowCount).toBe(parts);
  };
  const test = (name: string, body: () => Promise<void>): void => {
    it(name, async () => {
      if (!isLeftOut) await body();
    });
  };

  test('is done when the messages were lost before a worker came', async () => {
    const flow = await startAudits(3);
    await server.forget();
    await startWorker();
    await age();
    await expectDone(flow, 3);
  });

  test('is done when the messages were lost under a worker that waits for them, and what comes after it too', async () => {
    const queue = server.open('audit');
    await queue.pause();
    const lost = await startAudits(2);
    await server.forget();
    await queue.close();
    await age();
    const next = await startAudits(2);
    await expectDone(lost, 2);
    await expectDone(next, 2);
  });

  test('waits while somebody has paused the queue, however often it is delivered, and is done once', async () => {
    const queue = server.open('audit');
    await queue.pause();
    const flow = await startAudits(2);
    for (let n = 0; n < 3; n++) {
      await age();
      await asSystem((jobs) => jobs.sweep());
    }
    await queue.resume();
    await queue.close();
    await expectDone(flow, 2);
    const { items } = await asSystem((jobs) => jobs.list({ limit: 3, parent: flow }));
    expect(items.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  test('is done when the cluster of one part went meanwhile', async () => {
    const queue = server.open('audit');
    await queue.pause();
    const other = await api.seed('other', []);
    const parts = [...audits(1), { input: { clusterId: other.id }, clusterId: other.id }];
    const flow = await asSystem(async (jobs) => (await jobs.startFlow('audit.run', parts)).id);
    await api.clusters.remove(other.id);
    await queue.resume();
    await queue.close();
    expect(await asSystem((jobs) => jobs.settled(flow, LONGEST_MS))).toMatchObject({ state: 'succeeded' });
  });

  test('fails, and its flow with it, when no worker of any version understood what it was told', async () => {
    const queue = server.open('audit');
    await queue.pause();
    const flow = await startAudits(1);
    await api.database.database.query(`UPDATE job_run SET input = '{"of": "shop"}', losses = 20 WHERE parent_id = $1`, [
      flow,
    ]);
    await queue.resume();
    await queue.close();
    expect(await asSystem((jobs) => jobs.settled(flow, LONGEST_MS))).toMatchObject({
      state: 'failed',
      error: { code: 'job.part_failed' },
    });
    const { items } = await asSystem((jobs) => jobs.list({ limit: 1, parent: flow }));
    expect(items).toMatchObject([{ attempts: 1, error: { code: 'request.invalid' } }]);
  });
});
