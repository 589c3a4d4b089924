import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Access, ALL_NAMES, ANONYMOUS, runWithAccess, systemAccess } from '#access';
import { ClusterHeads, ClusterWatch, SnapshotCache } from '#analysis';
import { ClusterHeadRepository, ClusterRepository, type ClusterHead } from '#store';
import type { TestDatabase } from '../support/database.js';
import { createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';

class CountingHeads extends ClusterHeadRepository {
  reads = 0;
  override find(idOrName: string): ReturnType<ClusterHeadRepository['find']> {
    this.reads += 1;
    return super.find(idOrName);
  }
}

/** Longer than what was read is taken for true. */
const STALE_MS = 120;

describe('the heads of clusters', () => {
  let test: TestDatabase;
  let clusters: ClusterRepository;
  let newSnapshot: SnapshotRows['newSnapshot'];
  let watch: ClusterWatch;
  let repository: CountingHeads;
  let heads: ClusterHeads;

  beforeAll(async () => {
    ({ test, clusters, newSnapshot } = await createSnapshotRows());
    watch = new ClusterWatch(test.database, new SnapshotCache(() => Promise.reject(new Error('not asked')), 1));
    repository = new CountingHeads(test.database);
    heads = new ClusterHeads(repository, new ClusterRepository(test.database, null), watch);
    await watch.onModuleInit();
  });
  afterAll(async () => {
    await watch.beforeApplicationShutdown();
    await test.drop();
  });

  const seeing = (names: readonly string[]): Access =>
    new Access(ANONYMOUS, 'question.ask', [
      { role: 'viewer', clusters: { names, labels: null }, namespaces: ALL_NAMES },
    ]);
  const get = (of: ClusterHeads, ref: string, access = systemAccess('test')): Promise<ClusterHead> =>
    runWithAccess(access, () => of.get(ref));

  it('read a cluster once for many questions', async () => {
    await clusters.create({ name: 'often', source: { type: 'upload' } });
    await sleep(STALE_MS);
    const before = repository.reads;
    const asked = await Promise.all(Array.from({ length: 50 }, () => get(heads, 'often')));
    expect(new Set(asked.map(({ cluster }) => cluster.name))).toEqual(new Set(['often']));
    expect(asked[0]?.latest).toBeNull();
    expect(repository.reads).toBe(before + 1);
  });

  it('have a new snapshot, and lose a cluster, as soon as they hear of it', async () => {
    const { id } = await clusters.create({ name: 'heard', source: { type: 'upload' } });
    for (let seq = 1; seq <= 20; seq++) {
      await get(heads, 'heard');
      const heard = watch.changed(id, 5_000);
      await newSnapshot(id);
      await heard;
      expect((await get(heads, 'heard')).latest?.seq).toBe(seq);
    }
    const gone = watch.changed(id, 5_000);
    await clusters.remove(id);
    await gone;
    await expect(get(heads, 'heard')).rejects.toMatchObject({ code: 'cluster.not_found' });
  });

  it('are right a moment later when they hear nothing', async () => {
    const deaf = new ClusterHeads(repository, clusters, new ClusterWatch(test.database, null as never));
    const { id } = await clusters.create({ name: 'deaf', source: { type: 'upload' } });
    for (let seq = 1; seq <= 3; seq++) {
      await get(deaf, 'deaf');
      await newSnapshot(id);
      await sleep(STALE_MS);
      expect((await get(deaf, 'deaf')).latest?.seq).toBe(seq);
    }
    await expect(get(deaf, 'later')).rejects.toMatchObject({ code: 'cluster.not_found' });
    await clusters.create({ name: 'later', source: { type: 'upload' } });
    expect((await get(deaf, 'later')).cluster.name).toBe('later');
  });

  it('show a cluster to those who may know of it alone, whoever asked before', async () => {
    const { id } = await clusters.create({ name: 'hidden', source: { type: 'upload' } });
    await clusters.create({ name: id, source: { type: 'upload' } });
    expect((await get(heads, id)).cluster.name).toBe('hidden');
    expect((await get(heads, 'hidden', seeing(['hid*']))).cluster.id).toBe(id);
    const near = (names: readonly string[]) => ({ code: 'cluster.not_found', details: { near: names } });
    await expect(get(heads, 'hiden', seeing(['hid*']))).rejects.toMatchObject(near(['hidden']));
    await expect(get(heads, 'hidden', seeing(['other']))).rejects.toMatchObject(near([]));
    // An id leads on to a name that looks like it where the cluster of this id is not seen.
    expect((await get(heads, id, seeing([id]))).cluster.name).toBe(id);
  });
});
