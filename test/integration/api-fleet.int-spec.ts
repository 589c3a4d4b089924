import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { readEvents } from './api/read-events.js';
import { DB_OPENED, SHOP } from './api/shop.js';

describe('questions about several clusters, and probes, over REST and GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('closed', SHOP);
    await api.seed('open', [...SHOP.filter((raw) => !JSON.stringify(raw).includes('"db-deny"')), DB_OPENED]);
    await api.clusters.create({ name: 'waiting', source: { type: 'upload' } });
  });
  afterAll(async () => {
    await api.close();
  });

  const toDb = { from: 'shop/web-0', to: 'shop/db-0', port: 5432 };

  it('asks every cluster the same, and names those that could not be asked', async () => {
    const answer = expectDescribed('askFleet', await api.request('POST', '/api/v1/fleet/reachability', toDb));
    const verdicts = answer.items.map((item) => [item.cluster, item.type === 'answer' ? item.verdict : item.type]);
    expect(new Map(verdicts as [string, string][])).toEqual(
      new Map([
        ['closed', 'denied'],
        ['open', 'allowed'],
        ['waiting', 'failed'],
      ]),
    );
    expect(answer).toMatchObject({ asked: 3, answered: 2, absent: [], failed: ['waiting'] });
  });

  it('takes what cannot be told for neither allowed nor denied', async () => {
    const { id } = await api.seed(
      'unsure',
      SHOP.filter((raw) => !JSON.stringify(raw).includes('calico-node')),
    );
    const body = { clusters: ['closed', 'open', 'unsure'], to: 'shop/db-0', port: 5432 };
    const answer = expectDescribed('askFleet', await api.request('POST', '/api/v1/fleet/reachability', body));
    const verdicts = answer.items.map((item) => [item.cluster, item.type === 'answer' && item.verdict]);
    expect(Object.fromEntries(verdicts)).toEqual({ closed: 'denied', open: 'allowed', unsure: 'undetermined' });
    const list = await api.request('GET', '/api/v1/clusters/unsure/connections?to=shop/db-0');
    expect(expectDescribed('listConnections', list)).toMatchObject({
      items: [],
      caveat: expect.stringContaining('not known'),
    });
    await api.clusters.remove(id);
  });

  it('names a cluster in which something breaks, and asks the others all the same', async () => {
    const { id } = await api.seed('broken', SHOP);
    await api.database.database.query(`UPDATE object_revision SET fact = '7' WHERE cluster_id = $1`, [id]);
    const query = 'subscription { fleet(input: {from: "shop/web-0", to: "shop/db-0", port: 5432}) { cluster code } }';
    const reply = await api.request('POST', '/graphql/stream', { query });
    const told = [...reply.text.matchAll(/"cluster":"(\w+)","code":(\S+?)}/g)].map(([, cluster, code]) => [
      cluster,
      code,
    ]);
    expect(new Map(told as [string, string][])).toEqual(
      new Map([
        ['broken', '"internal"'],
        ['closed', 'null'],
        ['open', 'null'],
        ['waiting', '"snapshot.not_found"'],
      ]),
    );
    expect(reply.text).toContain('event: complete');
    await api.clusters.remove(id);
  });

  it('tells each answer as it comes, one a line, the counts last', async () => {
    const body = { clusters: ['closed', 'nowhere'], from: 'shop/nobody', to: 'shop/db-0' };
    const headers = { accept: 'application/x-ndjson' };
    const reply = await api.request('POST', '/api/v1/fleet/reachability', body, headers);
    const lines = reply.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toEqual({ type: 'end', asked: 2, answered: 0, absent: ['closed'], failed: ['nowhere'] });
    expect(lines.map(({ type }) => type).sort()).toEqual(['absent', 'end', 'failed']);
  });

  it('tells each answer as it comes to an event source, which does not ask again after the counts', async () => {
    const url = `${api.url}/api/v1/fleet/reachability/stream?cluster=closed&cluster=nowhere&from=shop/web-0&to=shop/db-0`;
    const stream = await readEvents(`${url}&port=5432`);
    const told = [await stream.next(), await stream.next(), await stream.next()];
    await stream.ended;
    expect(told.map(({ id, event }) => [event, id]).sort()).toEqual([
      ['answer', ''],
      ['end', 'end'],
      ['failed', ''],
    ]);
    expect(told[2]?.data).toEqual({ type: 'end', asked: 2, answered: 1, absent: [], failed: ['nowhere'] });
    expect((await fetch(url, { headers: { 'last-event-id': 'end' } })).status).toBe(204);
    const wrong = await api.request('GET', '/api/v1/fleet/reachability/stream?to=shop/db-0&port=web');
    expect(expectProblem(wrong)).toMatchObject({ status: 400, errors: [{ pointer: '/port' }] });
  });

  it('lists connections where a side is left open', async () => {
    const body = { to: 'shop/db-0', port: 5432 };
    const answer = expectDescribed('askFleet', await api.request('POST', '/api/v1/fleet/reachability', body));
    const open = answer.items.find(({ cluster }) => cluster === 'open');
    expect(open).toMatchObject({ type: 'answer', verdict: 'allowed' });
    expect(JSON.stringify(open)).toContain('web');
    const graphql = await api.graphql(
      '{ fleet(input: {to: "shop/db-0", port: 5432}) { asked answered failed items { type cluster verdict code hasMore asOf { seq } } } }',
    );
    expect(graphql.json).toMatchObject({ data: { fleet: { asked: 3, answered: 2, failed: ['waiting'] } } });
    const told = (graphql.json as { data: { fleet: { items: Record<string, unknown>[] } } }).data.fleet.items;
    expect(told).toContainEqual({
      ...{ type: 'ANSWER', cluster: 'open', verdict: 'ALLOWED' },
      ...{ code: null, hasMore: false, asOf: { seq: 1 } },
    });
    expect(told).toContainEqual({
      ...{ type: 'FAILED', cluster: 'waiting', verdict: null },
      ...{ code: 'snapshot.not_found', hasMore: false, asOf: null },
    });
  });

  it('follows a way from one cluster to another, and says where their ranges overlap', async () => {
    const side = (cluster: string, peer: string) => ({ cluster, peer });
    const body = { from: side('closed', 'shop/web-0'), to: side('open', 'shop/db-0'), port: 5432 };
    const answer = expectDescribed('crossCluster', await api.request('POST', '/api/v1/paths', body));
    expect(answer).toMatchObject({ verdict: 'undetermined', from: { cluster: 'closed' }, to: { cluster: 'open' } });
    expect(answer.routes[0]?.doubts[0]).toContain('the same address');
    const query = `{ crossCluster(input: {from: {cluster: "closed", peer: "shop/web-0"}, to: {cluster: "open", peer: "shop/db-0"}, port: 5432}) { verdict routes { kind } from { cluster } } }`;
    expect((await api.graphql(query)).json).toMatchObject({
      data: {
        crossCluster: { verdict: 'UNDETERMINED', routes: [{ kind: 'POD_ADDRESS' }], from: { cluster: 'closed' } },
      },
    });
    expectProblem(await api.request('POST', '/api/v1/paths', { ...body, to: side('nowhere', 'a/b') }));
  });

  it('plans a probe, and compares what it saw with what was predicted', async () => {
    const question = { cluster: 'closed', ...toDb };
    const plan = expectDescribed('planProbes', await api.request('POST', '/api/v1/probes', question));
    expect(plan).toMatchObject({
      verdict: 'denied',
      probes: [{ predicted: 'blocked', way: 'pod', address: '10.0.0.3' }],
    });
    const id = plan.probes[0]?.id ?? '';
    expect(plan.script).toContain(`atlas-probe ${id} 10.0.0.3 5432`);
    const judge = (results: unknown) => api.request('POST', '/api/v1/probes/results', { ...question, results });
    const same = expectDescribed('judgeProbes', await judge(`${id} timeout\n`));
    expect(same).toMatchObject({ agreed: 1, differed: 0 });
    const other = expectDescribed('judgeProbes', await judge([{ id, observed: 'open' }]));
    expect(other).toMatchObject({ differed: 1, results: [{ agrees: false }] });
    expect(other.results[0]?.hints.length).toBeGreaterThan(1);
    const query = `query ($results: String!) { judgeProbes(input: {cluster: "closed", from: "shop/web-0", to: "shop/db-0", port: 5432, results: $results}) { differed results { id observed agrees } }
      probePlan(input: {cluster: "closed", from: "shop/web-0", to: "shop/db-0", port: 5432}) { summary skipped { why } probes { id predicted way port expect } } }`;
    expect((await api.graphql(query, { results: `${id} open` })).json).toEqual({
      data: {
        judgeProbes: { differed: 1, results: [{ id, observed: 'OPEN', agrees: false }] },
        probePlan: {
          summary: plan.summary,
          skipped: [],
          probes: [{ id, predicted: 'BLOCKED', way: 'POD', port: 5432, expect: [`${id} timeout`] }],
        },
      },
    });
  });

  it('plans a probe of a difference, as it is in the later state', async () => {
    const sides = { against: { cluster: 'closed' } };
    const drift = await api.request('POST', '/api/v1/drift', { cluster: 'open', ...sides, type: 'opened' });
    const { entries } = drift.json as { entries: { id: string; example: object | null }[] };
    const shown = entries.find(({ example }) => example !== null);
    const asked = { cluster: 'open', drift: { entry: shown?.id, ...sides } };
    const plan = expectDescribed('planProbes', await api.request('POST', '/api/v1/probes', asked));
    expect(plan).toMatchObject({ verdict: 'allowed', probes: [{ predicted: 'open', address: '10.0.0.3' }] });
    const [probe] = plan.probes;
    expect(probe?.lines.map(({ prints }) => prints)).toEqual([
      ['succeeded', 'Connection refused'],
      ['connects 1', 'connects 0, exit 7'],
    ]);
    const results = `${probe?.id ?? ''} open`;
    const judged = await api.request('POST', '/api/v1/probes/results', { ...asked, results });
    expect(expectDescribed('judgeProbes', judged)).toMatchObject({ agreed: 1, differed: 0 });
    const query = `query ($input: ProbePlanInput!) { probePlan(input: $input) { probes { id lines { prints } } } }`;
    expect((await api.graphql(query, { input: asked })).json).toEqual({
      data: { probePlan: { probes: [{ id: probe?.id, lines: probe?.lines.map(({ prints }) => ({ prints })) }] } },
    });

    const refused = async (body: object) => expectProblem(await api.request('POST', '/api/v1/probes', body));
    expect(await refused({ cluster: 'open', drift: { entry: 'none', ...sides } })).toMatchObject({ code: 'not_found' });
    const first = { cluster: 'open', drift: { entry: 'none' } };
    expect(await refused(first)).toMatchObject({ code: 'snapshot.not_found', errors: [{ pointer: '/drift/before' }] });
    expect((await api.graphql(query, { input: first })).json).toMatchObject({
      errors: [{ extensions: { errorCode: 'snapshot.not_found', errors: [{ pointer: '/drift/before' }] } }],
    });
    expect(await refused({ ...asked, from: 'shop/web-0' })).toMatchObject({ code: 'request.invalid' });
    expect(await refused({ cluster: 'open', from: 'shop/web-0' })).toMatchObject({ code: 'request.invalid' });
  });
});
