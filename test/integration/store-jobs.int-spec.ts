import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Access, ALL_NAMES, ANONYMOUS, type NameSet } from '#access';
import { type ClusterRepository, firstOf, JOB_ORDER, JobRunRepository, type JobLease, type JobRunRecord } from '#store';
import type { TestDatabase } from '../support/database.js';
import { createJobRows } from '../support/job-rows.js';

const LEASE_MS = 60_000;
const NEWEST = firstOf(JOB_ORDER, 100);

describe('jobs as rows', () => {
  let test: TestDatabase;
  let runs: JobRunRepository;
  let clusters: ClusterRepository;
  let clusterId: string;

  beforeAll(async () => {
    ({ test, runs, clusters, clusterId } = await createJobRows());
  });
  afterAll(() => test.drop());

  const job = (of: string = randomUUID()) =>
    ({ name: 'cluster.resync', clusterId, input: { clusterId: of }, requester: 'ann' }) as const;
  const leaseOf = ({ id }: { id: string }): JobLease => ({ id, token: randomUUID() });
  const claimed = async (run: JobRunRecord, leaseMs = LEASE_MS): Promise<JobLease> => {
    const lease = leaseOf(run);
    expect(await runs.claim(lease, leaseMs)).toMatchObject({ id: run.id, state: 'running' });
    return lease;
  };
  const eventsOf = async (id: string): Promise<string[]> =>
    (await runs.events(id, 0, 100)).map(({ seq, event, data }) => `${String(seq)} ${event} ${JSON.stringify(data)}`);

  /** Until a transaction of this database waits for another one's row. */
  const untilSomebodyWaits = async (): Promise<void> => {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await test.database.query(waiting)).rowCount === 0) await sleep(10);
  };

  it('keep one of two that wait for the same, and take a second one as soon as the first runs', async () => {
    const first = await runs.create(job(clusterId));
    expect((await runs.create(job(clusterId))).id).toBe(first.id);
    await claimed(first);
    expect((await runs.create(job(clusterId))).id).not.toBe(first.id);
  });

  it('are there for who started them and who sees all of their cluster, and for nobody else', async () => {
    const as = (subject: string, namespaces: NameSet): JobRunRepository =>
      new JobRunRepository(test.database, () => {
        const grants = [{ role: 'operator' as const, clusters: ALL_NAMES, namespaces }];
        return new Access({ ...ANONYMOUS, subject, grants }, 'job.read', grants);
      });
    const shop = { names: ['shop'], labels: null };
    const [ann, sue, root] = [as('ann', shop), as('sue', shop), as('root', ALL_NAMES)];
    const wanted = job();
    const run = await ann.create(wanted);
    expect(await ann.get(run.id)).toMatchObject({ id: run.id });
    expect(await root.get(run.id)).toMatchObject({ id: run.id });
    const all = { clusterIds: null };
    expect((await root.list(all, NEWEST)).map(({ id }) => id)).toContain(run.id);
    expect(await sue.list(all, NEWEST)).toEqual([]);
    for (const look of [sue.get(run.id), sue.cancel(run.id)]) {
      await expect(look).rejects.toMatchObject({ code: 'job.not_found' });
    }
    // One that would do the same, and that she may look at.
    const own = await sue.create({ ...wanted, requester: 'sue' });
    expect(own.id).not.toBe(run.id);
    expect(await sue.list(all, NEWEST)).toMatchObject([{ id: own.id }]);
  });

  it('are taken by one of many', async () => {
    const run = await runs.create(job());
    const claims = await Promise.all(Array.from({ length: 8 }, () => runs.claim(leaseOf(run), LEASE_MS)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    expect(await runs.get(run.id)).toMatchObject({ attempts: 1, losses: 0, requester: 'ann' });
  });

  it('tell progress and findings as numbered events, and end with what they made or not at all', async () => {
    const run = await runs.create(job());
    const lease = await claimed(run);
    await runs.progress(lease, { done: 1, total: 2, phase: 'checks' });
    await runs.findings(lease, [{ n: 1 }, { n: 2 }]);
    const broken = runs.finish(lease, { state: 'succeeded', result: '/x' }, async (client) => {
      await client.query('SELECT 1 / 0');
    });
    await expect(broken).rejects.toThrow('division by zero');
    expect((await runs.get(run.id)).state).toBe('running');
    await runs.finish(lease, { state: 'succeeded', result: '/x' });
    expect(await runs.get(run.id)).toMatchObject({ state: 'succeeded', result: '/x', progress: { done: 2, total: 2 } });
    expect(await eventsOf(run.id)).toEqual([
      '1 progress {"done":1,"phase":"checks","total":2}',
      '2 finding {"n":1}',
      '3 finding {"n":2}',
      '4 done {"state":"succeeded","result":"/x"}',
    ]);
    expect((await runs.events(run.id, 3, 10)).map(({ seq }) => seq)).toEqual([4]);
  });

  it('go to another worker when their lease is over, and the slow one can write nothing any more', async () => {
    const run = await runs.create(job());
    const slow = await claimed(run, -1);
    const quick = await claimed(run);
    const lost = { code: 'job.lease_lost' };
    await expect(runs.renew(slow, LEASE_MS)).rejects.toMatchObject(lost);
    await expect(runs.progress(slow, { done: 1, total: 1, phase: '' })).rejects.toMatchObject(lost);
    await expect(runs.finish(slow, { state: 'succeeded', result: null })).rejects.toMatchObject(lost);
    await runs.finish(quick, { state: 'succeeded', result: null });
    expect(await runs.get(run.id)).toMatchObject({ state: 'succeeded', attempts: 2, losses: 1 });
  });

  it('are found by the sweeper when a worker died, and given up after twenty workers', async () => {
    const run = await runs.create(job());
    for (let death = 1; death <= 21; death++) {
      await claimed(run, -1);
      const due = (await runs.sweep()).filter(({ id }) => id === run.id);
      if (death <= 20) expect(due).toEqual([{ id: run.id, name: 'cluster.resync', delivery: death }]);
      else expect(due).toEqual([]);
    }
    expect(await runs.get(run.id)).toMatchObject({ state: 'failed', error: { code: 'job.lost' } });
  });

  it('are delivered again when nobody took them for a minute', async () => {
    const run = await runs.create(job());
    expect((await runs.sweep()).map(({ id }) => id)).not.toContain(run.id);
    await test.database.query(`UPDATE job_run SET delivered_at = now() - interval '2 min' WHERE id = $1`, [run.id]);
    expect((await runs.sweep()).map(({ id }) => id)).toContain(run.id);
    expect((await runs.sweep()).map(({ id }) => id)).not.toContain(run.id);
  });

  it('are cancelled at once while they wait, and asked to stop while they run', async () => {
    const waiting = await runs.create(job());
    expect(await runs.cancel(waiting.id)).toMatchObject({ state: 'cancelled' });
    expect(await runs.claim(leaseOf(waiting), LEASE_MS)).toBeNull();
    expect(await eventsOf(waiting.id)).toEqual(['1 failed {"state":"cancelled"}']);

    const running = await runs.create(job());
    const lease = await claimed(running);
    expect(await runs.cancel(running.id)).toMatchObject({ state: 'running', cancelRequested: true });
    expect(await runs.renew(lease, LEASE_MS)).toEqual({ cancelRequested: true });
    await runs.finish(lease, { state: 'cancelled' });
    expect((await runs.get(running.id)).state).toBe('cancelled');
  });

  it('end a flow with the last of its parts, however many end at the same time', async () => {
    const parts = Array.from({ length: 12 }, () => job());
    const made = await runs.createFlow({ ...job(), input: {}, clusterId: null }, parts);
    const leases = await Promise.all(made.parts.map((part) => claimed(part)));
    const finish = (lease: JobLease): Promise<void> => runs.finish(lease, { state: 'succeeded', result: null });
    await Promise.all(leases.slice(1).map(finish));
    expect(await runs.get(made.flow.id)).toMatchObject({ state: 'running', progress: { done: 11, total: 12 } });
    await finish(leases[0] as JobLease);
    const flow = await runs.get(made.flow.id);
    expect(flow).toMatchObject({ state: 'succeeded', isFlow: true, progress: { done: 12, total: 12 } });
    expect((await eventsOf(flow.id)).at(-1)).toMatch(/^13 done /);
    expect(await runs.list({ parentId: flow.id, clusterIds: null }, NEWEST)).toHaveLength(12);
    expect(await runs.cancel(flow.id)).toEqual(flow);
  });

  it('fail a flow when a part failed, and cancel it with all its parts', async () => {
    const failing = await runs.createFlow({ ...job(), input: {} }, [job(), job()]);
    const [a, b] = await Promise.all(failing.parts.map((part) => claimed(part)));
    const error = { code: 'internal', message: 'broken' } as const;
    await runs.finish(a as JobLease, { state: 'failed', error });
    await runs.finish(b as JobLease, { state: 'succeeded', result: null });
    expect(await runs.get(failing.flow.id)).toMatchObject({
      state: 'failed',
      error: { code: 'job.part_failed', message: expect.stringContaining('1 of 2 parts failed') },
    });

    const cancelled = await runs.createFlow({ ...job(), input: {} }, [job(), job()]);
    const lease = await claimed(cancelled.parts[0] as JobRunRecord);
    expect(await runs.cancel(cancelled.flow.id)).toMatchObject({ state: 'running', cancelRequested: true });
    await runs.finish(lease, { state: 'cancelled' });
    expect(await runs.get(cancelled.flow.id)).toMatchObject({ state: 'cancelled', progress: { done: 2, total: 2 } });
  });

  it.each([
    ['that waits', false],
    ['that runs', true],
  ])('end a flow when a cluster goes with a part %s, whichever part is the last', async (_, isRunning) => {
    for (const isLast of [false, true]) {
      const gone = await clusters.create({ name: 'gone', source: { type: 'upload' } });
      const { flow, parts } = await runs.createFlow({ ...job(), input: {}, clusterId: null }, [
        { ...job(gone.id), clusterId: gone.id },
        job(),
      ]);
      const [going, staying] = parts as [JobRunRecord, JobRunRecord];
      if (isRunning) await claimed(going);
      const lease = await claimed(staying);
      const finish = (): Promise<void> => runs.finish(lease, { state: 'succeeded', result: null });
      if (isLast) await finish();
      await clusters.remove(gone.id);
      if (!isLast) await finish();
      expect(await runs.get(flow.id)).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 } });
    }
  });

  it('end a flow that was being added while a cluster went with one of its parts', async () => {
    const gone = await clusters.create({ name: 'going', source: { type: 'upload' } });
    const parts = [{ ...job(gone.id), clusterId: gone.id }, job()];
    let removal = Promise.resolve();
    const { flow, parts: added } = await runs.createFlow({ ...job(), clusterId: null }, parts, async (client) => {
      // As the part takes it: the removal has looked for jobs by the time that it waits for this.
      await client.query('SELECT 1 FROM cluster WHERE id = $1 FOR KEY SHARE', [gone.id]);
      removal = clusters.remove(gone.id);
      await untilSomebodyWaits();
    });
    await removal;
    await runs.finish(await claimed(added[1] as JobRunRecord), { state: 'succeeded', result: null });
    expect(await runs.get(flow.id)).toMatchObject({ state: 'running', progress: { done: 1, total: 2 } });
    await runs.sweep();
    expect(await runs.get(flow.id)).toMatchObject({ state: 'succeeded', progress: { done: 2, total: 2 } });
    const told = await eventsOf(flow.id);
    await runs.sweep();
    expect(await eventsOf(flow.id)).toEqual(told);
  });

  it('that only another version knows are left to it, and hold up no others', async () => {
    const own = await runs.create(job());
    const { rows } = await test.database.query<{ id: string }>(
      `INSERT INTO job_run (name, input) VALUES ('moon.landing', '{}') RETURNING id`,
    );
    await test.database.query(`UPDATE job_run SET delivered_at = now() - interval '2 min' WHERE state = 'queued'`);
    const due = (await runs.sweep()).map(({ id }) => id);
    expect(due).toContain(own.id);
    expect(due).not.toContain(rows[0]?.id);
  });

  it('are listed newest first, page by page, and go with their cluster', async () => {
    const all = await runs.list({ clusterIds: [clusterId] }, firstOf(JOB_ORDER, 1000));
    const [first, second] = all as [JobRunRecord, JobRunRecord];
    const behindFirst = { ...firstOf(JOB_ORDER, 1), from: [first.queuedAt.toISOString(), first.id] };
    expect(await runs.list({ clusterIds: [clusterId] }, behindFirst)).toEqual([second]);
    expect(await runs.list({ clusterIds: [] }, NEWEST)).toEqual([]);
    expect(
      (await runs.list({ state: 'failed', clusterIds: null }, NEWEST)).every(({ state }) => state === 'failed'),
    ).toBe(true);
    await clusters.remove(clusterId);
    expect(await runs.list({ clusterIds: [clusterId] }, NEWEST)).toEqual([]);
    await expect(runs.get(first.id)).rejects.toMatchObject({ code: 'job.not_found' });
  });
});
