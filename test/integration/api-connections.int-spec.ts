import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { SHOP } from './api/shop.js';

const LIST = '/api/v1/clusters/shop/connections';
const INTO_API = 'by=pod&to=shop%2Fapi-0&outside=false';

describe('connections over REST and GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  it('lists who can reach a pod, on which ports', async () => {
    const list = expectDescribed('listConnections', await api.request('GET', `${LIST}?${INTO_API}`));
    const row = {
      destination: { kind: 'Pod', namespace: 'shop', name: 'api-0' },
      connections: 'TCP 8080',
      protocols: [{ protocol: 'TCP', ports: [{ from: 8080, to: 8080 }] }],
      pairs: 1,
      of: 1,
    };
    expect(list.items).toEqual([
      { source: { kind: 'Pod', namespace: 'shop', name: 'web-0' }, ...row },
      { source: { kind: 'Deployment', namespace: 'shop', name: 'web' }, ...row },
    ]);
    expect(list).toMatchObject({ asOf: { cluster: 'shop', seq: 1 }, page: { limit: 25, nextCursor: null } });
  });

  it('goes through a Service by the ports behind it', async () => {
    const path = `${LIST}?by=pod&to=service:shop%2Fapi&port=80&outside=false`;
    const { items } = expectDescribed('listConnections', await api.request('GET', path));
    expect(items.map(({ source, connections }) => [source.name, connections])).toEqual([
      ['web-0', 'TCP 8080'],
      ['web', 'TCP 8080'],
    ]);
  });

  it('pages through the same rows that it streams', async () => {
    const streamed = await api.request('GET', `${LIST}?by=pod&nodes=true&format=ndjson`);
    expect(streamed.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(JSON.parse(streamed.headers.get('atlas-as-of') ?? '')).toMatchObject({ asOf: { cluster: 'shop', seq: 1 } });
    const rows = streamed.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(rows.length).toBeGreaterThan(10);
    const paged: unknown[] = [];
    let next: string | null = `${LIST}?by=pod&nodes=true&limit=4`;
    while (next !== null) {
      const reply = await api.request('GET', next);
      const page = expectDescribed('listConnections', reply);
      expect(page.items.length).toBeLessThanOrEqual(4);
      paged.push(...page.items);
      const link = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1] ?? null;
      expect(link === null).toBe(page.page.nextCursor === null);
      next = link;
    }
    expect(paged).toEqual(rows);
  });

  it('sends CSV to who asks for it, without cells that a spreadsheet would run', async () => {
    const reply = await api.request('GET', `${LIST}?${INTO_API}`, undefined, { accept: 'text/csv' });
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.text).toBe(
      'source,source kind,destination,destination kind,connections,pairs\r\n' +
        'shop/web-0,Pod,shop/api-0,Pod,TCP 8080,1\r\nshop/web,Deployment,shop/api-0,Pod,TCP 8080,1\r\n',
    );
  });

  it('answers about a pod that does not exist', async () => {
    const ask = async (from: string): Promise<string[]> => {
      const path = `${LIST}?by=pod&from=${encodeURIComponent(from)}&to=shop%2Fapi-0`;
      return expectDescribed('listConnections', await api.request('GET', path)).items.map((row) => row.connections);
    };
    expect(await ask('labels:shop/app=web')).toEqual(['TCP 8080']);
    expect(await ask('labels:kube-system/app=web')).toEqual([]);
    expect(await ask('labels:team=red/app=web')).toEqual([]);
  });

  it('shows namespaces against namespaces, and tells how many pairs', async () => {
    const matrix = expectDescribed('getConnectionMatrix', await api.request('GET', `${LIST}/matrix?outside=false`));
    const at = matrix.peers.findIndex(({ name }) => name === 'shop');
    const own = matrix.cells.find(({ source, destination }) => source === at && destination === at);
    // Of web-0, the template of web, api-0 and db-0: both webs are open to the three others, api-0 to both webs, db-0 to none.
    expect(own).toMatchObject({ connections: 'all', pairs: 8, of: 12 });
    const csv = await api.request('GET', `${LIST}/matrix?outside=false&format=csv`);
    expect(csv.text).toContain('namespace shop,all,all (8 of 12)\r\n');
  });

  it('draws a picture as data, SVG, DOT and Mermaid', async () => {
    const graph = expectDescribed('getConnectionGraph', await api.request('GET', `${LIST}/graph?by=workload`));
    expect(graph.nodes).toContainEqual(
      expect.objectContaining({ id: 'Pod shop/api-0', label: 'api-0', kind: 'workload', group: 'namespace shop' }),
    );
    expect(graph.edges).toContainEqual({
      from: 'Pod shop/web-0',
      to: 'Pod shop/api-0',
      label: 'TCP 8080',
      state: 'allowed',
      both: false,
    });
    const svg = await api.request('GET', `${LIST}/graph`, undefined, { accept: 'image/svg+xml' });
    expect(svg.headers.get('content-type')).toBe('image/svg+xml');
    expect(svg.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(svg.text).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*>shop<[^]*<\/svg>\n$/);
    expect((await api.request('GET', `${LIST}/graph?format=dot`)).text).toMatch(/^digraph /);
    expect((await api.request('GET', `${LIST}/graph?format=mermaid`)).text).toMatch(
      /^---\ntitle: "Connections in .*"\n---\nflowchart LR\n/,
    );
  });

  it('refuses what it cannot read, by name, and forms that it does not have', async () => {
    const refused = expectProblem(await api.request('GET', `${LIST}?from=nonsense%3A1&direction=egress&port=99999`));
    expect(refused).toMatchObject({ status: 400, code: 'request.invalid', errors: [{ pointer: '/port' }] });
    const unread = expectProblem(await api.request('GET', `${LIST}?from=x&direction=egress&protocol=carrier-pigeon`));
    expect(unread.code).toBe('question.invalid');
    expect(unread.errors.map(({ pointer }) => pointer)).toEqual(['/direction', '/from', '/protocol']);
    const missing = expectProblem(await api.request('GET', `${LIST}?to=shop%2Fwbe-0`));
    expect(missing).toMatchObject({
      status: 404,
      code: 'endpoint.not_found',
      near: expect.arrayContaining(['shop/web-0']),
    });
    const focus = expectProblem(await api.request('GET', `${LIST}?focus=shop%2Fwbe-0`));
    expect(focus.errors.map(({ pointer }) => pointer)).toEqual(['/focus']);
    const form = expectProblem(await api.request('GET', LIST, undefined, { accept: 'application/pdf' }));
    expect(form).toMatchObject({ status: 406, code: 'not_acceptable' });
  });

  it('lists over GraphQL, and draws', async () => {
    const reply = await api.graphql(
      `query ($input: ConnectionsInput!) {
        connections(input: $input, first: 5) {
          edges { node { source { name } destination { name } connections protocols { protocol ports { from to } } } }
          pageInfo { hasNextPage } asOf { seq }
        }
        connectionMatrix(input: { cluster: "shop", outside: false }) { peers { name } cells { source destination pairs of } }
        connectionGraph(input: { cluster: "shop", by: WORKLOAD }) { nodes { label kind } drawn(format: SVG) }
      }`,
      { input: { cluster: 'shop', by: 'POD', focus: 'shop/api-0', direction: 'INGRESS', outside: false } },
    );
    const { data } = reply.json as { data: Record<string, never> };
    expect(data).toMatchObject({
      connections: {
        edges: [
          { node: { source: { name: 'web-0' }, connections: 'TCP 8080' } },
          { node: { source: { name: 'web' } } },
        ],
        pageInfo: { hasNextPage: false },
        asOf: { seq: 1 },
      },
      connectionGraph: { drawn: expect.stringMatching(/^<svg /) },
    });
  });
});

