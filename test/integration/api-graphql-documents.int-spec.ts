import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const persisted = (query: string): object => ({ persistedQuery: { version: 1, sha256Hash: sha256(query) } });
const withoutIds = (text: string): string => text.replace(/"requestId":"[^"]*"/g, '').replace(/"stalenessMs":\d+/g, '');

const CAN_REACH = `query Ask($input: CanReachInput!, $wide: Boolean = false) {
  canReach(input: $input) { __typename ... on Reachability { verdict reason summary @include(if: $wide) } }
}`;
const PLAIN = `query ($input: CanReachInput!, $other: CanReachInput = { cluster: "shop", from: "shop/db-0", to: "shop/web-0" }) {
  canReach(input: $input) { ...Ruled __typename ... on EndpointNotFound { near argument } ... on ClusterNotFound { message } }
  other: canReach(input: $other) { ...Ruled ... on Answer { at: asOf { seq } engineVersion } }
  fixed: canReach(input: { cluster: "shop", from: "shop/web-0", to: "shop/api-0", port: 80, l7: { protocol: http } }) { ...Told }
}
fragment Ruled on Reachability { is: verdict verdict reason intended { verdict reason } enforced { verdict }
  source { label query { type namespace name labels { key value } } } cni { networking engines { name } options { key } } confidence }
fragment Told on Reachability { ...Ruled summary intended { summary }
  steps { hop rules { policy { kind name } label } nearMisses { why } } flows { count destination { label } ports } flows { verdict } fixes { title } }`;
const QUESTION = { cluster: 'shop', from: 'shop/web-0', to: 'service:shop/api', port: 80 };

describe('documents of GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Reply> =>
    api.request('POST', '/graphql', body, headers);

  describe.each<[string, object]>([
    ['a question', { query: CAN_REACH, variables: { input: QUESTION } }],
    ['a question with no directive', { query: PLAIN, variables: { input: QUESTION } }],
    [
      'a question whose fields were left out',
      { query: PLAIN, variables: { input: { ...QUESTION, port: null, l7: null } } },
    ],
    ['a question about nothing', { query: PLAIN, variables: { input: { ...QUESTION, to: 'shop/nobody' } } }],
    ['a question about no cluster', { query: PLAIN, variables: { input: { ...QUESTION, cluster: 'nope' } } }],
    ['a question with a field too many', { query: PLAIN, variables: { input: { ...QUESTION, nope: 1 } } }],
    ['a question without one', { query: PLAIN, variables: { input: { ...QUESTION, from: undefined } } }],
    [
      'two questions of which one cannot be read',
      { query: PLAIN, variables: { input: QUESTION, other: { ...QUESTION, from: 'x:' } } },
    ],
    ['a default that is null', { query: PLAIN, variables: { input: QUESTION, other: null } }],
    [
      'questions at once',
      {
        query:
          '{ canReachBatch(items: { question: { cluster: "shop", from: "shop/web-0", to: "shop/db-0" } }) { ref answer { verdict steps { why } } problem { code } } }',
      },
    ],
    [
      'a list with parts that are looked up',
      { query: '{ clusters(first: 2) { edges { node { name problems { items { code } } } } } }' },
    ],
    [
      'a list of many types',
      {
        query:
          '{ clusters(first: 2) { totalCount edges { cursor node { id name source { type } createdAt } } pageInfo { endCursor hasNextPage } } }',
      },
    ],
    ['a question of one more field', { query: CAN_REACH, variables: { input: QUESTION, wide: true } }],
    ['a named operation', { query: CAN_REACH, operationName: 'Ask', variables: { input: QUESTION } }],
    ['an operation that is not there', { query: CAN_REACH, operationName: 'Other', variables: { input: QUESTION } }],
    ['a variable of the wrong type', { query: CAN_REACH, variables: { input: { ...QUESTION, port: true } } }],
    ['a variable that is missing', { query: CAN_REACH, variables: {} }],
    ['variables that are no object', { query: CAN_REACH, variables: 'none' }],
    ['a question that cannot be read', { query: CAN_REACH, variables: { input: { ...QUESTION, from: 'pod:web' } } }],
    ['a cluster that does not exist', { query: '{ pods(cluster: "nope") { asOf { seq } } }' }],
    [
      'one of two operations',
      { query: 'query A { __typename } query B { clusters { __typename } }', operationName: 'A' },
    ],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['a document that is not valid', { query: '{ nope }' }],
    ['an array', [{ query: CAN_REACH, variables: { input: QUESTION } }]],
  ])('%s', (_, body) => {
    it('is answered the same whether the document was met before or not', async () => {
      // A space more is another document, which nobody has met yet.
      const other = Array.isArray(body) ? body : { ...body, query: `${(body as { query: string }).query} ` };
      const unknown = await post(other);
      for (let again = 0; again < 3; again++) {
        const known = await post(body);
        expect([known.status, withoutIds(known.text)]).toEqual([unknown.status, withoutIds(unknown.text)]);
        for (const header of ['content-type', 'cache-control'])
          expect(known.headers.get(header)).toBe(unknown.headers.get(header));
      }
    });
  });

  it('are executed for whoever asks with the variables that came along', async () => {
    const verdictOf = async (to: string): Promise<unknown> =>
      (
        (await post({ query: CAN_REACH, variables: { input: { ...QUESTION, to, port: 5432 } } })).json as {
          data: { canReach: { verdict: string } };
        }
      ).data.canReach.verdict;
    expect([await verdictOf('shop/db-0'), await verdictOf('shop/web-0')]).toEqual(['DENIED', 'ALLOWED']);
  });

  it('are known by their hash once they came with it', async () => {
    const query = '{ clusters(first: 1) { edges { node { name } } } }';
    const unknown = await post({ extensions: persisted(query) });
    expect((unknown.json as { errors: [{ extensions: object }] }).errors[0].extensions).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
    });
    const data = { clusters: { edges: [{ node: { name: 'shop' } }] } };
    expect((await post({ query, extensions: persisted(query) })).json).toEqual({ data });
    expect((await post({ extensions: persisted(query) })).json).toEqual({ data });
    const other = await post({ query: '{ __typename }', extensions: persisted(query) });
    expect([other.status, other.json]).toMatchObject([
      400,
      { errors: [{ message: 'provided sha does not match query' }] },
    ]);
  });

  it('are refused when they may cost too much, with what they cost and what is allowed', async () => {
    const query = `query ($first: Int!) { clusters(first: $first) { edges { node { problems(first: 100) { items { code } } } } } }`;
    const cheap = await post({ query, variables: { first: 2 } });
    expect(cheap.json).not.toHaveProperty('errors');
    for (let again = 0; again < 2; again++) {
      const dear = await post({ query, variables: { first: 100 } });
      expect([dear.status, dear.json]).toMatchObject([
        400,
        { errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED', cost: { requested: 10_301, limit: 5_000 } } }] },
      ]);
    }
  });

  it('are not taken by the dozen', async () => {
    const one = { query: '{ __typename }' };
    expect((await post(Array.from({ length: 100 }, () => one))).status).toBe(400);
  });
});

