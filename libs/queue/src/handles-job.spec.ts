import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { CONFIG, ConfigModule, loadConfig } from '#config';
import { JOB_NAMES, type JobName } from '#contracts';
import { silentLog, TelemetryModule } from '#telemetry';
import { collectHandlers, HandlesJob } from './handles-job.js';
import { InlineJobQueue } from './inline.job-queue.js';
import { JobHandlersModule } from './job-handlers.module.js';
import { JOB_QUEUE } from './job-queue.js';

/** A fresh handler class for a job. */
function handlerOf(name: JobName): new () => { handle(): Promise<void>; calls: number } {
  @HandlesJob(name)
  class Handler {
    calls = 0;
    handle(): Promise<void> {
      this.calls += 1;
      return Promise.resolve();
    }
  }
  return Handler;
}

function provided(names: readonly JobName[]) {
  return names.map((name) => {
    const metatype = handlerOf(name);
    return { metatype, instance: new metatype() };
  });
}

describe('collectHandlers', () => {
  it('finds the one handler of every job among other providers', () => {
    const providers = provided(JOB_NAMES);
    const others = [
      {
        metatype: class Other {
          value = 1;
        },
        instance: {},
      },
      { metatype: undefined, instance: 1 },
    ];
    const handlers = collectHandlers([...others, ...providers, ...providers.slice(0, 1)]);
    expect(JOB_NAMES.map((name) => handlers[name])).toEqual(providers.map((entry) => entry.instance));
  });

  it('names every job without a handler and every job with two', () => {
    const handled = JOB_NAMES.filter((name) => name !== 'cluster.resync' && name !== 'retention.run');
    const providers = provided(['retention.run', 'retention.run', ...handled]);
    expect(() => collectHandlers(providers)).toThrow(
      'job `retention.run` has 2 handlers; job `cluster.resync` has no handler',
    );
  });
});

describe('JobHandlersModule', () => {
  const config = loadConfig({ DATABASE_URL: 'postgresql://x@127.0.0.1:1/x' }, 'worker');

  function application(names: readonly JobName[], queue: InlineJobQueue) {
    const providers = names.map(handlerOf);
    @Module({ providers, exports: providers })
    class Jobs {}
    const imports = [
      ConfigModule.forRoot(config),
      TelemetryModule.forRoot({ log: silentLog }),
      JobHandlersModule,
      Jobs,
    ];
    return Test.createTestingModule({ imports }).overrideProvider(JOB_QUEUE).useValue(queue).compile();
  }

  it('starts to do the jobs of the handlers it discovers', async () => {
    const queue = new InlineJobQueue();
    const app = await application(JOB_NAMES, queue);
    await app.init();
    const id = await queue.enqueue('retention.run', { runId: globalThis.crypto.randomUUID(), delivery: 0 });
    for (let tries = 0; (await queue.status(id)).state !== 'succeeded' && tries < 100; tries++) {
      await new Promise((done) => setTimeout(done, 10));
    }
    expect((await queue.status(id)).state).toBe('succeeded');
    expect(app.get(CONFIG)).toBe(config);
    await app.close();
  });

  it('stops the start when a job has no handler', async () => {
    const app = await application(['retention.run'], new InlineJobQueue());
    await expect(app.init()).rejects.toMatchObject({ code: 'startup.failed' });
  });
});
