import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { expectProblem } from './api/expect-contract.js';

const SCHEDULE = { name: 'nightly', cron: '0 3 * * *', task: { type: 'audit' } };
const BASELINE = '/api/v1/clusters/shop/baseline';

describe('requests with a condition', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', []);
    await api.request('POST', '/api/v1/schedules', SCHEDULE);
  });
  afterAll(() => api.close());

  const tagOf = async (path: string): Promise<string> => String((await api.request('GET', path)).headers.get('etag'));
  const writing = (method: 'PATCH' | 'PUT' | 'DELETE', path: string, tag: string, body?: object): Promise<Reply> =>
    api.request(method, path, body, { 'if-match': tag });

  it.each([
    ['/api/v1/clusters/shop', { paused: true }],
    ['/api/v1/schedules/nightly', { cron: '0 4 * * *' }],
  ])('write %s when it is as its caller knows it', async (path, patch) => {
    const tag = await tagOf(path);
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    expect((await api.request('HEAD', path)).headers.get('etag')).toBe(tag);
    for (const method of ['GET', 'HEAD'] as const)
      expect((await api.request(method, path, undefined, { 'if-none-match': tag })).status).toBe(304);
    expect((await writing('PATCH', path, `"other", ${tag}`, patch)).status).toBe(200);
    const now = await tagOf(path);
    expect(now).not.toBe(tag);
    for (const known of [tag, `W/${now}`, 'anything']) {
      const problem = expectProblem(await writing('PATCH', path, known, patch));
      expect(problem).toMatchObject({ status: 412, code: 'precondition.failed' });
      expect(problem.detail).toBe(
        `it has the tag \`${now}\` now, which \`If-Match\` does not name: read it again, then decide`,
      );
      expect(expectProblem(await writing('DELETE', path, known))).toMatchObject({ status: 412 });
    }
    expect(await tagOf(path)).toBe(now);
    expect((await writing('PATCH', path, '*', patch)).status).toBe(200);
  });

  it('let one of many writers of one state through', async () => {
    const path = '/api/v1/schedules/nightly';
    const tag = await tagOf(path);
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, minute) => writing('PATCH', path, tag, { cron: `${String(minute + 1)} 5 * * *` })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 11 }, () => 412)]);
  });

  it('make nothing anew where something was to be there, and hide what is not', async () => {
    const made = { snapshot: 'latest' };
    expect(expectProblem(await writing('PUT', BASELINE, '"x"', made))).toMatchObject({ status: 412 });
    expect(expectProblem(await writing('DELETE', '/api/v1/schedules/none', '"x"'))).toMatchObject({ status: 404 });
    const unread = await writing('PUT', '/api/v1/clusters/shop/upload', '"x"');
    expect(expectProblem(unread).detail).toContain('it has no tag');
  });

  it('go on when a caller is gone in its turn', async () => {
    const abort = new AbortController();
    const gone = fetch(`${api.url}/api/v1/schedules/nightly`, {
      method: 'PATCH',
      headers: { 'if-match': '*', 'content-type': 'application/json' },
      body: '{"paused":false}',
      signal: abort.signal,
    }).catch(() => null);
    abort.abort();
    await gone;
    expect((await writing('PATCH', '/api/v1/schedules/nightly', '*', { paused: false })).status).toBe(200);
  });

  it('keep the turn of a caller who is gone until its write is done', async () => {
    const path = '/api/v1/schedules/nightly';
    const tag = await tagOf(path);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const second = await api.database.database.transaction(async (client) => {
      await client.query(`SELECT 1 FROM schedule WHERE name = 'nightly' FOR UPDATE`);
      const abort = new AbortController();
      const gone = fetch(`${api.url}${path}`, {
        method: 'PATCH',
        headers: { 'if-match': tag, 'content-type': 'application/json' },
        body: '{"cron":"0 6 * * *"}',
        signal: abort.signal,
      });
      while ((await api.database.database.query(waiting)).rowCount === 0) await sleep(10);
      abort.abort();
      await expect(gone).rejects.toThrow('aborted');
      const writes = writing('PATCH', path, tag, { cron: '0 7 * * *' });
      // Long enough for it to read what is there, if it could.
      await sleep(500);
      return { writes };
    });
    expect((await second.writes).status).toBe(412);
    expect((await api.request('GET', path)).json).toMatchObject({ cron: '0 6 * * *' });
  });

  it('are answered by tag where a persisted query is got', async () => {
    const query = '{ workloads(cluster: "shop", first: 1) { totalCount asOf { seq stalenessMs } } }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
    await api.request('POST', '/graphql', { query, extensions });
    const path = `/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`;
    const headers = { 'apollo-require-preflight': '1' };
    const first = await api.request('GET', path, undefined, headers);
    expect(first).toMatchObject({ status: 200, json: { data: { workloads: { totalCount: 0 } } } });
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const tag = String(first.headers.get('etag'));
    const again = await api.request('GET', path, undefined, { ...headers, 'if-none-match': tag });
    expect([again.status, again.text]).toEqual([304, '']);
    await api.seed('other', []);
    expect((await api.request('GET', path, undefined, { ...headers, 'if-none-match': tag })).status).toBe(304);
  });
});