describe('a batch of questions', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  const question = { cluster: 'shop', from: 'shop/web-0', to: 'shop/api-0', port: 8080 };

  it('answers each item by itself, with its name and its status', async () => {
    const items = [
      { ref: 'first', ...question },
      { ref: 'second', ...question, port: 9090 },
      { ref: 'typo', ...question, to: 'shop/apy-0' },
      { ref: 'wrong', cluster: 'shop', from: 'shop/web-0' },
      { ...question, cluster: 'nowhere' },
    ];
    const reply = await api.request('POST', '/api/v1/reachability/batch', { items });
    const batch = expectDescribed('canReachBatch', reply);
    expect(
      batch.items.map(({ ref, status, answer, problem }) => [ref, status, answer?.verdict ?? problem?.code]),
    ).toEqual([
      ['first', 200, 'allowed'],
      ['second', 200, 'denied'],
      ['typo', 404, 'endpoint.not_found'],
      ['wrong', 400, 'request.invalid'],
      [null, 404, 'cluster.not_found'],
    ]);
    expect(batch.items[2]?.problem?.near).toContain('shop/api-0');
    expect(batch.items[3]?.problem?.errors).toEqual([expect.objectContaining({ pointer: '/to' })]);
  });

  it('takes 1,000 questions and refuses more', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => ({ ref: String(index), ...question }));
    const batch = expectDescribed('canReachBatch', await api.request('POST', '/api/v1/reachability/batch', { items }));
    expect(batch.items.map(({ ref }) => ref)).toEqual(items.map(({ ref }) => ref));
    const more = await api.request('POST', '/api/v1/reachability/batch', { items: [...items, items[0]] });
    expect(expectProblem(more)).toMatchObject({ status: 400, errors: [{ pointer: '/items' }] });
  });

  it('does the same over GraphQL', async () => {
    const reply = await api.graphql(
      `query ($items: [CanReachBatchInput!]!) {
        canReachBatch(items: $items) { ref answer { verdict asOf { seq } } problem { code near } }
      }`,
      {
        items: [
          { ref: 'a', question },
          { ref: 'b', question: { ...question, from: 'shop/wbe-0' } },
        ],
      },
    );
    expect(reply.json).toMatchObject({
      data: {
        canReachBatch: [
          { ref: 'a', answer: { verdict: 'ALLOWED', asOf: { seq: 1 } }, problem: null },
          {
            ref: 'b',
            answer: null,
            problem: { code: 'endpoint.not_found', near: expect.arrayContaining(['shop/web-0']) },
          },
        ],
      },
    });
  });
});