describe('a list of GraphQL documents', () => {
  const LISTED = '{ clusters(first: 1) { edges { node { name } } } }';
  const WATCHED = 'subscription { fleet(input: {to: "shop/db-0"}) { cluster } }';
  const byId = (id: string): object => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } });
  const code = ({ json }: Reply): unknown =>
    (json as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-documents-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function startWith(documents: unknown): Promise<ApiUnderTest> {
    const file = join(folder, 'documents.json');
    await writeFile(file, JSON.stringify(documents));
    return startApiUnderTest({ GRAPHQL_DOCUMENTS: file });
  }

  it('is all that is answered, by text or by id, over HTTP and WebSocket', async () => {
    const api = await startWith({ 'list-clusters': LISTED, [sha256(WATCHED)]: WATCHED });
    try {
      await api.seed('shop', SHOP);
      const named = { data: { clusters: { edges: [{ node: { name: 'shop' } }] } } };
      for (let again = 0; again < 2; again++) {
        for (const body of [{ query: LISTED }, byId('list-clusters')]) {
          expect((await api.request('POST', '/graphql', body)).json).toEqual(named);
        }
      }
      const link = `/graphql?query=${encodeURIComponent('{ __typename }')}`;
      const plain = { 'apollo-require-preflight': 'yes' };
      const refused = [
        await api.graphql(`${LISTED} `),
        await api.graphql('{ __schema { queryType { name } } }'),
        await api.graphql('{ nope '),
        await api.request('GET', link, undefined, plain),
        await api.request('POST', '/graphql', { query: '{ __typename }', extensions: persisted('{ __typename }') }),
      ];
      expect(refused.map((reply) => [reply.status, code(reply)])).toEqual(
        refused.map(() => [400, 'DOCUMENT_NOT_ALLOWED']),
      );
      expect(code(await api.request('POST', '/graphql', { extensions: persisted('{ __typename }') }))).toBe(
        'PERSISTED_QUERY_NOT_FOUND',
      );
      const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
      const unlisted = client.iterate({ query: 'subscription { changes { cursor } }' });
      await expect(unlisted.next()).rejects.toMatchObject([{ extensions: { code: 'DOCUMENT_NOT_ALLOWED' } }]);
      const asked = client.iterate({ query: WATCHED });
      expect((await asked.next()).value).toMatchObject({ data: { fleet: { cluster: 'shop' } } });
      await client.dispose();
    } finally {
      await api.close();
    }
  });

  it('may be the manifest of Apollo, and stops the start when it is no list', async () => {
    const operations = [{ id: sha256(LISTED), body: LISTED, name: 'Clusters', type: 'query' }];
    const api = await startWith({ format: 'apollo-persisted-query-manifest', version: 1, operations });
    expect((await api.request('POST', '/graphql', byId(sha256(LISTED)))).json).toEqual({
      data: { clusters: { edges: [] } },
    });
    await api.close();
    await expect(startWith(['{ __typename }'])).rejects.toThrow('is no list of GraphQL documents');
  });
});
