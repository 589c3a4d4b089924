import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { factsOf, persist, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { startWithLimitedCaller } from './api/limited-caller.js';
import { DB_OPENED } from './api/shop.js';
import { PLANTED, plantedIn, TWO_TENANTS } from './api/tenants.js';

const QUESTION = { cluster: 'shop', from: 'shop/web-0', to: 'shop/db-0', port: 5432 };
const CLUSTER_POLICY = {
  group: 'crd.projectcalico.org',
  kind: 'GlobalNetworkPolicy',
  namespace: '',
  name: PLANTED.clusterPolicy,
};
const PATH = '/api/v1/reachability?cluster=shop&from=shop/web-0&to=shop/db-0&port=5432';
const DOCUMENT = `query ($input: CanReachInput!) {
  canReach(input: $input) { ... on Reachability { verdict summary asOf { seq stalenessMs } } }
}`;

const ageOf = (reply: Reply): number => Number(/"stalenessMs":(\d+)/.exec(reply.text)?.[1]);
const withoutAge = (reply: Reply): string => reply.text.replace(/"stalenessMs":\d+/, '');

describe('an answer that is asked for again', () => {
  let api: ApiUnderTest;
  let close: () => Promise<void>;
  let root: Record<string, string>;
  let sue: Record<string, string>;
  let shop: string;

  beforeAll(async () => {
    ({ api, root, sue, close } = await startWithLimitedCaller('viewer'));
    shop = (await api.seed('shop', TWO_TENANTS)).id;
  });
  afterAll(async () => {
    await close();
  });

  const ways: [string, (caller: Record<string, string>) => Promise<Reply>][] = [
    ['by POST', (caller) => api.request('POST', '/api/v1/reachability', QUESTION, caller)],
    ['by GET', (caller) => api.request('GET', PATH, undefined, caller)],
    [
      'by GraphQL',
      (caller) => api.request('POST', '/graphql', { query: DOCUMENT, variables: { input: QUESTION } }, caller),
    ],
  ];

  it.each(ways)('%s is the same but for the age of the data', async (_, ask) => {
    const first = await ask(root);
    expect([first.status, first.text]).toEqual([200, expect.stringContaining(`denied by ${PLANTED.clusterPolicy}`)]);
    for (let again = 0; again < 4; again++) {
      await sleep(2);
      const reply = await ask(root);
      expect([reply.status, withoutAge(reply)]).toEqual([200, withoutAge(first)]);
      expect(ageOf(reply)).toBeGreaterThan(ageOf(first));
      for (const header of ['content-type', 'cache-control', 'vary', 'etag', 'ratelimit-policy'])
        expect([header, reply.headers.get(header)]).toEqual([header, first.headers.get(header)]);
      expect(reply.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    }
  });

  it.each(ways)('%s is what its caller may see, whoever asked before', async (_, ask) => {
    for (let again = 0; again < 3; again++) {
      expect((await ask(root)).text).toContain(PLANTED.clusterPolicy);
      const seen = await ask(sue);
      expect(seen.status).toBe(200);
      expect(plantedIn(seen.text)).toEqual([]);
    }
    const nobody = await ask({});
    expect(nobody.text).not.toContain('denied');
  });

  it('has its tag, and is not sent to whoever has it', async () => {
    const tag = (await api.request('GET', PATH, undefined, root)).headers.get('etag') ?? '';
    for (let again = 0; again < 3; again++) {
      await api.request('GET', PATH, undefined, root);
      const reply = await api.request('GET', PATH, undefined, { ...root, 'if-none-match': tag });
      expect([reply.status, reply.text, reply.headers.get('etag')]).toEqual([304, '', tag]);
    }
  });

  it('is counted in one entry of the log, but for the first that asked', async () => {
    const ask = (): Promise<Reply> => api.request('POST', '/api/v1/reachability', { ...QUESTION, port: 5433 }, root);
    await ask();
    const begun = performance.now();
    await Promise.all(Array.from({ length: 20 }, ask));
    const spentMs = performance.now() - begun;
    await sleep(600);
    const log = await api.request('GET', '/api/v1/log?limit=100', undefined, root);
    const { items } = log.json as { items: { question: string; times: number }[] };
    const told = items.filter(({ question }) => question.includes('"port":5433')).map(({ times }) => times);
    expect(told.reduce((sum, times) => sum + times, 0)).toBe(21);
    expect(told.at(-1)).toBe(1);
    // Entries are written four times a second.
    expect(told.length).toBeLessThanOrEqual(3 + spentMs / 250);
  });

  it('is in the log of questions each time', async () => {
    const ids = ['kept-1', 'kept-2', 'kept-3', 'kept-4'];
    for (const id of ids) await api.request('POST', '/api/v1/reachability', QUESTION, { ...root, 'x-request-id': id });
    await sleep(600);
    const log = await api.request('GET', '/api/v1/log?limit=100', undefined, root);
    const { items } = log.json as { items: { requestId: string; question: string }[] };
    const logged = items.filter(({ requestId }) => ids.includes(requestId));
    expect(logged.map(({ requestId }) => requestId).sort()).toEqual(ids);
    expect(new Set(logged.map(({ question }) => question))).toEqual(
      new Set([`POST /api/v1/reachability ${JSON.stringify(QUESTION)}`]),
    );
  });

  it('tells the age of the data under another name as it is now', async () => {
    const query = DOCUMENT.replace('seq stalenessMs', 'stalenessMs: seq age: stalenessMs');
    const ages: number[] = [];
    for (let again = 0; again < 4; again++) {
      await sleep(2);
      const reply = await api.request('POST', '/graphql', { query, variables: { input: QUESTION } }, root);
      const { asOf } = (reply.json as { data: { canReach: { asOf: { stalenessMs: number; age: number } } } }).data
        .canReach;
      expect(asOf.stalenessMs).toBe(1);
      ages.push(asOf.age);
    }
    expect(ages).toEqual([...new Set(ages)].sort((a, b) => a - b));
  });

  it.each(ways)('%s is of the new snapshot when there is one', async (_, ask) => {
    const expected = async (verdict: string): Promise<void> => {
      for (let again = 0; again < 3; again++) expect((await ask(root)).text.toLowerCase()).toContain(`→ ${verdict}`);
    };
    await expected('denied');
    await persist(api.snapshots, shop, [], {}, { deletes: [CLUSTER_POLICY], upserts: factsOf([DB_OPENED]) });
    await expected('allowed');
    await persist(api.snapshots, shop, TWO_TENANTS);
    await expected('denied');
  });

  it('is gone with its cluster', async () => {
    const ask = (): Promise<Reply> => api.request('POST', '/api/v1/reachability', QUESTION, root);
    for (let again = 0; again < 3; again++) expect((await ask()).status).toBe(200);
    await api.clusters.remove(shop);
    await sleep(120);
    expect((await ask()).status).toBe(404);
  });
});
