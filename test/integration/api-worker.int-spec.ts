import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstOf, SNAPSHOT_ORDER } from '#store';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { runAsSystem } from '#access';
import { Jobs } from '#analysis';
import { normaliseObject, type Fact } from '#engine';
import { createLog } from '#telemetry';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';

const DAY_MS = 86_400_000;

describe('the worker', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    api = await startApiUnderTest();
    const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
    const log = createLog({ level: 'info', format: 'json', app: 'worker', destination });
    worker = await createWorker({ ...api.config, app: 'worker' }, log);
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  const jobs = (): Jobs => api.app.get(Jobs, { strict: false });
  it('deletes snapshots past their age, and keeps what later times still need', async () => {
    const { id } = await api.clusters.create({ name: 'old', source: { type: 'upload' } });
    for (const [name, days] of [
      ['a', 90],
      ['b', 60],
      ['c', 1],
    ] as const) {
      const { fact } = normaliseObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await api.snapshots.persist(id, {
        upserts: [fact as Fact],
        deletes: [],
        replace: [],
        completeness: {},
        takenAt: new Date(Date.now() - days * DAY_MS),
      });
    }
    const done = await runAsSystem('test', async () => {
      const { id: job } = await jobs().start({ name: 'retention.run', input: {}, clusterId: null });
      return jobs().settled(job, 10_000);
    });
    expect(done).toMatchObject({ state: 'succeeded', result: null });
    const kept = (await api.snapshots.list(id, firstOf(SNAPSHOT_ORDER, 10))).map((snapshot) => snapshot.seq);
    expect(kept).toEqual([3, 2]);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'old snapshots deleted', snapshots: 1 }));
  });

  it('has nothing to do for a cluster that is gone', async () => {
    const { id } = await api.clusters.create({ name: 'gone', source: { type: 'upload' } });
    await api.clusters.remove(id);
    await expect(
      runAsSystem('test', () => jobs().start({ name: 'cluster.resync', input: { clusterId: id }, clusterId: null })),
    ).resolves.toMatchObject({
      state: 'queued',
    });
    const [{ id: job } = { id: '' }] = (await runAsSystem('test', () => jobs().list({ limit: 1 }))).items;
    expect(await runAsSystem('test', () => jobs().settled(job, 10_000))).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      error: null,
    });
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'cluster is gone, nothing to read again' }));
  });
});
