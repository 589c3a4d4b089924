import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemAccess } from '#access';
import { ClusterWatch, compileFrom, SnapshotCache, SnapshotWarming } from '#analysis';
import { ClusterAskedRepository, ClusterRepository, SnapshotRepository } from '#store';
import { createLog } from '#telemetry';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('compiling ahead', () => {
  let test: TestDatabase;
  let clusters: ClusterRepository;
  let snapshots: SnapshotRepository;
  let made = 0;

  beforeAll(async () => {
    test = await createTestDatabase();
    clusters = new ClusterRepository(test.database, null, () => systemAccess('test'));
    snapshots = new SnapshotRepository(test.database);
  });
  afterAll(() => test.drop());

  const change = async (id: string): Promise<number> => {
    const completeness = { Pod: { complete: false, reason: String((made += 1)) } };
    const batch = { upserts: [], deletes: [], replace: [], completeness, takenAt: new Date() };
    return (await snapshots.persist(id, batch)).seq;
  };

  /** What an API process has of it. */
  async function running(settings: { cacheSnapshots?: number; warmHours?: number; warmIntervalSeconds?: number } = {}) {
    const analysis = { cacheSnapshots: 4, warmHours: 1, warmIntervalSeconds: 60, addressLists: null, ...settings };
    const compiled: string[] = [];
    const compile = compileFrom(snapshots, () => undefined);
    const cache = new SnapshotCache((id, seq, ...rest) => {
      compiled.push(`${id}:${String(seq)}`);
      return compile(id, seq, ...rest);
    }, analysis.cacheSnapshots);
    const watch = new ClusterWatch(test.database, cache);
    const asked = new ClusterAskedRepository(test.database);
    const log = createLog({ level: 'error', format: 'json', app: 'test' });
    const warming = new SnapshotWarming(cache, asked, watch, { analysis }, log);
    await watch.onModuleInit();
    warming.start();
    const end = async (): Promise<void> => {
      await warming.stop();
      await watch.beforeApplicationShutdown();
    };
    return { cache, compiled, end };
  }

  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await sleep(5);
  };

  it('a process that starts compiles what was asked of one before it, and nothing else', async () => {
    const [{ id }, other] = [
      await clusters.create({ name: 'asked', source: { type: 'upload' } }),
      await clusters.create({ name: 'never', source: { type: 'upload' } }),
    ];
    await change(other.id);
    const first = await running();
    await first.cache.get(id, await change(id));
    await first.end();
    const seq = await change(id);

    const next = await running();
    await until(() => next.cache.peek(id, seq) !== null);
    await next.end();
    expect(next.compiled).toEqual([`${id}:${String(seq)}`]);

    const off = await running({ warmHours: 0 });
    await sleep(100);
    await off.end();
    expect(off.compiled).toEqual([]);
    await clusters.remove(id);
  });

  it('a change of a cluster that was asked about is compiled at once, the next after the interval', async () => {
    const { id } = await clusters.create({ name: 'busy', source: { type: 'upload' } });
    const { cache, compiled, end } = await running({ warmIntervalSeconds: 1 });
    const seq = await change(id);
    await cache.get(id, seq);
    await change(id);
    await until(() => cache.peek(id, seq + 1) !== null);
    const begun = performance.now();
    for (let turn = 0; turn < 3; turn++) await change(id);
    await until(() => cache.peek(id, seq + 4) !== null);
    const took = performance.now() - begun;
    await end();
    expect(compiled).toEqual([seq, seq + 1, seq + 4].map((each) => `${id}:${String(each)}`));
    expect(took).toBeGreaterThan(300);
  });
});
