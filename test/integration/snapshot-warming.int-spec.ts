import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterWatch, compileFrom, SnapshotCache, SnapshotWarming } from '#analysis';
import { ClusterAskedRepository, type AskedCluster } from '#store';
import { createLog } from '#telemetry';
import { createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';
import { untilWithin } from './api/until.js';

const until = untilWithin(10_000);

const SETTINGS = { cacheSnapshots: 4, cacheObjects: 3_000, warmHours: 1, warmIntervalSeconds: 60, addressLists: null };

/** Gives what it read when it is let go. */
class HeldAsked extends ClusterAskedRepository {
  held: Promise<void> = Promise.resolve();
  override async lately(...args: Parameters<ClusterAskedRepository['lately']>): Promise<readonly AskedCluster[]> {
    const found = await super.lately(...args);
    await this.held;
    return found;
  }
}

describe('compiling ahead', () => {
  let rows: SnapshotRows;

  beforeAll(async () => {
    rows = await createSnapshotRows();
  });
  afterAll(() => rows.test.drop());

  /** What an API process has of it. */
  async function running(settings: Partial<typeof SETTINGS> = {}) {
    const analysis = { ...SETTINGS, ...settings };
    const compiled: string[] = [];
    const compile = compileFrom(rows.snapshots, () => undefined);
    const cache = new SnapshotCache(
      (id, seq, ...rest) => {
        compiled.push(`${id}:${String(seq)}`);
        return compile(id, seq, ...rest);
      },
      analysis.cacheSnapshots,
      { objects: analysis.cacheObjects },
    );
    const watch = new ClusterWatch(rows.test.database, cache);
    const asked = new HeldAsked(rows.test.database);
    const log = createLog({ level: 'error', format: 'json', app: 'test' });
    const warming = new SnapshotWarming(cache, asked, watch, { analysis }, log);
    await watch.onModuleInit();
    warming.start();
    const end = async (): Promise<void> => {
      await warming.stop();
      await watch.beforeApplicationShutdown();
    };
    return { cache, compiled, watch, asked, warming, end };
  }

  it('a process that starts compiles what was asked of one before it, and nothing else', async () => {
    const [id, other] = [await rows.newCluster(), await rows.newCluster()];
    await rows.newSnapshot(other);
    const first = await running();
    await first.cache.get(id, await rows.newSnapshot(id));
    await first.end();
    const seq = await rows.newSnapshot(id);

    const next = await running();
    await until(() => next.cache.peek(id, seq));
    await next.end();
    expect(next.compiled).toEqual([`${id}:${String(seq)}`]);

    const off = await running({ warmHours: 0 });
    await sleep(100);
    await off.end();
    expect(off.compiled).toEqual([]);
    await rows.clusters.remove(id);
  });

  it('has large clusters that nobody asked about, as far as there is room for their objects', async () => {
    const large = async (pods: number): Promise<string> => {
      const id = await rows.newCluster();
      await rows.newSnapshot(id, pods);
      return id;
    };
    const [small, tooMuch, one] = [await large(900), await large(3_100), await large(1_500)];
    const { cache, compiled, end } = await running();
    await until(() => cache.compiledSize === 1 || null);
    const another = await large(1_200);
    await until(() => cache.compiledSize === 2 || null);
    await end();
    expect(compiled).toEqual([`${one}:1`, `${another}:1`]);
    // What was compiled ahead was not asked about.
    const next = await running({ cacheObjects: 0 });
    await sleep(100);
    await next.end();
    expect(next.compiled).toEqual([]);
    for (const id of [small, tooMuch, one, another]) await rows.clusters.remove(id);
  });

  it('a change of a cluster that was asked about is compiled at once, the next after the interval', async () => {
    const id = await rows.newCluster();
    const { cache, compiled, end } = await running({ warmIntervalSeconds: 1 });
    const seq = await rows.newSnapshot(id);
    await cache.get(id, seq);
    await rows.newSnapshot(id);
    await until(() => cache.peek(id, seq + 1));
    const begun = performance.now();
    for (let turn = 0; turn < 3; turn++) await rows.newSnapshot(id);
    await until(() => cache.peek(id, seq + 4));
    const took = performance.now() - begun;
    await end();
    expect(compiled).toEqual([seq, seq + 1, seq + 4].map((each) => `${id}:${String(each)}`));
    expect(took).toBeGreaterThan(300);
  });

  it('a change that is heard of while the database is read is not forgotten over what was read', async () => {
    const id = await rows.newCluster();
    const { cache, watch, asked, warming, end } = await running({ warmIntervalSeconds: 1 });
    const seq = await rows.newSnapshot(id);
    await cache.get(id, seq);
    await rows.newSnapshot(id);
    await until(() => cache.peek(id, seq + 1));
    let letGo = (): void => undefined;
    asked.held = new Promise((resolve) => (letGo = resolve));
    const looked = warming.look();
    await sleep(100);
    const heard = watch.changed(id, 5_000);
    await rows.newSnapshot(id);
    await heard;
    letGo();
    await looked;
    await until(() => cache.peek(id, seq + 2));
    await end();
  });
});
