import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { WHOLE_SCOPE } from '#access';
import { objectLabel } from '#engine';

import { type ApiUnderTest, type Reply, factsOf, startApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';

const POD = (name: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { ['__proto__']: 'x', app: name } },
  spec: { containers: [] },
});
const HEAD = { replace: ['Pod'], completeness: { Pod: { complete: true } }, takenAt: '2026-01-01T00:00:00Z' };

describe('agents over REST', () => {
  let api: ApiUnderTest;
  let id = '';
  let token = '';
  let session = '';
  beforeAll(async () => {
    api = await startApiUnderTest();
    const created = await api.request('POST', '/api/v1/clusters', { name: 'far', source: { type: 'agent' } });
    ({ id } = expectDescribed('addCluster', created));
    token = expectDescribed('issueAgentToken', await api.request('POST', `/api/v1/clusters/far/agent-token`)).token;
    session = (await open()).session;
  });
  afterAll(() => api.close());

  const bearer = (value = token): Record<string, string> => ({ authorization: `Bearer ${value}` });
  const open = async () =>
    expectDescribed(
      'openAgentSession',
      await api.request('POST', '/api/v1/agent/session', { agentVersion: '1' }, bearer()),
    );
  const pack = (...lines: unknown[]): Uint8Array => gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const upserts = (...names: string[]): unknown[] => factsOf(names.map(POD)).map((upsert) => ({ upsert }));
  const send = (sequence: number, body: Uint8Array, as = session, headers = bearer()): Promise<Reply> =>
    api.request('POST', `/api/v1/agent/batches?session=${as}&sequence=${sequence}`, body, {
      'content-type': 'application/x-ndjson',
      ...headers,
    });
  async function stored(): Promise<string[]> {
    const latest = await api.snapshots.latest(id);
    const { items } = await api.snapshots.listObjects(
      id,
      latest?.seq ?? 0,
      { kinds: ['Pod'], limit: 100 },
      WHOLE_SCOPE,
    );
    return items.map(({ fact }) => objectLabel(fact.meta));
  }

  it('keep a token that is shown once and stored as its hash', async () => {
    expect(token).toMatch(/^atlas_agent_[\w-]{43}$/);
    const dump = JSON.stringify((await api.database.database.query('SELECT * FROM cluster_agent')).rows);
    expect(dump).not.toContain(token.slice(12));
    expect(JSON.stringify(api.lines)).not.toContain(token.slice(12));
  });

  it('send batches that are stored in order, once', async () => {
    const first = expectDescribed('sendAgentBatch', await send(1, pack(HEAD, ...upserts('a', 'b'), { end: 2 })));
    expect(first).toEqual({ ack: 1, seq: 1, changed: 2, created: true, counts: { Pod: 2 } });
    const change = pack(
      { ...HEAD, replace: [] },
      ...upserts('c'),
      { delete: { group: '', kind: 'Pod', namespace: 'shop', name: 'a' } },
      { end: 2 },
    );
    expect(expectDescribed('sendAgentBatch', await send(3, change))).toMatchObject({ ack: 3, seq: 2, changed: 2 });
    expect(await stored()).toEqual(['shop/b', 'shop/c']);
    // One that was delayed on its way: what it says is older than what is stored.
    const late = expectDescribed('sendAgentBatch', await send(2, pack(HEAD, ...upserts('a'), { end: 1 })));
    expect(late).toMatchObject({ ack: 2, seq: 2, changed: 0, created: false });
    expect(expectDescribed('sendAgentBatch', await send(3, change))).toMatchObject({ seq: 2, created: false });
    expect(await stored()).toEqual(['shop/b', 'shop/c']);
    expect(await api.clusters.get(id)).toMatchObject({ counts: { Pod: 2 } });
  });

  it('tell how it goes', async () => {
    const report = { state: 'degraded', message: '1 problem', problems: [{ code: 'x', message: 'y' }] };
    const lastSyncedAt = '2999-01-01T00:00:00Z';
    const reply = await api.request(
      'PUT',
      '/api/v1/agent/report',
      { session, report: { ...report, lastSyncedAt } },
      bearer(),
    );
    expectDescribed('sendAgentReport', reply);
    const cluster = await api.clusters.get(id);
    expect(cluster).toMatchObject(report);
    // A clock that is ahead does not make what is known newer than now.
    expect(cluster.lastSyncedAt?.getTime()).toBeLessThanOrEqual(Date.now());
    const wrong = await api.request('PUT', '/api/v1/agent/report', { session, report: { counts: {} } }, bearer());
    expect(expectProblem(wrong)).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it('tell how far they have read, and are told when they start', async () => {
    const path = '/api/v1/agent/position';
    const asked = (): Promise<Reply> => api.request('GET', path, undefined, bearer());
    expect(expectDescribed('getAgentPosition', await asked())).toEqual({ kept: null, facts: [] });
    const pods = { path: '/api/v1/pods', resourceVersion: '7', listedAt: 1_764_000_000_000 };
    const positions = { identity: 'far', kinds: { Pod: pods } };
    expectDescribed('keepAgentPosition', await api.request('PUT', path, { session, positions }, bearer()));
    // Its pods tell nothing that an agent has to know.
    const kept = { positions, completeness: { Pod: { complete: true } } };
    expect(expectDescribed('getAgentPosition', await asked())).toEqual({ kept, facts: [] });
    const late = await api.request('PUT', path, { session: '999', positions }, bearer());
    expect(expectProblem(late)).toMatchObject({ status: 409, code: 'cluster.lease_lost' });
    const wrong = await api.request('PUT', path, { session, positions: { kinds: {} } }, bearer());
    expect(expectProblem(wrong)).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it.each([
    ['is not gzip', () => new TextEncoder().encode('{}'), 'it is not gzip'],
    [
      'is cut short',
      () => pack(HEAD, ...upserts('z'), { end: 1 }).subarray(0, -12),
      'it is not gzip, or was cut short',
    ],
    ['lost its end', () => pack(HEAD, ...upserts('z')), 'its end is missing'],
    ['lost a change', () => pack(HEAD, { end: 1 }), 'changes are missing'],
    ['has a line that is not JSON', () => gzipSync('{"replace"\n'), 'a line is not JSON'],
    ['has a kind that is not kept', () => pack(HEAD, { upsert: secret }, { end: 1 }), '`Secret` is not a kind'],
  ])('are told when a batch %s, and nothing of it is stored', async (_what, body, why) => {
    const before = await stored();
    const problem = expectProblem(await send(9, body()));
    expect(problem).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(problem.detail).toContain(why);
    expect(await stored()).toEqual(before);
  });
  const secret = { type: 'aux', meta: { group: '', kind: 'Secret', namespace: 'a', name: 'b', uid: '', labels: {} } };

  it('are refused without their own token', async () => {
    const body = pack(HEAD, { end: 0 });
    for (const authorization of ['', 'Bearer nonsense', `Bearer atlas_agent_${'A'.repeat(43)}`]) {
      const problem = expectProblem(await send(5, body, session, { authorization }));
      expect(problem).toMatchObject({ status: 401, code: 'agent.token_invalid' });
    }
  });

  it('are refused before what they send is read', async () => {
    const { port, hostname: host } = new URL(api.url);
    const headers = {
      ...bearer('atlas_agent_x'),
      'content-type': 'application/x-ndjson',
      'content-length': 20_000_000,
    };
    const path = '/api/v1/agent/batches?session=1&sequence=1';
    const sending = httpRequest({ host, port, path, method: 'POST', headers });
    const answered = once(sending, 'response');
    sending.write('the rest never comes');
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(401);
    sending.destroy();
  });

  it('have no token where something else reads the cluster', async () => {
    await api.seed('near', []);
    const reply = await api.request('POST', '/api/v1/clusters/near/agent-token');
    expect(expectProblem(reply)).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('cannot write while paused, nor in a session that another took over', async () => {
    await api.request('PATCH', `/api/v1/clusters/${id}`, { paused: true });
    const body = pack({ ...HEAD, replace: [] }, ...upserts('late'), { end: 1 });
    expect(expectProblem(await send(6, body))).toMatchObject({ status: 409, code: 'cluster.paused' });
    await api.request('PATCH', `/api/v1/clusters/${id}`, { paused: false });
    const old = session;
    ({ session } = await open());
    expect(expectProblem(await send(7, body, old))).toMatchObject({ status: 409, code: 'cluster.lease_lost' });
    expect(await stored()).not.toContain('shop/late');
    expect(expectDescribed('sendAgentBatch', await send(1, body))).toMatchObject({ created: true });
    expect(await stored()).toContain('shop/late');
  });

  it('lose a token when another is issued', async () => {
    const next = expectDescribed('issueAgentToken', await api.request('POST', `/api/v1/clusters/${id}/agent-token`));
    const body = pack(HEAD, { end: 0 });
    expect(expectProblem(await send(8, body))).toMatchObject({ status: 401, code: 'agent.token_invalid' });
    expect((await send(8, body, session, bearer(next.token))).status).toBe(200);
  });
});
