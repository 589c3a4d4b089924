import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemAccess } from '#access';
import { Schedules } from '#analysis';
import { JobRunRepository, ScheduleRepository } from '#store';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { RoleProcess } from '../support/role-process.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';
import { SHOP } from './api/shop.js';
import { untilWithin } from './api/until.js';

const SYSTEM = () => systemAccess('test');
const LIMIT_MS = 60_000;
const NIGHTLY = { name: 'nightly', cron: '30 1 * * *', timeZone: 'Europe/Berlin', task: { type: 'audit' } } as const;

const until = untilWithin(30_000);

describe('schedules', () => {
  let api: ApiUnderTest;
  const create = (body: object) => api.request('POST', '/api/v1/schedules', body);
  const runsOf = async (name: string) =>
    expectDescribed('listScheduleRuns', await api.request('GET', `/api/v1/schedules/${name}/runs?limit=100`)).items;
  const setDue = (name: string, when: string) =>
    api.database.database.query(`UPDATE schedule SET next_at = ${when} WHERE name = $1`, [name]);

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
    await api.seed('other', SHOP);
  });
  afterAll(() => api.close());

  it('are previewed with the clock changes of their time zone', async () => {
    const reply = await api.request(
      'GET',
      '/api/v1/schedules/preview?cron=0%206%20*%20*%20mon&timeZone=Asia/Tokyo&count=2',
    );
    const [first, second] = expectDescribed('previewSchedule', reply).items;
    expect(first?.local).toMatch(/^\d{4}-\d\d-\d\d 06:00 GMT\+09:00$/);
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBe(7 * 86_400_000);
    const wrong = await api.request('GET', '/api/v1/schedules/preview?cron=every%20day');
    expect(wrong).toMatchObject({ status: 400, json: { code: 'request.invalid', errors: [{ pointer: '/cron' }] } });
  });

  it('are made, changed, paused and removed', async () => {
    const made = expectDescribed('createSchedule', await create({ ...NIGHTLY, clusters: ['shop'] }));
    expect(made).toMatchObject({
      ...NIGHTLY,
      clusters: ['shop'],
      paused: false,
      requester: 'anonymous',
      lastRun: null,
    });
    expect(made.next).toHaveLength(3);
    expect(await create(NIGHTLY)).toMatchObject({ status: 409, json: { code: 'conflict' } });
    const path = `/api/v1/schedules/${made.name}`;
    const patched = await api.request('PATCH', path, { paused: true, clusters: null, cron: '@hourly' });
    expect(expectDescribed('updateSchedule', patched)).toMatchObject({ paused: true, clusters: null, next: [] });
    expect(expectDescribed('getSchedule', await api.request('GET', path)).cron).toBe('@hourly');
    const list = expectDescribed('listSchedules', await api.request('GET', '/api/v1/schedules?limit=1'));
    expect(list.items.map(({ name }) => name)).toEqual(['nightly']);
    const rest = await api.request('GET', `/api/v1/schedules?cursor=${list.page.nextCursor ?? ''}`);
    expect(expectDescribed('listSchedules', rest).items).toMatchObject([
      { name: 'retention', task: { type: 'retention' }, cron: '17 3 * * *', requester: 'system:setup' },
    ]);
    expectDescribed('removeSchedule', await api.request('DELETE', path));
    expect(await api.request('GET', path)).toMatchObject({ status: 404, json: { code: 'not_found' } });
  });

  it.each([
    [{ ...NIGHTLY, cron: '61 * * * *' }, 400, '/cron'],
    [{ ...NIGHTLY, timeZone: 'Mars/Olympus' }, 400, '/timeZone'],
    [{ ...NIGHTLY, task: { type: 'audit', checks: ['no-such-check'] } }, 400, '/checks'],
    [{ ...NIGHTLY, task: { type: 'dance' } }, 400, '/task/type'],
    [{ ...NIGHTLY, task: { type: 'runbook', runbook: 'service-unreachable' } }, 400, '/from'],
    [{ ...NIGHTLY, clusters: ['nope'] }, 404, undefined],
  ])('are refused: %j', async (body, status, pointer) => {
    const reply = await create(body);
    expect(reply.status).toBe(status);
    if (pointer !== undefined)
      expect(reply.json).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ pointer })]) });
  });

  it('go by GraphQL too', async () => {
    const made = await api.graphql(
      `mutation($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { id name clusters
         task { type runbook namespace port } next { local } } } }`,
      {
        input: {
          name: 'egress',
          cron: '0 * * * *',
          clusters: ['shop'],
          task: { type: 'RUNBOOK', runbook: 'unexpected-internet-egress', namespace: 'shop' },
        },
      },
    );
    const task = { type: 'RUNBOOK', runbook: 'unexpected-internet-egress', namespace: 'shop', port: null };
    expect(made.json).toMatchObject({
      data: { createSchedule: { schedule: { name: 'egress', clusters: ['shop'], task } } },
    });
    const changed = await api.graphql(
      'mutation { updateSchedule(input: {schedule: "egress", paused: true}) { schedule { paused cron clusters next { at } } } }',
    );
    const schedule = { paused: true, cron: '0 * * * *', clusters: ['shop'], next: [] };
    expect(changed.json).toEqual({ data: { updateSchedule: { schedule } } });
    const run = await api.graphql('mutation { runSchedule(input: {schedule: "egress"}) { job { isFlow name } } }');
    expect(run.json).toEqual({ data: { runSchedule: { job: { isFlow: true, name: 'RUNBOOK_RUN' } } } });
    const seen = await api.graphql(
      '{ schedule(id: "egress") { lastRun { requester missed } } none: schedule(id: "nope") { id } scheduleRuns(schedule: "egress") { edges { node { state } } } }',
    );
    expect(seen.json).toMatchObject({
      data: { schedule: { lastRun: { requester: 'anonymous', missed: 0 } }, none: null, scheduleRuns: { edges: [{}] } },
    });
    const removed = await api.graphql('mutation { removeSchedule(input: {schedule: "egress"}) { removedScheduleId } }');
    expect(removed.status).toBe(200);
  });

  it('are left due by a worker that dies while it starts one, and are started once by the many that look next', async () => {
    expectDescribed('createSchedule', await create({ ...NIGHTLY, name: 'fragile', clusters: ['shop'] }));
    await setDue('fragile', `date_trunc('minute', now())`);
    const { database } = api.database;
    const [repository, runs] = [new ScheduleRepository(database, SYSTEM), new JobRunRepository(database, SYSTEM)];
    const { id, nextAt } = await repository.get('fragile');
    const flow = { name: 'audit.run', clusterId: null, input: {}, requester: '' } as const;
    const taken = repository.taking(id, nextAt as Date, new Date(Date.now() + 3_600_000), 0);
    const dying = runs.createFlow(flow, [], async (client, jobId) => {
      await taken(client, jobId);
      await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(dying).rejects.toThrow();
    expect(await runsOf('fragile')).toEqual([]);
    const schedules = api.app.get(Schedules, { strict: false });
    const started = await Promise.all(Array.from({ length: 8 }, () => schedules.runDue(new Date())));
    expect(started.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await runsOf('fragile')).toMatchObject([{ missed: 0, state: 'running' }]);
    expect(await schedules.runDue(new Date())).toBe(0);
  });

  it('may be removed while their jobs run, which end all the same', async () => {
    const run = await api.request('POST', '/api/v1/schedules/fragile/run');
    const { id } = run.json as { id: string };
    expectDescribed('removeSchedule', await api.request('DELETE', '/api/v1/schedules/fragile'));
    expect((await api.request('GET', '/api/v1/schedules/fragile/runs')).status).toBe(404);
    await api.app.get(Schedules, { strict: false }).tellResults();
    const worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    const ended = await until(async () => {
      const { json } = await api.request('GET', `/api/v1/jobs/${id}`);
      return (json as { state: string }).state === 'running' ? null : json;
    });
    expect(ended).toMatchObject({ state: 'succeeded' });
    await worker.close();
    await api.database.database.query('DELETE FROM audit_report');
  });

  it(
    'come round once for each due time with two workers, make up for downtime once, and leave the paused alone',
    async () => {
      const names = Array.from({ length: 10 }, (_, index) => `every-${String(index)}`);
      for (const name of [...names, 'asleep']) {
        const reply = await create({ ...NIGHTLY, name, cron: '0 * * * *', timeZone: 'UTC', clusters: ['shop'] });
        expectDescribed('createSchedule', reply);
      }
      await api.request('PATCH', '/api/v1/schedules/asleep', { paused: true });
      const workers = [0, 1].map(() => RoleProcess.spawn('worker', { DATABASE_URL: api.database.url }));
      try {
        for (const worker of workers) await worker.says(/worker is running/);
        // Five due times passed while nobody looked: the clock is moved by moving what is due.
        for (const name of [...names, 'asleep']) await setDue(name, `date_trunc('hour', now()) - interval '4 hours'`);
        for (const name of names) {
          const runs = await until(async () => {
            const found = await runsOf(name);
            return found[0]?.state === 'succeeded' ? found : null;
          });
          expect(runs).toHaveLength(1);
          expect(runs[0]).toMatchObject({ missed: 4, requester: '', result: expect.stringContaining('/api/v1/jobs') });
        }
        expect(await runsOf('asleep')).toEqual([]);
        const { rows } = await api.database.database.query<{ reports: number; next: boolean }>(
          `SELECT (SELECT count(*)::int FROM audit_report) AS reports,
             (SELECT bool_and(next_at = date_trunc('hour', now()) + interval '1 hour') FROM schedule WHERE name LIKE 'every-%') AS next`,
        );
        expect(rows).toEqual([{ reports: names.length, next: true }]);
        const counts = workers.map(({ log }) => log.split('scheduled work was started').length - 1);
        expect(Math.max(...counts)).toBeGreaterThan(0);
        const manual = await api.request('POST', '/api/v1/schedules/asleep/run', undefined, { prefer: 'wait=20' });
        expect(manual).toMatchObject({ status: 200, json: { state: 'succeeded', isFlow: true } });
        expect(await runsOf('asleep')).toMatchObject([{ requester: 'anonymous', missed: 0, state: 'succeeded' }]);
      } finally {
        await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
      }
    },
    LIMIT_MS,
  );
});
