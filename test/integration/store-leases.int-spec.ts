import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { type ClusterLease, type ClusterRepository, LeaseRepository, type SnapshotRepository } from '#store';

import type { TestDatabase } from '../support/database.js';
import { batchOf, createSnapshotRows } from '../support/snapshot-rows.js';

const BATCH = batchOf({ takenAt: new Date(0) });
const STAY = { isLeaving: false };

describe('leases of clusters (9)', () => {
  let db: TestDatabase;
  let clusters: ClusterRepository;
  let snapshots: SnapshotRepository;
  beforeAll(async () => {
    ({ test: db, clusters, snapshots } = await createSnapshotRows());
  });
  afterAll(() => db.drop());
  beforeEach(() => db.database.query('TRUNCATE cluster, sync_worker CASCADE'));

  const worker = (ttlMs = 60_000): LeaseRepository => new LeaseRepository(db.database, ttlMs);
  const add = async (count: number): Promise<string[]> => {
    const names = Array.from({ length: count }, (_, index) => `c${index}`);
    const rows = await Promise.all(names.map((name) => clusters.create({ name, source: { type: 'upload' } })));
    return rows.map(({ id }) => id);
  };
  /** As if the worker had died: its row expires, its leases stay. */
  const expire = (one: LeaseRepository): Promise<unknown> =>
    db.database.query(`UPDATE sync_worker SET expires_at = now() - interval '1 s' WHERE id = $1`, [one.workerId]);
  const only = (leases: readonly ClusterLease[]): ClusterLease => {
    expect(leases).toHaveLength(1);
    return leases[0] as ClusterLease;
  };

  it('spread so that quotas differ by one at most and add up', async () => {
    await add(7);
    const workers = [worker(), worker(), worker()];
    for (const one of workers) await one.beat(STAY);
    const quotas = await Promise.all(workers.map(async (one) => (await one.beat(STAY)).quota));
    expect([...quotas].sort()).toEqual([2, 2, 3]);
    await workers[0]?.beat({ isLeaving: true });
    const left = await Promise.all(workers.slice(1).map(async (one) => (await one.beat(STAY)).quota));
    expect([...left].sort()).toEqual([3, 4]);
    expect((await workers[0]?.beat({ isLeaving: true }))?.quota).toBe(0);
  });

  it('are given to one worker each, also when all claim at once, and not for a paused cluster', async () => {
    const ids = await add(20);
    await clusters.update(ids[0] ?? '', { paused: true });
    const workers = Array.from({ length: 5 }, () => worker());
    await Promise.all(workers.map((one) => one.beat(STAY)));
    const claimed = (await Promise.all(workers.map((one) => one.claim(10)))).flat();
    expect(claimed.map(({ clusterId }) => clusterId).sort()).toEqual(ids.slice(1).sort());
    expect(new Set(claimed.map(({ epoch }) => epoch)).size).toBe(19);
  });

  it('of a dead worker are free, of a living one are not', async () => {
    await add(1);
    const [dead, heir] = [worker(), worker()];
    await dead.beat(STAY);
    await heir.beat(STAY);
    const before = only(await dead.claim(1));
    expect(await heir.claim(1)).toEqual([]);
    await expire(dead);
    const after = only(await heir.claim(1));
    expect(after).toMatchObject({ clusterId: before.clusterId });
    expect(after.epoch).not.toBe(before.epoch);
    expect((await dead.beat(STAY)).leases).toEqual([]);
  });

  it('keep a worker that lost one from writing, also once it has it again', async () => {
    const [id = ''] = await add(1);
    const [slow, heir] = [worker(), worker()];
    await slow.beat(STAY);
    await heir.beat(STAY);
    const old = only(await slow.claim(1));
    await snapshots.persist(id, BATCH, old);
    await expire(slow);
    const taken = only(await heir.claim(1));
    const lost = { code: 'cluster.lease_lost' };
    await expect(snapshots.persist(id, BATCH, old)).rejects.toMatchObject(lost);
    await expect(clusters.report(old, { state: 'error' })).rejects.toMatchObject(lost);
    await clusters.report(taken, { state: 'synced', lastSyncedAt: new Date(5), counts: { Pod: 1 }, problems: [] });
    expect(await clusters.get(id)).toMatchObject({ state: 'synced', lastSyncedAt: new Date(5), counts: { Pod: 1 } });
    await heir.release(taken);
    await slow.beat(STAY);
    const again = only(await slow.claim(1));
    await expect(snapshots.persist(id, BATCH, old)).rejects.toMatchObject(lost);
    await expect(snapshots.persist(id, BATCH, again)).resolves.toMatchObject({ seq: 1, created: false });
  });

  it('are not taken over in the middle of a write', async () => {
    await add(1);
    const [slow, heir] = [worker(), worker()];
    await slow.beat(STAY);
    await heir.beat(STAY);
    const lease = only(await slow.claim(1));
    await db.database.transaction(async (client) => {
      await client.query('SELECT 1 FROM cluster_lease WHERE epoch = $1 FOR KEY SHARE', [lease.epoch]);
      await expire(slow);
      expect(await heir.claim(1)).toEqual([]);
    });
    expect(await heir.claim(1)).toHaveLength(1);
  });

  it('end with their cluster and with their worker', async () => {
    const [first = '', second = ''] = await add(2);
    const one = worker();
    await one.beat(STAY);
    const leases = await one.claim(2);
    await clusters.remove(first);
    expect((await one.beat(STAY)).leases.map(({ clusterId }) => clusterId)).toEqual([second]);
    const gone = leases.find(({ clusterId }) => clusterId === first) as ClusterLease;
    await expect(clusters.report(gone, { message: 'late' })).rejects.toMatchObject({ code: 'cluster.lease_lost' });
    await one.leave();
    const other = worker();
    await other.beat(STAY);
    expect(only(await other.claim(5)).clusterId).toBe(second);
  });
});
