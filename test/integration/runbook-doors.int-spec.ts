import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadRunbooks } from '#checks';
import { silentLog } from '#telemetry';
import { runOnTerminal } from '../../apps/cli/src/testing/run-on-terminal.js';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';
import { untilWithin } from './api/until.js';

interface Run {
  readonly id: string;
  readonly runbook: string;
  readonly result: string;
  readonly answer: string;
}

/** What each runbook is asked here. */
const QUESTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'service-unreachable': { from: 'shop/web', to: 'shop/db', port: '5432' },
  'namespace-lost-connectivity': { namespace: 'shop' },
  'cross-namespace-access': { from: 'shop/web', to: 'shop/db', port: '5432' },
  'policies-without-effect': {},
  'conntrack-saturation': { node: 'worker-1' },
  'dns-resolution-fails': { namespace: 'shop' },
  'unexpected-internet-egress': { namespace: 'shop' },
  'apiserver-egress-blocked': { from: 'shop/web' },
};
/** What has nothing to do with a cluster's trouble: somebody asks it before a change. */
const ASKED_BY_PEOPLE = 'before-applying';

const until = untilWithin(40_000);

describe('every runbook', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  const runsOf = async (runbook: string): Promise<readonly Run[]> => {
    const path = `/api/v1/clusters/shop/runbook-runs?runbook=${runbook}&limit=100`;
    return ((await api.request('GET', path)).json as { items: readonly Run[] }).items;
  };

  it('is among those that are asked here', async () => {
    const ids = (await loadRunbooks()).map(({ id }) => id);
    expect(ids.sort()).toEqual([...Object.keys(QUESTIONS), ASKED_BY_PEOPLE].sort());
  });

  it.each(Object.entries(QUESTIONS))('comes to the same by each door: %s', async (runbook, inputs) => {
    const asked = await api.request('POST', '/api/v1/clusters/shop/runbook-runs', { runbook, ...inputs });
    const { answer, result } = asked.json as Run;
    expect([asked.status, answer]).toEqual([201, expect.stringMatching(/\w/)]);

    const mutation = `mutation($input: RunRunbookInput!) { runRunbook(input: $input) { ... on RunbookRun { answer } } }`;
    const byGraphql = await api.graphql(mutation, { input: { cluster: 'shop', runbook, ...inputs } });
    expect(byGraphql.json).toEqual({ data: { runRunbook: { answer } } });

    const flags = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]);
    const where = ['--server', api.url, '--cluster', 'shop'];
    const byTerminal = await runOnTerminal(['runbook', 'run', runbook, ...where, ...flags]);
    expect(byTerminal.out.split('\n')[0]).toContain(answer);
    expect(byTerminal.code).toBe({ 'not-the-cause': 0, 'cause-found': 1, undetermined: 4 }[result]);

    const schedule = {
      name: runbook,
      cron: '0 4 * * *',
      task: { type: 'runbook', runbook, inputs },
      clusters: ['shop'],
    };
    expect((await api.request('POST', '/api/v1/schedules', schedule)).status).toBe(201);
    const job = await api.request('POST', `/api/v1/schedules/${runbook}/run`, undefined, { prefer: 'wait=30' });
    expect(job).toMatchObject({ status: 200, json: { state: 'succeeded' } });

    const alert = {
      status: 'firing',
      annotations: {},
      fingerprint: runbook,
      labels: { alertname: 'Any', runbook, ...inputs },
    };
    const told = await api.request('POST', '/api/v1/alerts/alertmanager?cluster=shop', {
      ...{ version: '4', groupKey: 'g', status: 'firing', receiver: 'atlas' },
      ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {} },
      alerts: [{ ...alert, startsAt: '2026-11-27T03:00:00Z', endsAt: '0001-01-01T00:00:00Z' }],
    });
    expect(told).toMatchObject({ status: 200, json: { fresh: 1, left: [] } });

    const runs = await until(async () => {
      const found = await runsOf(runbook);
      return found.length >= 5 ? found : null;
    });
    expect(runs.map((run) => run.answer)).toEqual(Array(5).fill(answer));
  });

  it('that asks about manifests is asked by people alone', async () => {
    const task = { type: 'runbook', runbook: ASKED_BY_PEOPLE, inputs: {} };
    const reply = await api.request('POST', '/api/v1/schedules', { name: 'before', cron: '0 4 * * *', task });
    expect(reply).toMatchObject({ status: 400, json: { errors: [{ pointer: '/manifests' }] } });
  });
});
