import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#config';
import { AppError, type JobPayload } from '#contracts';
import { BullmqJobQueue, InlineJobQueue, type JobContext, type JobQueue } from '#queue';
import { Metrics } from '#telemetry';
import { createTestDatabase } from '../support/database.js';
import { startTestRedis } from '../support/redis.js';

type Resync = JobPayload<'cluster.resync'>;
type Call = Resync & JobContext;

/** Makes queues that share what is behind them, as processes do. */
interface Driver {
  open(): JobQueue;
  close(): Promise<void>;
}

/** Waits until `probe` gives something else than undefined. */
async function until<T>(probe: () => T | undefined | Promise<T | undefined>, timeoutMs = 10_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error('it did not happen in time');
    await sleep(20);
  }
}

/** A handler that notes its calls and does what the test says. */
function recorder(act: (call: Call) => Promise<void> | void = () => undefined) {
  const calls: Call[] = [];
  const handler = {
    async handle(payload: Resync, context: JobContext): Promise<void> {
      const call = { ...payload, ...context };
      calls.push(call);
      await act(call);
    },
  };
  return { calls, handlers: { 'cluster.resync': handler } };
}

/** What every driver promises. */
function driverSpec(open: () => Promise<Driver | null>, options: { readonly shared: boolean }): void {
  let driver: Driver | null = null;
  let opened: JobQueue[] = [];

  beforeAll(async () => {
    driver = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((queue) => queue.stop()));
    opened = [];
  });
  afterAll(() => driver?.close());

  const queueOf = (): JobQueue => {
    const queue = (driver as Driver).open();
    opened.push(queue);
    return queue;
  };
  /** A test that is left out, out loud, where the driver's server is not to be had. */
  const test = (name: string, body: () => Promise<void>): void => {
    it(name, async () => {
      if (driver === null) return;
      await body();
    });
  };

  test('does a job once, with its payload, and says so', async () => {
    const queue = queueOf();
    const { calls, handlers } = recorder();
    queue.registerHandlers(handlers);
    await queue.start();
    const runId = randomUUID();
    const id = await queue.enqueue('cluster.resync', { runId, delivery: 0 });
    await until(async () => ((await queue.status(id)).state === 'succeeded' ? true : undefined));
    expect(calls).toEqual([{ runId, delivery: 0, jobId: id, attempt: 1 }]);
    expect(await queue.status(id)).toMatchObject({ id, name: 'cluster.resync', attempts: 1, reason: '' });
    expect((await queue.status(id)).finishedAt).toBeInstanceOf(Date);
  });

  test('adds nothing while the same job waits, and again once it is done', async () => {
    const queue = queueOf();
    const { calls, handlers } = recorder();
    queue.registerHandlers(handlers);
    const runId = randomUUID();
    const first = await queue.enqueue('cluster.resync', { runId, delivery: 0 });
    expect(await queue.enqueue('cluster.resync', { runId, delivery: 0 })).toBe(first);
    expect((await queue.status(first)).state).toBe('queued');
    await queue.start();
    await until(async () => ((await queue.status(first)).state === 'succeeded' ? true : undefined));
    expect(calls).toHaveLength(1);
    const second = await queue.enqueue('cluster.resync', { runId, delivery: 0 });
    expect(second).not.toBe(first);
    await until(async () => ((await queue.status(second)).state === 'succeeded' ? true : undefined));
    expect(calls).toHaveLength(2);
  });

  test('runs once more for what is added while it runs', async () => {
    const queue = queueOf();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { calls, handlers } = recorder(() => (calls.length === 1 ? held : undefined));
    queue.registerHandlers(handlers);
    await queue.start();
    const runId = randomUUID();
    await queue.enqueue('cluster.resync', { runId, delivery: 0 });
    await until(() => (calls.length === 1 ? true : undefined));
    for (let n = 0; n < 3; n++) await queue.enqueue('cluster.resync', { runId, delivery: 0 });
    release();
    await until(() => (calls.length === 2 ? true : undefined));
    await sleep(300);
    expect(calls).toHaveLength(2);
  });

  test('tries again after a failure, and tells how often', async () => {
    const queue = queueOf();
    const { calls, handlers } = recorder((call) => {
      if (call.attempt < 2) throw new Error('the network is down');
    });
    queue.registerHandlers(handlers);
    await queue.start();
    const id = await queue.enqueue('cluster.resync', { runId: randomUUID(), delivery: 0 });
    const done = await until(async () => {
      const status = await queue.status(id);
      return status.state === 'succeeded' ? status : undefined;
    });
    expect(calls.map((call) => call.attempt)).toEqual([1, 2]);
    expect(done.attempts).toBe(2);
  });

  test('does not try again what cannot succeed', async () => {
    const queue = queueOf();
    const { calls, handlers } = recorder(() => {
      throw new AppError('cluster.not_found', 'there is no cluster `x`');
    });
    queue.registerHandlers(handlers);
    await queue.start();
    const id = await queue.enqueue('cluster.resync', { runId: randomUUID(), delivery: 0 });
    const failed = await until(async () => {
      const status = await queue.status(id);
      return status.state === 'failed' ? status : undefined;
    });
    expect(failed).toMatchObject({ attempts: 1, reason: 'there is no cluster `x`' });
    await sleep(200);
    expect(calls).toHaveLength(1);
  });

  test('keeps a job back for its delay', async () => {
    const queue = queueOf();
    const { calls, handlers } = recorder();
    queue.registerHandlers(handlers);
    await queue.start();
    const start = Date.now();
    await queue.enqueue('cluster.resync', { runId: randomUUID(), delivery: 0 }, { delayMs: 400 });
    await until(() => (calls.length === 1 ? true : undefined));
    expect(Date.now() - start).toBeGreaterThanOrEqual(390);
  });

  test('refuses a wrong payload and an unknown id', async () => {
    const queue = queueOf();
    await expect(queue.enqueue('cluster.resync', { runId: 'x', delivery: 0 })).rejects.toMatchObject({
      code: 'request.invalid',
      errors: [{ pointer: '/runId' }],
    });
    await expect(queue.status('sync.none')).rejects.toMatchObject({ code: 'job.not_found' });
  });

  test('waits for running jobs when it stops', async () => {
    const queue = queueOf();
    let isDone = false;
    const { calls, handlers } = recorder(async () => {
      await sleep(300);
      isDone = true;
    });
    queue.registerHandlers(handlers);
    await queue.start();
    await queue.enqueue('cluster.resync', { runId: randomUUID(), delivery: 0 });
    await until(() => (calls.length === 1 ? true : undefined));
    await queue.stop();
    expect(isDone).toBe(true);
  });

  test('answers for its health', async () => {
    const queue = queueOf();
    await queue.start();
    await expect(queue.check()).resolves.toBeUndefined();
  });

  if (!options.shared) return;

  test('hands each of many jobs to one of two processes', async () => {
    const seen: string[] = [];
    const queues = [queueOf(), queueOf()];
    for (const queue of queues) {
      queue.registerHandlers(recorder((call) => void seen.push(call.runId)).handlers);
      await queue.start();
    }
    const ids = Array.from({ length: 60 }, () => randomUUID());
    await Promise.all(ids.map((runId) => (queues[0] as JobQueue).enqueue('cluster.resync', { runId, delivery: 0 })));
    await until(() => (seen.length >= ids.length ? true : undefined));
    expect([...seen].sort()).toEqual([...ids].sort());
  });
}

