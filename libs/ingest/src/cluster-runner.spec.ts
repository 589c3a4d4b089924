import { setTimeout as sleep } from 'node:timers/promises';

import { AppError } from '#contracts';
import type { ChangeSource, SourceSink } from '#kube';
import type { ClusterReport } from '#store';
import { silentLog } from '#telemetry';
import { afterEach, describe, expect, it } from '@jest/globals';

import { ClusterRunner, type RunnerOptions } from './cluster-runner.js';
import { INGEST_SETTINGS } from './ingest-settings.js';

const FOREVER_MS = 60_000;
const POSITIONS = { identity: 'a', kinds: {} };

/** A source that is silent until it is told what to say. */
class ToldSource implements ChangeSource {
  say: SourceSink = () => undefined;

  run(sink: SourceSink, signal: AbortSignal): Promise<void> {
    this.say = sink;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  positions(): null {
    return null;
  }
  resync(): void {
    this.say({ type: 'heartbeat', at: new Date() });
  }
}

describe('a runner that starts keeps the next one waiting', () => {
  const source = new ToldSource();
  let runner: ClusterRunner;
  let opened = 0;
  afterEach(() => runner.stop());

  /** Starts it; the answer tells whether the start is over by now. */
  async function begin(options: Partial<RunnerOptions> = {}, firstFlushMs = FOREVER_MS): Promise<() => boolean> {
    opened = 0;
    runner = new ClusterRunner(
      { id: 'id', name: 'shop' },
      {
        report: () => Promise.resolve(),
        snapshots: {
          persist: () => Promise.resolve({ seq: 1, changed: 1, created: true }),
          countKinds: () => Promise.resolve({}),
        },
        positions: { save: () => Promise.resolve(), load: () => Promise.resolve(null) },
        settings: {
          ...INGEST_SETTINGS,
          flushIntervalMs: 10,
          reportIntervalMs: 10,
          firstFlushMs,
          retryMinMs: FOREVER_MS,
          retryMaxMs: FOREVER_MS,
        },
        log: silentLog,
        open: () => {
          opened += 1;
          return Promise.resolve(source);
        },
        ...options,
      },
    );
    return watched(runner.start());
  }
  async function watched(work: Promise<void>): Promise<() => boolean> {
    let isOver = false;
    void work.then(() => (isOver = true));
    await sleep(20);
    return () => isOver;
  }

  it('until what it read first is stored, and again when it is read anew', async () => {
    const isOver = await begin();
    source.say({ type: 'list', kind: 'Pod', facts: [], problems: [], complete: true });
    await sleep(30);
    expect(isOver()).toBe(false);
    source.say({ type: 'heartbeat', at: new Date() });
    await sleep(30);
    expect(isOver()).toBe(true);
    const isReadAgain = await watched(runner.resync());
    await sleep(30);
    expect(isReadAgain()).toBe(true);
  });

  it('until there is trouble', async () => {
    const refused = new AppError('cluster.source_invalid', 'no such context');
    const isOver = await begin({ open: () => Promise.reject(refused) });
    expect(isOver()).toBe(true);
  });

  it('not at all when it goes on from where another process was', async () => {
    const load = () => Promise.resolve({ positions: POSITIONS, completeness: {} });
    const isOver = await begin({ positions: { save: () => Promise.resolve(), load } });
    expect(isOver()).toBe(true);
  });

  it('for a bounded time', async () => {
    const isOver = await begin({}, 40);
    expect(isOver()).toBe(false);
    await sleep(60);
    expect(isOver()).toBe(true);
  });

  it('and tells how far it read with the counts of that, also where each count outlasts a snapshot', async () => {
    let seq = 0;
    let row: ClusterReport = {};
    const readAgain = (): void => {
      source.say({ type: 'list', kind: 'Pod', facts: [], problems: [], complete: true });
      source.say({ type: 'heartbeat', at: new Date() });
    };
    await begin({
      report: (report) => {
        if (row.lastSyncedAt === undefined) row = { ...row, ...report };
        return Promise.resolve();
      },
      snapshots: {
        persist: () => Promise.resolve({ seq: ++seq, changed: 1, created: true }),
        countKinds: async (_, counted) => {
          while (counted === seq && row.lastSyncedAt === undefined && seq < 100) {
            readAgain();
            await sleep(5);
          }
          return { Pod: counted };
        },
      },
    });
    readAgain();
    while (row.lastSyncedAt === undefined) await sleep(5);
    expect(row).toMatchObject({ state: 'synced', counts: { Pod: expect.any(Number) } });
    expect(seq).toBeLessThan(100);
  });

  it('and does not begin when it was stopped while it waited', async () => {
    await begin();
    await runner.stop();
    expect(opened).toBe(1);
    await runner.start();
    expect(opened).toBe(1);
  });
});
