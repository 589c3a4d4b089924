import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { silentLog } from '#telemetry';
import { persist, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { startWithLimitedCaller } from './api/limited-caller.js';
import { DB_DENY, DB_OPENED, SHOP } from './api/shop.js';
import { PLANTED, plantedIn, TWO_TENANTS } from './api/tenants.js';

type Headers = Record<string, string>;

describe('a caller of one namespace, beyond plain answers', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  let close: () => Promise<void>;
  let root: Headers;
  let sue: Headers;
  let shop: string;
  const abort = new AbortController();
  const ids = { job: '', token: '', suppression: '' };

  beforeAll(async () => {
    ({ api, root, sue, close } = await startWithLimitedCaller());
    worker = await createWorker(api.config, silentLog);
    shop = (await api.seed('shop', TWO_TENANTS)).id;
    await api.seed(PLANTED.cluster, SHOP);
    const post = async (path: string, body: object): Promise<string> => {
      const reply = await api.request('POST', `/api/v1/${path}`, body, { ...root, prefer: 'wait=20' });
      expect([path, reply.status < 300, reply.text]).toEqual([path, true, expect.stringContaining('"id"')]);
      return (reply.json as { id: string }).id;
    };
    ids.job = await post('audits', { clusters: [PLANTED.cluster] });
    ids.token = await post('tokens', { name: PLANTED.account });
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    ids.suppression = await post('suppressions', {
      cluster: PLANTED.cluster,
      fingerprint: 'f'.repeat(16),
      owner: PLANTED.account,
      reason: `accepted for ${PLANTED.label}`,
      expiresAt,
    });
  });
  afterAll(async () => {
    abort.abort();
    await worker.close();
    await close();
  }, 60_000);

  it('hears of streams what it sees, as it happens', async () => {
    const { namespace, pod, policy } = PLANTED;
    const expectations = [
      { name: 'web asks nobody', from: 'shop/web-0', to: 'shop/api-0', port: 8080, expect: 'denied' },
      { name: policy, from: `${namespace}/${pod}`, to: 'shop/db-0', port: 5432, expect: 'allowed' },
    ];
    const assertions = JSON.stringify({ assertions: expectations });
    await api.request('PUT', `/api/v1/clusters/${shop}/assertions`, { assertions }, root);
    const paths = [
      'changes/stream',
      `clusters/${shop}/assertions/stream`,
      'fleet/reachability/stream?to=shop/db-0&port=5432',
      `clusters/${shop}/drift/events`,
    ];
    const ended: Promise<unknown>[] = [];
    const open = async (path: string, caller: Headers): Promise<() => string> => {
      const behind: Headers = path.startsWith('changes')
        ? {}
        : { 'last-event-id': path.endsWith('events') ? '1' : '0' };
      const headers = { ...caller, ...behind, accept: 'text/event-stream' };
      const response = await fetch(`${api.url}/api/v1/${path}`, { headers, signal: abort.signal });
      expect([path, response.status]).toEqual([path, 200]);
      let text = '';
      const read = async (): Promise<void> => {
        const decoder = new TextDecoder();
        for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
      };
      ended.push(read().catch(() => undefined));
      return () => text;
    };
    const hers = await Promise.all(paths.map((path) => open(path, sue)));
    const all = await Promise.all(paths.map((path) => open(path, root)));
    const planting = { ...(TWO_TENANTS.at(-2) as { metadata: object }) };
    planting.metadata = { ...planting.metadata, labels: { seen: PLANTED.label } };
    await persist(api.snapshots, shop, [DB_OPENED, planting]);
    // Drift tells counts alone.
    const tellPlanted = (): boolean[] => all.slice(0, -1).map((text) => plantedIn(text()).length > 0);
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline && (!hers.every((text) => text().includes('event:')) || !tellPlanted().every(Boolean)))
      await sleep(100);
    abort.abort();
    await Promise.all(ended);
    expect(hers.map((text) => text().includes('data:'))).toEqual([true, true, true, true]);
    expect(hers.flatMap((text) => plantedIn(text()))).toEqual([]);
    expect(tellPlanted()).toEqual([true, true, true]);
  });

  it('hears of subscriptions what it sees, and none of what is another’s', async () => {
    const connect = (caller: Headers): Client =>
      createClient({
        url: `${api.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: caller,
        retryAttempts: 0,
      });
    const [hers, all] = [connect(sue), connect(root)];
    const told = { hers: '', all: '' };
    const streams = [hers, all].flatMap((client) =>
      [
        'changes(cluster: "shop") { node { object { name } patch } }',
        'driftEvents(cluster: "shop") { objects entries }',
        'assertionEvents(cluster: "shop", after: 0) { name result { breaches { summary } } }',
        'fleet(input: {to: "shop/db-0", port: 5432}) { cluster summary connections { source } }',
      ].map((field) => ({ client, events: client.iterate({ query: `subscription { ${field} }` }) })),
    );
    const listening = streams.map(async ({ client, events }) => {
      for await (const event of events) told[client === hers ? 'hers' : 'all'] += JSON.stringify(event);
    });
    await sleep(500);
    const relabelled = { ...(TWO_TENANTS.at(-2) as { metadata: object }) };
    relabelled.metadata = { ...relabelled.metadata, labels: { seen: `${PLANTED.label}-again` } };
    await persist(api.snapshots, shop, [DB_DENY, relabelled]);
    const deadline = Date.now() + 15_000;
    while (Date.now() < deadline && !Object.values(told).every((text) => text.includes('driftEvents')))
      await sleep(100);
    expect(told.hers).toMatch(/"driftEvents":\{"objects":1,/);
    expect(told.all).toMatch(/"driftEvents":\{"objects":2,/);
    expect(told.hers).toContain('"assertionEvents":{"name":"web asks nobody"');
    expect(told.hers.match(/"fleet":\{"cluster":"[^"]*"/g)).toEqual(['"fleet":{"cluster":"shop"']);
    expect(plantedIn(told.hers)).toEqual([]);
    expect(plantedIn(told.all)).not.toEqual([]);

    for (const field of [
      `assertionEvents(cluster: "${PLANTED.cluster}", after: 4294967296) { name }`,
      `driftEvents(cluster: "${PLANTED.cluster}") { objects }`,
      `jobEvents(id: "${ids.job}") { seq }`,
    ]) {
      const { value } = await hers.iterate({ query: `subscription { ${field} }` }).next();
      expect(value).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
    for (const { events } of streams) await events.return?.();
    await Promise.all(listening);
    await Promise.all([hers.dispose(), all.dispose()]);
  });

  it('has policies tried that it sees alone, and reads no report on others', async () => {
    const path = `/api/v1/clusters/${shop}`;
    const tried = async (caller: Headers): Promise<Reply> => {
      const headers = { ...caller, prefer: 'wait=20' };
      const job = await api.request('POST', `${path}/blast-radius/levers`, { of: 'shop/web-0', hops: 'all' }, headers);
      expect([job.status, job.json]).toEqual([
        200,
        expect.objectContaining({ name: 'levers.try', state: 'succeeded' }),
      ]);
      const report = `${path}/policy-levers/${(job.json as { id: string }).id}`;
      expect((await api.request('GET', report, undefined, root)).status).toBe(200);
      return api.request('GET', report, undefined, sue);
    };
    const own = await tried(sue);
    expect(own.json).toMatchObject({ of: 'shop/web-0', hops: null, asOf: { cluster: 'shop' } });
    const { tried: of, candidates, levers } = own.json as { tried: number; candidates: number; levers: unknown[] };
    expect([of, levers.length > 0]).toEqual([candidates, true]);
    expect(plantedIn(own.text)).toEqual([]);
    const others = await tried(root);
    expect([others.status, plantedIn(others.text)]).toEqual([404, []]);
  });

  it.each([
    ['GET', () => `jobs/${ids.job}`],
    ['GET', () => `jobs/${ids.job}/events`],
    ['DELETE', () => `jobs/${ids.job}`],
    ['GET', () => `audits/${ids.job}`],
    ['GET', () => `audits/${ids.job}/findings`],
    ['GET', () => `audits/${ids.job}/report`],
    ['DELETE', () => `tokens/${ids.token}`],
    ['POST', () => `tokens/${ids.token}/rotate`],
    ['DELETE', () => `suppressions/${ids.suppression}`],
    ['DELETE', () => `clusters/${PLANTED.cluster}`],
    ['PATCH', () => `clusters/${PLANTED.cluster}`],
    ['POST', () => `clusters/${PLANTED.cluster}/resync`],
    ['PUT', () => `clusters/${PLANTED.cluster}/baseline`],
    ['DELETE', () => `clusters/${PLANTED.cluster}/baseline`],
    ['PUT', () => `clusters/${PLANTED.cluster}/assertions`],
    ['DELETE', () => `clusters/${PLANTED.cluster}/assertions`],
    ['PUT', () => `clusters/${PLANTED.cluster}/metrics-source`],
    ['POST', () => `clusters/${PLANTED.cluster}/agent-token`],
    ['GET', () => `clusters/${PLANTED.cluster}/drift/events`],
    ['GET', () => `clusters/${PLANTED.cluster}/assertions/stream`],
  ] as const)('finds nothing: %s %s', async (method, path) => {
    const bodies: Readonly<Record<string, object>> = {
      baseline: {},
      assertions: {
        assertions: '{"assertions":[{"name":"a","from":"shop/web-0","to":"shop/db-0","expect":"denied"}]}',
      },
      'metrics-source': { url: 'http://127.0.0.1:1' },
      [PLANTED.cluster]: { paused: true },
      rotate: { overlapHours: 0 },
    };
    const body = method === 'GET' || method === 'DELETE' ? undefined : bodies[path().split('/').at(-1) ?? ''];
    const match = { 'if-match': '*' };
    const reply = await api.request(method, `/api/v1/${path()}`, body, { ...sue, ...match });
    expect([reply.status, reply.text]).toEqual([404, expect.any(String)]);
    expect(plantedIn(reply.text, path())).toEqual([]);
  });

  it('has left all of it as it was', async () => {
    const cluster = await api.request('GET', `/api/v1/clusters/${PLANTED.cluster}`, undefined, root);
    expect(cluster.json).toMatchObject({ name: PLANTED.cluster, state: 'synced' });
    const { json } = await api.request('GET', `/api/v1/jobs/${ids.job}`, undefined, root);
    expect(json).toMatchObject({ state: 'succeeded' });
    for (const what of ['tokens', 'suppressions']) {
      const listed = await api.request('GET', `/api/v1/${what}`, undefined, root);
      expect(listed.text).toContain(what === 'tokens' ? ids.token : ids.suppression);
      expect(listed.text).not.toContain(`"revokedAt":"`);
    }
  });

  it('lists no job, audit, token or suppression that is not its own to see', async () => {
    for (const path of ['jobs', 'audits', 'tokens', 'suppressions', 'clusters', 'changes']) {
      const reply = await api.request('GET', `/api/v1/${path}`, undefined, sue);
      expect([path, reply.status, plantedIn(reply.text)]).toEqual([path, 200, []]);
      for (const id of Object.values(ids)) expect(reply.text).not.toContain(id);
    }
  });

  it('gets another tag for another answer, and cannot use that of who sees more', async () => {
    const path = '/api/v1/clusters/shop/pods';
    const [whole, part] = [
      await api.request('GET', path, undefined, root),
      await api.request('GET', path, undefined, sue),
    ];
    const tag = whole.headers.get('etag') ?? '';
    expect(tag).not.toBe('');
    expect(part.headers.get('etag')).not.toBe(tag);
    const again = (headers: Headers) => api.request('GET', path, undefined, { ...headers, 'if-none-match': tag });
    expect([(await again(root)).status, (await again(sue)).status]).toEqual([304, 200]);
    expect(part.headers.get('vary')?.toLowerCase()).toContain('authorization');
  });

  it('cannot go on behind a cursor of who sees more, nor behind a forged one', async () => {
    const first = await api.request('GET', '/api/v1/clusters/shop/pods?limit=1', undefined, root);
    const cursor = (first.json as { page: { nextCursor: string } }).page.nextCursor;
    const after = (of: string, caller: Headers) =>
      api.request('GET', `/api/v1/clusters/shop/pods?limit=1&cursor=${encodeURIComponent(of)}`, undefined, caller);
    expect((await after(cursor, root)).status).toBe(200);
    const bent = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const [of, caller] of [
      [cursor, sue],
      [bent, root],
      ['A'.repeat(5_000), root],
      [Buffer.from('["zq-namespace","zq-pod"]').toString('base64url'), sue],
    ] as const) {
      const { status, json, text } = await after(of, caller);
      expect([status, (json as { code?: string }).code, plantedIn(text)]).toEqual([
        400,
        expect.stringMatching(/^(cursor|request)\.invalid$/),
        [],
      ]);
    }
  });
});
