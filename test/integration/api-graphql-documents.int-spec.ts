import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const persisted = (query: string): object => ({ persistedQuery: { version: 1, sha256Hash: sha256(query) } });
const withoutIds = (text: string): string => text.replace(/"requestId":"[^"]*"/g, '').replace(/"stalenessMs":\d+/g, '');

const CAN_REACH = `query Ask($input: CanReachInput!, $wide: Boolean = false) {
  canReach(input: $input) { __typename ... on Reachability { verdict reason summary @include(if: $wide) } }
}`;
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
