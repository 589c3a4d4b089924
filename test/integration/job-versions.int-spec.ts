import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobRunner } from '#analysis';
import type { JobRunRecord, JobRunRepository } from '#store';
import { silentLog } from '#telemetry';
import type { TestDatabase } from '../support/database.js';
import { createJobRows } from '../support/job-rows.js';

describe('jobs whose input another version wrote', () => {
  let test: TestDatabase;
  let runs: JobRunRepository;
  let clusterId: string;

  beforeAll(async () => {
    ({ test, runs, clusterId } = await createJobRows());
  });
  afterAll(() => test.drop());

  const written = (more: object): Promise<JobRunRecord> =>
    runs.create({ name: 'cluster.resync', clusterId, input: { clusterId, ...more }, requester: 'ann' });
  /** A worker of this version takes the job; says whether it did it. */
  const offered = async ({ id }: JobRunRecord): Promise<boolean> => {
    let isDone = false;
    await new JobRunner(runs, silentLog).execute('cluster.resync', { runId: id, delivery: 0 }, () => {
      isDone = true;
      return Promise.resolve({ result: null });
    });
    return isDone;
  };

  it('are left to its workers, for whom none of the tries is used up', async () => {
    const run = await written({ depth: 2 });
    for (let times = 1; times <= 3; times++) {
      expect(await offered(run)).toBe(false);
      expect(await runs.get(run.id)).toMatchObject({ state: 'queued', attempts: times, losses: times, error: null });
    }
    await test.database.query(`UPDATE job_run SET input = input - 'depth' WHERE id = $1`, [run.id]);
    expect(await offered(run)).toBe(true);
    expect(await runs.get(run.id)).toMatchObject({ state: 'succeeded', attempts: 4, losses: 3 });
  });

  it('are cancelled all the same', async () => {
    const run = await written({ depth: 3 });
    await offered(run);
    await runs.cancel(run.id);
    expect(await offered(run)).toBe(false);
    expect(await runs.get(run.id)).toMatchObject({ state: 'cancelled' });
  });

  it('fail when no such worker comes', async () => {
    const run = await written({ depth: 4 });
    for (let times = 1; times <= 20; times++) await offered(run);
    await expect(offered(run)).rejects.toMatchObject({ code: 'request.invalid', retryable: false });
    const error = { code: 'request.invalid', message: '`/depth`: unknown field `depth`, remove it' };
    expect(await runs.get(run.id)).toMatchObject({ state: 'failed', error });
  });
});
