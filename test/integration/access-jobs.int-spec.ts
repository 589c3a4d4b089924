import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { silentLog } from '#telemetry';
import type { ApiUnderTest } from './api/api-under-test.js';
import { startWithLimitedCaller, type LimitedCaller } from './api/limited-caller.js';
import { SHOP } from './api/shop.js';
import { PLANTED, TWO_TENANTS } from './api/tenants.js';
import { untilWithin } from './api/until.js';

type Headers = Record<string, string>;

const until = untilWithin(30_000);
const LISTS = ['reports', 'schedules', 'channels', 'deliveries', 'jobs', 'audits'] as const;

/** What an admin has made: of cluster `shop`, which has two namespaces, and of it and another one. */
describe('reports, schedules, channels and jobs of an admin', () => {
  let limited: LimitedCaller;
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  const ids = { report: '', delivery: '', flow: '', part: '' };

  beforeAll(async () => {
    limited = await startWithLimitedCaller();
    ({ api } = limited);
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    await api.seed('shop', TWO_TENANTS);
    await api.seed(PLANTED.cluster, SHOP);
    const target = { type: 'slack', url: 'https://127.0.0.1:1/none' };
    const events = ['report.ready', 'schedule.result'];
    const task = { type: 'audit' };
    const both = ['shop', PLANTED.cluster];
    for (const [name, clusters] of [
      ['of-shop', ['shop']],
      ['of-both', both],
      ['of-all', undefined],
    ] as const) {
      await made('channels', { name, target, events, clusters });
      await made('schedules', { name, cron: '0 3 1 1 *', task, clusters });
    }
    ids.report = await made('reports', { cluster: 'shop', formats: ['json'] });
    ids.flow = await made('schedules/of-both/run', undefined);
    const parts = await api.request('GET', `/api/v1/jobs?parent=${ids.flow}&cluster=shop`, undefined, limited.root);
    ids.part = (parts.json as { items: { id: string }[] }).items[0]?.id ?? '';
    ids.delivery = await until(async () => {
      const path = '/api/v1/deliveries?state=dead&channel=of-both';
      const { json } = await api.request('GET', path, undefined, limited.root);
      return (json as { items: { id: string }[] }).items[0]?.id ?? null;
    });
  });
  afterAll(async () => {
    await worker.close();
    await limited.close();
  });

  const made = async (path: string, body: object | undefined): Promise<string> => {
    const reply = await api.request('POST', `/api/v1/${path}`, body, { ...limited.root, prefer: 'wait=30' });
    expect([path, reply.status < 300, reply.text]).toEqual([path, true, expect.stringContaining('"id"')]);
    return (reply.json as { id: string }).id;
  };
  const filled = (path: string): string => path.replace(/\{(\w+)\}/, (_, name: keyof typeof ids) => ids[name]);
  const statusOf = async (who: Headers, method: string, path: string, body?: object): Promise<number> =>
    (await api.request(method, `/api/v1/${path}`, body, who)).status;
  const namesOf = async (who: Headers, list: string): Promise<string[]> => {
    const { json, status } = await api.request('GET', `/api/v1/${list}?limit=100`, undefined, who);
    expect([list, status]).toEqual([list, 200]);
    const { items } = json as { items: { id: string; name?: string; channel?: string }[] };
    return items.map(({ id, name, channel }) => channel ?? name ?? id).sort();
  };

  it.each([
    ['GET', 'reports/{report}'],
    ['GET', 'reports/{report}/files/json'],
    ['DELETE', 'reports/{report}'],
    ['GET', 'jobs/{report}'],
    ['GET', 'jobs/{part}'],
    ['GET', 'jobs/{part}/events'],
    ['GET', 'schedules/of-shop'],
    ['GET', 'schedules/of-shop/runs'],
    ['PATCH', 'schedules/of-shop'],
    ['POST', 'schedules/of-shop/run'],
    ['DELETE', 'schedules/of-shop'],
    ['GET', 'channels/of-shop'],
    ['PATCH', 'channels/of-shop'],
    ['POST', 'channels/of-shop/test'],
    ['DELETE', 'channels/of-shop'],
    ['GET', 'deliveries?channel=of-shop'],
    ['POST', 'deliveries/{delivery}/again'],
  ] as const)('are not there for an admin of one namespace: %s %s', async (method, path) => {
    const body = method === 'PATCH' ? { paused: true } : undefined;
    expect(await statusOf(limited.sue, method, filled(path), body)).toBe(404);
  });

  it.each([
    ['GET', 'jobs/{flow}'],
    ['GET', 'jobs/{flow}/events'],
    ['DELETE', 'jobs/{flow}'],
    ['GET', 'schedules/of-both'],
    ['GET', 'schedules/of-both/runs'],
    ['POST', 'schedules/of-both/run'],
    ['DELETE', 'schedules/of-all'],
    ['GET', 'channels/of-both'],
    ['POST', 'channels/of-all/test'],
    ['POST', 'deliveries/{delivery}/again'],
  ] as const)('are not there for an admin of one of the clusters: %s %s', async (method, path) => {
    expect(await statusOf(limited.bob, method, filled(path))).toBe(404);
  });

  it('are listed for who sees the whole of what they are about', async () => {
    for (const list of LISTS) expect([list, await namesOf(limited.sue, list)]).toEqual([list, expectedOfSue(list)]);
    expect(await namesOf(limited.bob, 'reports')).toEqual([ids.report]);
    expect(await namesOf(limited.bob, 'schedules')).toEqual(['of-shop']);
    expect(await namesOf(limited.bob, 'channels')).toEqual(['of-shop']);
    expect(new Set(await namesOf(limited.bob, 'deliveries'))).toEqual(new Set(['of-shop']));
    expect(await statusOf(limited.bob, 'GET', `jobs/${ids.part}`)).toBe(200);
    expect(await statusOf(limited.bob, 'GET', `reports/${ids.report}/files/json`)).toBe(200);
    expect(await namesOf(limited.root, 'schedules')).toEqual(['of-all', 'of-both', 'of-shop', 'retention']);
  });

  /** Audits tell everybody of their own namespaces; the rest is about whole clusters. */
  const expectedOfSue = (list: (typeof LISTS)[number]): unknown =>
    list === 'audits' ? expect.arrayContaining([ids.report]) : [];

  it('are null or left out by GraphQL too', async () => {
    const query = `query($report: ID!, $job: ID!) {
      report(id: $report) { publicKey } job(id: $job) { id } schedule(id: "of-shop") { id }
      reports { edges { node { id } } } schedules { edges { node { id } } } channels { edges { node { id } } }
      deliveries { edges { node { id } } } jobs { edges { node { id } } } }`;
    const variables = { report: ids.report, job: ids.part };
    const reply = await api.request('POST', '/graphql', { query, variables }, limited.sue);
    const none = { edges: [] };
    expect(reply.json).toEqual({
      data: {
        report: null,
        job: null,
        schedule: null,
        reports: none,
        schedules: none,
        channels: none,
        deliveries: none,
        jobs: none,
      },
    });
  });

  it('cannot be made by who does not see the whole', async () => {
    const target = { type: 'slack', url: 'https://example.com/x' };
    for (const [path, body] of [
      ['reports', { cluster: 'shop', formats: ['json'] }],
      ['schedules', { name: 'mine', cron: '0 3 1 1 *', task: { type: 'audit' }, clusters: ['shop'] }],
      ['channels', { name: 'mine', target, events: ['report.ready'], clusters: ['shop'] }],
    ] as const) {
      expect([path, await statusOf(limited.sue, 'POST', path, body)]).toEqual([path, 403]);
    }
    const all = { name: 'mine', cron: '0 3 1 1 *', task: { type: 'audit' } };
    expect(await statusOf(limited.bob, 'POST', 'schedules', all)).toBe(403);
    expect(await statusOf(limited.bob, 'POST', 'channels', { name: 'mine', target, events: ['report.ready'] })).toBe(
      403,
    );
  });
});