describe('inline driver', () => {
  driverSpec(() => Promise.resolve({ open: () => new InlineJobQueue(), close: () => Promise.resolve() }), {
    shared: false,
  });
});

describe('BullMQ driver on Postgres', () => {
  driverSpec(
    async () => {
      const database = await createTestDatabase();
      const backend = { type: 'postgres', url: new Secret(database.url) } as const;
      return { open: () => new BullmqJobQueue({ backend, metrics: new Metrics() }), close: () => database.drop() };
    },
    { shared: true },
  );
});

describe('BullMQ driver on Redis', () => {
  driverSpec(
    async () => {
      const redis = await startTestRedis();
      if (redis === null) {
        const how = 'install redis-server or set REDIS_URL';
        if (process.env['CI'] === 'true') throw new Error(`there is no Redis for the queue tests: ${how}`);
        process.stdout.write(`LEFT OUT: the job queue's tests on Redis (${how})\n`);
        return null;
      }
      const backend = { type: 'redis', url: new Secret(redis.url) } as const;
      return { open: () => new BullmqJobQueue({ backend, metrics: new Metrics() }), close: () => redis.stop() };
    },
    { shared: true },
  );
});

describe('a queue that cannot be reached', () => {
  it.each([
    { type: 'postgres', url: new Secret('postgresql://x:y@127.0.0.1:1/none') },
    { type: 'redis', url: new Secret('redis://127.0.0.1:1') },
  ] as const)('says so with a code on $type, and still stops', async (backend) => {
    const queue = new BullmqJobQueue({ backend });
    const expected = { code: 'queue.unavailable', retryable: true };
    await expect(queue.enqueue('drift.compute', { clusterId: randomUUID() })).rejects.toMatchObject(expected);
    await expect(queue.check()).rejects.toMatchObject(expected);
    await queue.stop();
  });
});
