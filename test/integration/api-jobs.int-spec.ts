import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { runAsSystem } from '#access';
import { Jobs } from '#analysis';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';

interface JobReply {
  readonly id: string;
  readonly state: string;
}

/** What an event stream says until it ends, one `event id data` a line. */
async function streamOf(api: ApiUnderTest, id: string, lastEventId?: number): Promise<string[]> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
  const reply = await api.request('GET', `/api/v1/jobs/${id}/events`, undefined, headers);
  if (reply.status === 204) return ['204'];
  expectDescribed('streamJob', reply);
  const blocks = reply.text.split('\n\n').filter((block) => block.includes('event: '));
  return blocks.map((block) => {
    const [, seq, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    return `${String(seq)} ${String(event)} ${String(data)}`;
  });
}

describe('jobs over REST and GraphQL', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext | undefined;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', [])).id;
  });
  afterAll(async () => {
    await worker?.close();
    await api.close();
  });

  const resync = async (): Promise<string> => {
    const reply = await api.request('POST', '/api/v1/clusters/shop/resync');
    expectDescribed('resyncCluster', reply);
    const { job } = reply.json as { job: { id: string } };
    expect(reply.headers.get('location')).toBe(`/api/v1/jobs/${job.id}`);
    return job.id;
  };

  it('wait, are seen, and are cancelled once', async () => {
    const id = await resync();
    expect(await resync()).toBe(id);
    const seen = await api.request('GET', `/api/v1/jobs/${id}`);
    expectDescribed('getJob', seen);
    expect(seen.json).toMatchObject({
      id,
      name: 'cluster.resync',
      clusterId,
      parentId: null,
      isFlow: false,
      requester: 'anonymous',
      state: 'queued',
      attempts: 0,
      progress: { done: 0, total: 0, phase: '' },
      cancelRequested: false,
      result: null,
      error: null,
      startedAt: null,
      finishedAt: null,
    });
    const cancelled = await api.request('DELETE', `/api/v1/jobs/${id}`);
    expectDescribed('cancelJob', cancelled);
    expect(cancelled.json).toMatchObject({ id, state: 'cancelled' });
    expect(await streamOf(api, id)).toEqual(['1 failed {"state":"cancelled"}']);
    expect(await streamOf(api, id, 1)).toEqual(['204']);
  });

  it('are listed by state, name, cluster and flow, newest first', async () => {
    const jobs = api.app.get(Jobs, { strict: false });
    const part = { input: { clusterId }, clusterId };
    const flow = await runAsSystem('ann', () => jobs.startFlow('cluster.resync', [part, part, part]));
    expect(flow).toMatchObject({ state: 'running', isFlow: true, progress: { done: 0, total: 3 } });
    const query = `parent=${flow.id}&state=queued&name=cluster.resync&cluster=shop&limit=2`;
    const first = await api.request('GET', `/api/v1/jobs?${query}`);
    expectDescribed('listJobs', first);
    const page = first.json as { items: JobReply[]; page: { nextCursor: string } };
    expect(page.items).toHaveLength(2);
    const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const rest = (await api.request('GET', next)).json as { items: JobReply[]; page: { nextCursor: null } };
    expect(rest.items).toHaveLength(1);
    expect(rest.page.nextCursor).toBeNull();
    expect(new Set([...page.items, ...rest.items].map(({ id }) => id)).size).toBe(3);
    const other = await api.request('GET', `/api/v1/jobs?limit=2&cursor=${page.page.nextCursor}`);
    expect(other).toMatchObject({ status: 400, json: { code: 'cursor.invalid' } });
    const answer = await api.graphql(
      `query($id: ID!) { job(id: $id) { state isFlow progress { done total phase } requester }
         jobs(parent: $id, first: 1, state: QUEUED) { edges { node { name parentId } } pageInfo { hasNextPage } } }`,
      { id: flow.id },
    );
    expect(answer.json).toEqual({
      data: {
        job: {
          state: 'RUNNING',
          isFlow: true,
          progress: { done: 0, total: 3, phase: 'parts' },
          requester: 'system:ann',
        },
        jobs: {
          edges: [{ node: { name: 'CLUSTER_RESYNC', parentId: flow.id } }],
          pageInfo: { hasNextPage: true },
        },
      },
    });
    const cancelled = await api.graphql(`mutation($id: ID!) { cancelJob(input: {job: $id}) { job { state } } }`, {
      id: flow.id,
    });
    expect(cancelled.json).toEqual({ data: { cancelJob: { job: { state: 'CANCELLED' } } } });
  });

  it('stream until they end, and cannot be cancelled after', async () => {
    const id = await resync();
    const stream = streamOf(api, id);
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    const end = `done {"state":"succeeded","result":"/api/v1/clusters/${clusterId}"}`;
    expect(await stream).toEqual([`1 ${end}`]);
    expect(await streamOf(api, id, 0)).toEqual([`1 ${end}`]);
    expect((await api.request('GET', `/api/v1/jobs/${id}`)).json).toMatchObject({ state: 'succeeded', attempts: 1 });
    const late = await api.request('DELETE', `/api/v1/jobs/${id}`);
    expect(late).toMatchObject({ status: 409, json: { code: 'job.ended' } });
  });

  it('are followed by a GraphQL subscription until they end', async () => {
    const id = await resync();
    const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const follow = async (after: number): Promise<unknown[]> => {
      const query = `subscription { jobEvents(id: "${id}", after: ${String(after)}) { seq event job { state result } } }`;
      const told: unknown[] = [];
      for await (const { data } of client.iterate({ query })) told.push(data?.['jobEvents']);
      return told;
    };
    const end = { seq: 1, event: 'DONE', job: { state: 'SUCCEEDED', result: `/api/v1/clusters/${clusterId}` } };
    expect(await follow(0)).toEqual([end]);
    expect(await follow(1)).toEqual([]);
    await client.dispose();
  });

  it('are not found by a wrong id', async () => {
    for (const path of ['/api/v1/jobs/none', '/api/v1/jobs/none/events']) {
      expect(await api.request('GET', path)).toMatchObject({ status: 404, json: { code: 'job.not_found' } });
    }
    expect((await api.graphql('{ job(id: "none") { id } }')).json).toEqual({ data: { job: null } });
  });
});
