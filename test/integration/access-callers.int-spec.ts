import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { persist, startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { expectProblem } from './api/expect-contract.js';
import { startIssuer, type Issuer } from './api/issuer.js';
import { SHOP } from './api/shop.js';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('callers', () => {
  let api: ApiUnderTest;
  let issuer: Issuer;
  let stranger: Issuer;
  let folder: string;

  beforeAll(async () => {
    issuer = await startIssuer('login');
    stranger = await startIssuer('stranger');
    folder = await mkdtemp(join(tmpdir(), 'atlas-access-'));
    const path = join(folder, 'access.json');
    writeFileSync(
      path,
      JSON.stringify({
        issuers: [
          { issuer: issuer.issuer, audience: 'atlas', jwksUri: issuer.jwksUri, typ: 'at+jwt', clockSkewSeconds: 5 },
        ],
        groups: {
          platform: [{ role: 'admin' }],
          shop: [{ role: 'viewer', clusters: ['shop'], namespaces: ['shop'] }],
          audit: [{ role: 'auditor' }],
          partly: [{ role: 'admin', clusters: ['shop'] }, { role: 'operator' }],
        },
      }),
    );
    api = await startApiUnderTest({ ATLAS_AUTH_CONFIG: path, RATE_LIMIT_PER_MINUTE: '60' });
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
    await issuer.close();
    await stranger.close();
    await rm(folder, { recursive: true });
  });

  const clusters = (token?: string, headers: Record<string, string> = {}): Promise<Reply> =>
    api.request('GET', '/api/v1/clusters', undefined, {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    });
  const admin = (): Promise<string> => issuer.sign({ sub: 'root', groups: ['platform'] });

  it('are known by a token of their provider, by either sort of key', async () => {
    for (const kid of ['rs', 'es']) {
      const reply = await clusters(await issuer.sign({ groups: ['platform'] }, { kid }));
      expect(reply.status).toBe(200);
      expect(reply.headers.get('ratelimit-policy')).toBe('"default";q=60;w=60');
      expect(reply.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
    }
  });

  it('are asked who they are, and told how to say it', async () => {
    const reply = await clusters();
    expect(expectProblem(reply)).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    expect((await api.request('GET', '/livez')).status).toBe(200);
    expect((await api.request('GET', '/api/v1/openapi.json')).status).toBe(200);
    expect((await api.request('GET', '/metrics')).status).toBe(401);
  });

  it('schedule what is about every cluster only as admins of every cluster', async () => {
    const task = { type: 'retention' };
    const body = { name: 'mine', cron: '0 4 * * *', timeZone: 'UTC', task };
    const add = async (token: string): Promise<number> =>
      (await api.request('POST', '/api/v1/schedules', body, { authorization: `Bearer ${token}` })).status;
    expect(await add(await issuer.sign({ sub: 'half', groups: ['partly'] }))).toBe(403);
    expect(await add(await admin())).toBe(201);
  });

  it('are refused with every token that only looks good', async () => {
    const now = Math.floor(Date.now() / 1000);
    const good = await issuer.sign({ groups: ['platform'] });
    const [, payload = '', signature = ''] = good.split('.');
    const hs256 = ((): string => {
      const key = JSON.stringify(issuer.publicKeys[0]);
      const body = `${base64({ alg: 'HS256', kid: 'rs', typ: 'at+jwt' })}.${payload}`;
      return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
    })();
    const attacks: Record<string, string> = {
      'no algorithm': `${base64({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      'the public key as a shared one': hs256,
      'another header under the signature': `${base64({ alg: 'RS256', kid: 'rs', typ: 'at+jwt', x: 1 })}.${payload}.${signature}`,
      'another audience': await issuer.sign({ groups: ['platform'], aud: 'other' }),
      'no audience': await issuer.sign({ groups: ['platform'], aud: undefined }),
      expired: await issuer.sign({ groups: ['platform'], exp: now - 60 }),
      'not yet good': await issuer.sign({ groups: ['platform'], nbf: now + 60 }),
      'never ending': await issuer.sign({ groups: ['platform'], exp: undefined }),
      'another sort of token': await issuer.sign({ groups: ['platform'] }, { typ: 'JWT' }),
      'another provider': await stranger.sign({ groups: ['platform'] }),
      'another provider in the name of ours': await stranger.sign({ groups: ['platform'], iss: issuer.issuer }),
      'an unknown key': await issuer.sign({ groups: ['platform'] }, { kid: 'lost' }),
      'no token': 'x.y.z',
    };
    for (const [what, token] of Object.entries(attacks)) {
      const reply = await clusters(token);
      expect({ what, status: reply.status }).toEqual({ what, status: 401 });
      expect(reply.text).not.toContain(token);
    }
  });

  it('do not make the service fetch keys at every unknown one', async () => {
    const before = issuer.fetches();
    for (let i = 0; i < 20; i += 1)
      await clusters(await issuer.sign({ groups: ['platform'] }, { kid: `lost-${String(i)}` }));
    expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
  });

  it('have what their roles allow, by REST and by GraphQL', async () => {
    const token = await issuer.sign({ sub: 'sue', groups: ['shop'] });
    const headers = { authorization: `Bearer ${token}` };
    expect((await clusters(token)).json).toMatchObject({ items: [{ name: 'shop', problems: [], message: '' }] });
    const create = await api.request('POST', '/api/v1/clusters', { name: 'x', source: { type: 'upload' } }, headers);
    expect(expectProblem(create)).toMatchObject({ status: 403, code: 'forbidden' });
    const query = 'mutation { pauseCluster(input: { cluster: "shop" }) { cluster { name } } }';
    const refused = await api.request('POST', '/graphql', { query }, headers);
    expect(refused.json).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    const nobody = await clusters(await issuer.sign({ sub: 'nobody' }));
    expect(expectProblem(nobody)).toMatchObject({ status: 403 });
  });

  it('have a share of requests each', async () => {
    const token = await issuer.sign({ sub: 'eager', groups: ['platform'] });
    let reply = await clusters(token);
    for (let i = 0; i < 60; i += 1) reply = await clusters(token);
    expect(expectProblem(reply)).toMatchObject({
      status: 429,
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      'violated-policies': ['default'],
    });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await clusters(await issuer.sign({ sub: 'calm', groups: ['platform'] }))).status).toBe(200);
  });

  it('write nothing on a condition that their share is too small to look at', async () => {
    const hasty = { authorization: `Bearer ${await issuer.sign({ sub: 'hasty', groups: ['platform'] })}` };
    for (let i = 0; i < 59; i += 1) await api.request('GET', '/api/v1/clusters', undefined, hasty);
    const written = await api.request(
      'PATCH',
      '/api/v1/clusters/shop',
      { paused: true },
      { ...hasty, 'if-match': '"x"' },
    );
    expect(expectProblem(written)).toMatchObject({ status: 429, code: 'rate.limited', retryable: true });
    expect(await api.clusters.get('shop')).toMatchObject({ paused: false });
  });

  it('make, use, rotate and revoke API tokens, which are shown once', async () => {
    const root = { authorization: `Bearer ${await issuer.sign({ sub: 'maker', groups: ['platform'] })}` };
    const grants = [{ role: 'viewer', clusters: ['shop'], namespaces: ['shop'], namespaceLabels: 'team in (a, b)' }];
    const made = await api.request('POST', '/api/v1/tokens', { name: 'ci', grants, expiresInDays: 1 }, root);
    expect(made.status).toBe(201);
    const { id, secret } = made.json as { id: string; secret: string };
    expect(secret).toMatch(/^atlas_[\w-]{40}$/);
    expect((await clusters(secret)).status).toBe(200);
    const stored = await api.database.database.query<{ text: string }>('SELECT t::text AS text FROM api_token t');
    expect(stored.rows.map(({ text }) => text).join()).not.toContain(secret.slice(6, 30));
    const listed = await api.request('GET', '/api/v1/tokens', undefined, root);
    expect(listed.text).not.toContain(secret);
    expect(listed.json).toMatchObject({
      items: [{ id, grants, name: 'ci', lastUsedAt: expect.any(String) as unknown }],
    });
    const query = '{ apiTokens { id grants { role clusters namespaces namespaceLabels } } }';
    const same = await api.request('POST', '/graphql', { query }, root);
    const [grant] = grants;
    expect(same.json).toEqual({ data: { apiTokens: [{ id, grants: [{ ...grant, role: 'VIEWER' }] }] } });
    const more = { name: 'more', grants: [{ role: 'admin' }] };
    const beyond = await api.request('POST', '/api/v1/tokens', more, { authorization: `Bearer ${secret}` });
    expect(expectProblem(beyond)).toMatchObject({ status: 403, errors: [{ pointer: '/grants' }] });
    const rotated = await api.request('POST', `/api/v1/tokens/${id}/rotate`, { overlapHours: 1 }, root);
    const next = rotated.json as { id: string; secret: string };
    expect([(await clusters(secret)).status, (await clusters(next.secret)).status]).toEqual([200, 200]);
    expect((await api.request('DELETE', `/api/v1/tokens/${id}`, undefined, root)).status).toBe(204);
    expect([(await clusters(secret)).status, (await clusters(next.secret)).status]).toEqual([401, 200]);
    expect((await clusters(`${secret.slice(0, -1)}x`)).status).toBe(401);
    const others = { authorization: `Bearer ${next.secret}` };
    expect((await api.request('DELETE', `/api/v1/tokens/${next.id}`, undefined, others)).status).toBe(404);
  });

  it('are in the log of questions, which cannot be changed', async () => {
    const token = await issuer.sign({ sub: 'log', groups: ['audit'] });
    const headers = { authorization: `Bearer ${token}` };
    await clusters(token, { 'x-request-id': 'logged-1' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    const log = await api.request(
      'GET',
      `/api/v1/log?subject=${encodeURIComponent(`oidc:${issuer.issuer}#log`)}`,
      undefined,
      headers,
    );
    expect(log.json).toMatchObject({
      items: [
        {
          action: 'cluster.read',
          question: 'GET /api/v1/clusters',
          decision: 'allowed',
          status: 200,
          requestId: 'logged-1',
        },
      ],
    });
    const viewer = { authorization: `Bearer ${await issuer.sign({ sub: 'sue', groups: ['shop'] })}` };
    expect((await api.request('GET', '/api/v1/log', undefined, viewer)).status).toBe(403);
    for (const sql of [
      'UPDATE question_log SET subject = $$x$$',
      'DELETE FROM question_log',
      'TRUNCATE question_log',
    ]) {
      await expect(api.database.database.query(sql)).rejects.toThrow('append-only');
    }
  });

  it('are counted in one entry of the log when they say the same at once, unless they bring an id', async () => {
    const token = await issuer.sign({ sub: 'again', groups: ['audit'] });
    for (let again = 0; again < 3; again++) await Promise.all([clusters(token), clusters(token)]);
    for (const id of ['own-1', 'own-2']) await clusters(token, { 'x-request-id': id });
    await new Promise((resolve) => setTimeout(resolve, 600));
    const path = `/api/v1/log?subject=${encodeURIComponent(`oidc:${issuer.issuer}#again`)}`;
    const log = await api.request('GET', path, undefined, { authorization: `Bearer ${token}` });
    const { items } = log.json as { items: { requestId: string; times: number; at: string; lastAt: string }[] };
    const own = items.filter(({ requestId }) => requestId.startsWith('own-'));
    expect(own.map(({ times }) => times)).toEqual([1, 1]);
    const joined = items.filter((entry) => !own.includes(entry));
    expect(joined.reduce((sum, { times }) => sum + times, 0)).toBe(6);
    expect(joined.length).toBeLessThan(6);
    expect(joined.every(({ at, lastAt, times }) => (times === 1 ? at === lastAt : at <= lastAt))).toBe(true);
  });

  it('are in the log whatever text they bring', async () => {
    const token = await issuer.sign({ sub: 'text', groups: ['audit'] });
    const headers = { authorization: `Bearer ${token}` };
    // One of the two long ones is cut within a character.
    const long = '😀'.repeat(1_000);
    for (const from of ['shop/\0', 'shop/\ud83d', `shop/${long}`, `shop/x${long}`]) {
      await api.request('POST', '/api/v1/reachability', { cluster: 'none', from, to: 'shop/web' }, headers);
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    const path = `/api/v1/log?subject=${encodeURIComponent(`oidc:${issuer.issuer}#text`)}`;
    const { items } = (await api.request('GET', path, undefined, headers)).json as { items: { question: string }[] };
    const asked = items.map(({ question }) => question).filter((question) => question.startsWith('POST'));
    expect(asked).toHaveLength(4);
    for (const question of asked.slice(0, 2))
      expect(question).toMatch(/^POST \/api\/v1\/reachability \{"cluster":"none","from":"shop\/x?😀+\ufffd?$/u);
  });

  it('are listed page by page, the newest first', async () => {
    const token = await issuer.sign({ sub: 'paged', groups: ['audit'] });
    const ids = Array.from({ length: 12 }, (_, index) => `paged-${String(index)}`);
    for (const id of ids) await clusters(token, { 'x-request-id': id });
    await new Promise((resolve) => setTimeout(resolve, 600));
    const listed: string[] = [];
    for (let cursor = ''; listed.length < ids.length;) {
      const path = `/api/v1/log?subject=${encodeURIComponent(`oidc:${issuer.issuer}#paged`)}&limit=5${cursor}`;
      const log = await api.request('GET', path, undefined, { authorization: `Bearer ${await admin()}` });
      const { items, page } = log.json as { items: { requestId: string }[]; page: { nextCursor: string | null } };
      listed.push(...items.map(({ requestId }) => requestId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(listed).toEqual(ids.reverse());
  });

  it('may send a request that starts work twice, and it starts once', async () => {
    const headers = { authorization: `Bearer ${await admin()}`, 'idempotency-key': '"k-1"' };
    const create = (name: string, key = headers): Promise<Reply> =>
      api.request('POST', '/api/v1/clusters', { name, source: { type: 'upload' } }, key);
    const first = await create('twice');
    const again = await create('twice');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(expectProblem(await create('other'))).toMatchObject({ status: 422, code: 'idempotency.mismatch' });
    const bare = { authorization: headers.authorization, 'idempotency-key': 'k 2' };
    expect(expectProblem(await create('third', bare))).toMatchObject({ status: 400 });
  });

  it('need not be sent an answer that they have', async () => {
    const root = { authorization: `Bearer ${await issuer.sign({ sub: 'cache', groups: ['platform'] })}` };
    const sue = { authorization: `Bearer ${await issuer.sign({ sub: 'sue2', groups: ['shop'] })}` };
    const path = '/api/v1/clusters/shop/pods?limit=2&namespace=shop';
    const first = await api.request('GET', path, undefined, root);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(first.headers.get('vary')).toBe('authorization, accept');
    const same = await api.request('GET', '/api/v1/clusters/shop/pods?namespace=shop&limit=2', undefined, {
      ...root,
      'if-none-match': etag,
    });
    expect([same.status, same.text]).toEqual([304, '']);
    const other = await api.request('GET', path, undefined, { ...sue, 'if-none-match': etag });
    expect(other.status).toBe(200);
    expect(other.headers.get('etag')).not.toBe(etag);
  });

  let changes = 0;
  it.each([
    '/api/v1/clusters/shop/connections?limit=2',
    '/api/v1/clusters/shop/connections/matrix?by=namespace',
    '/api/v1/clusters/shop/exposure',
    '/api/v1/clusters/shop/entry-points',
    '/api/v1/clusters/shop/blast-radius?of=shop/web-0',
    '/api/v1/why?cluster=shop&from=shop/web-0&to=shop/api-0&port=80',
    '/api/v1/drift?cluster=shop',
    '/api/v1/search?on=pods',
    '/api/v1/clusters/shop/connections?by=pod&format=csv',
    '/api/v1/clusters/shop/connections?by=pod&format=ndjson',
    '/api/v1/clusters/shop/labels',
  ])('need not be sent %s again until the cluster changes', async (path) => {
    const root = { authorization: `Bearer ${await issuer.sign({ sub: 'again', groups: ['platform'] })}` };
    const { id } = await api.clusters.get('shop');
    const change = (when: string): Promise<number> => {
      const name = `${when}-${String((changes += 1))}`;
      return persist(api.snapshots, id, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: name } }]);
    };
    await change('before');
    const first = await api.request('GET', path, undefined, root);
    expect([first.status, first.headers.get('ratelimit')]).toEqual([200, expect.stringMatching(/;r=\d+;t=\d+$/)]);
    const known = { ...root, 'if-none-match': first.headers.get('etag') ?? '' };
    const same = await api.request('GET', path, undefined, known);
    expect([same.status, same.text]).toEqual([304, '']);
    await change('after');
    expect((await api.request('GET', path, undefined, known)).status).toBe(200);
  });
});
