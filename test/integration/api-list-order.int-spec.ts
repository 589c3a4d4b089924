import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';

const NAMES = ['alpha', 'bravo', 'charlie', 'delta', 'echo'];
const STATES = ['synced', 'pending', 'synced', 'error', 'pending'] as const;

const pod = (namespace: string, name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name },
  spec: { containers: [{ name: 'c', image: 'c' }] },
  status: { phase: 'Running', podIP: '10.0.0.1' },
});

describe('the order of lists', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    const pods = [pod('b', 'y'), pod('a', 'z'), pod('b', 'x'), pod('a', 'x'), pod('c', 'y')];
    for (const [index, name] of NAMES.entries()) {
      const { id } = await api.seed(name, index === 0 ? pods : []);
      await api.clusters.update(id, { state: STATES[index] });
    }
  });
  afterAll(() => api.close());

  const clustersBy = async (query: string): Promise<string[]> => {
    const names: string[] = [];
    let path: string | undefined = `/api/v1/clusters?${query}`;
    while (path !== undefined) {
      const reply: Reply = await api.request('GET', path);
      names.push(...expectDescribed('listClusters', reply).items.map(({ name }) => name));
      path = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    return names;
  };

  it.each([
    ['sort=-name', ['echo', 'delta', 'charlie', 'bravo', 'alpha']],
    ['sort=state', ['delta', 'bravo', 'echo', 'alpha', 'charlie']],
    ['sort=-state,-name', ['charlie', 'alpha', 'echo', 'bravo', 'delta']],
    ['sort=state,-createdAt', ['delta', 'echo', 'bravo', 'charlie', 'alpha']],
  ])('is what `%s` says, whatever the size of the page', async (query, expected) => {
    for (const limit of [1, 2, 100]) expect(await clustersBy(`${query}&limit=${String(limit)}`)).toEqual(expected);
  });

  it('is the same by GraphQL, from both ends', async () => {
    const ask = async (
      args: string,
    ): Promise<readonly [names: readonly string[], pageInfo: Record<string, unknown>]> => {
      const query = `{ clusters(${args}) { edges { node { name } } pageInfo { startCursor endCursor } } }`;
      const reply = await api.request('POST', '/graphql', { query });
      const { clusters } = (reply.json as { data: { clusters: Asked } }).data;
      return [clusters.edges.map(({ node }) => node.name), clusters.pageInfo];
    };
    interface Asked {
      readonly edges: readonly { readonly node: { readonly name: string } }[];
      readonly pageInfo: Record<string, unknown>;
    }
    const [first, { endCursor }] = await ask('sort: "-name", first: 2');
    expect(first).toEqual(['echo', 'delta']);
    const [second] = await ask(`sort: "-name", first: 2, after: "${String(endCursor)}"`);
    expect(second).toEqual(['charlie', 'bravo']);
    expect((await ask('sort: "-name", last: 2'))[0]).toEqual(['bravo', 'alpha']);
    const query = '{ clusters(sort: "age") { edges { node { name } } } }';
    const refused = await api.request('POST', '/graphql', { query });
    expect(refused.text).toContain(
      'cannot be `age`, it is one or more of `name`, `state`, `createdAt`, `lastSyncedAt`',
    );
    const pods = '{ pods(cluster: "alpha", sort: "-name,namespace", first: 3) { edges { node { namespace name } } } }';
    const listed = await api.request('POST', '/graphql', { query: pods });
    expect(listed.json).toMatchObject({
      data: {
        pods: {
          edges: [
            { node: { namespace: 'a', name: 'z' } },
            { node: { namespace: 'b', name: 'y' } },
            { node: { namespace: 'c', name: 'y' } },
          ],
        },
      },
    });
  });

  it('goes on behind a row that was changed or removed meanwhile', async () => {
    const { id } = await api.seed('foxtrot', []);
    const first = await api.request('GET', '/api/v1/clusters?sort=-name&limit=1');
    expect(expectDescribed('listClusters', first).items.map(({ name }) => name)).toEqual(['foxtrot']);
    await api.clusters.remove(id);
    const { nextCursor } = expectDescribed('listClusters', first).page;
    const next = await api.request('GET', `/api/v1/clusters?sort=-name&limit=1&cursor=${String(nextCursor)}`);
    expect(expectDescribed('listClusters', next).items.map(({ name }) => name)).toEqual(['echo']);
    for (const other of ['sort=name', 'sort=-state', '']) {
      const refused = await api.request('GET', `/api/v1/clusters?${other}&cursor=${String(nextCursor)}`);
      expect(expectProblem(refused)).toMatchObject({ status: 400, code: 'cursor.invalid' });
    }
  });

  it.each([
    ['sort=age', 'cannot be `age`, it is one or more of `name`, `state`, `createdAt`, `lastSyncedAt` with commas'],
    ['sort=name,-name', 'names `name` twice'],
    ['sort=', 'cannot be ``'],
  ])('refuses `%s` by name', async (query, detail) => {
    const problem = expectProblem(await api.request('GET', `/api/v1/clusters?${query}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/sort' }] });
    expect(problem.detail).toContain(detail);
  });

  it('holds for objects of a snapshot, which stay in their own order where they are equal', async () => {
    const places: string[] = [];
    let cursor = '';
    do {
      const reply = await api.request('GET', `/api/v1/clusters/alpha/pods?sort=-name&limit=2${cursor}`);
      const page = expectDescribed('listPods', reply);
      places.push(...page.items.map(({ namespace, name }) => `${namespace}/${name}`));
      cursor = page.page.nextCursor === null ? '' : `&cursor=${page.page.nextCursor}`;
    } while (cursor !== '');
    expect(places).toEqual(['a/z', 'b/y', 'c/y', 'a/x', 'b/x']);
  });

  it('can be walked from the end', async () => {
    const pages: string[][] = [];
    let path: string | undefined = '/api/v1/clusters?backward=true&limit=2';
    while (path !== undefined) {
      const reply: Reply = await api.request('GET', path);
      pages.push(expectDescribed('listClusters', reply).items.map(({ name }) => name));
      path = /^<([^>]+)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect(pages).toEqual([['delta', 'echo'], ['bravo', 'charlie'], ['alpha']]);
  });

  it('leaves out of each item what `fields` does not name', async () => {
    const reply = await api.request('GET', '/api/v1/clusters?fields=name,state&limit=2');
    expect(reply.json).toEqual({
      items: [
        { name: 'alpha', state: 'synced' },
        { name: 'bravo', state: 'pending' },
      ],
      page: { limit: 2, nextCursor: expect.any(String) },
    });
    expect(reply.headers.get('link')).toContain('fields=name%2Cstate');
    const problem = expectProblem(await api.request('GET', '/api/v1/clusters?fields=name,colour'));
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/fields' }] });
    expect(problem.detail).toMatch(/^`\/fields`: cannot be `colour`, items of this list have `id`, `name`, /);
    const asTable = await api.request('GET', '/api/v1/clusters/alpha/connections?fields=source&format=csv');
    expect(expectProblem(asTable).detail).toBe('`/fields`: narrows JSON alone, leave it out for other forms');
    const tag = async (query: string): Promise<string | null> =>
      (await api.request('GET', `/api/v1/clusters/alpha/pods?${query}`)).headers.get('etag');
    expect(await tag('fields=name')).not.toBe(await tag('fields=namespace'));
  });
});

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly name: string } }[];
  readonly pageInfo: Readonly<Record<'hasNextPage' | 'hasPreviousPage', boolean>>;
}

describe('pages of GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    for (const name of NAMES)
      await api.seed(
        name,
        NAMES.map((of) => pod(of, of)),
      );
  });
  afterAll(() => api.close());

  const FIELDS = '{ edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage } }';
  const LISTS = { clusters: '', pods: 'cluster: "alpha", ' };
  const page = async (list: keyof typeof LISTS, args: string): Promise<Page> => {
    const { json } = await api.graphql(`{ list: ${list}(${LISTS[list]}${args}) ${FIELDS} }`);
    return (json as { data: { list: Page } }).data.list;
  };
  const told = ({ edges, pageInfo }: Page): unknown[] => [
    edges.map(({ node }) => node.name).join(' '),
    pageInfo.hasPreviousPage,
    pageInfo.hasNextPage,
  ];

  it.each(['clusters', 'pods'] as const)('of %s go forward and back by the same cursors', async (list) => {
    const first = await page(list, 'first: 2');
    expect(told(first)).toEqual(['alpha bravo', false, true]);
    const second = await page(list, `first: 2, after: "${String(first.edges[1]?.cursor)}"`);
    expect(told(second)).toEqual(['charlie delta', true, true]);
    expect(told(await page(list, `last: 2, before: "${String(second.edges[1]?.cursor)}"`))).toEqual([
      'bravo charlie',
      true,
      true,
    ]);
    expect(told(await page(list, `last: 2, before: "${String(second.edges[0]?.cursor)}"`))).toEqual([
      'alpha bravo',
      false,
      true,
    ]);
    expect(told(await page(list, 'last: 3'))).toEqual(['charlie delta echo', true, false]);
    expect(told(await page(list, 'last: 9'))).toEqual(['alpha bravo charlie delta echo', false, false]);
  });

  it.each([
    ['first: 1, last: 1', '/last', 'not both at once'],
    ['first: 1, before: "x"', '/before', 'not both at once'],
    ['last: 0', '/last', '`/last`: must be a whole number from 1 to 100'],
    ['last: 1, before: "x"', '/before', 'the cursor is not valid here'],
    ['first: 101', '/first', '`/first`: must be a whole number from 1 to 100'],
    ['after: "x"', '/after', 'the cursor is not valid here'],
  ])('refuse `%s` at %s', async (args, pointer, detail) => {
    const { json } = await api.graphql(`{ clusters(${args}) ${FIELDS} }`);
    const [error] = (json as { errors: { message: string; extensions: { errors: unknown[] } }[] }).errors;
    expect(error?.message).toContain(detail);
    expect(error?.extensions.errors).toMatchObject([{ pointer }]);
  });

  it('count what is asked for from the end', async () => {
    const many = `{ clusters(last: 100) { edges { node { problems(first: 100) { items { code } } } } } }`;
    expect((await api.graphql(many)).json).toMatchObject({
      errors: [{ extensions: { code: 'COST_LIMIT_EXCEEDED', cost: { limit: 5000, remaining: 0 } } }],
    });
  });

  it('tell what they cost to who asks, when they are known too', async () => {
    const body = { query: `{ clusters(last: 3) ${FIELDS} }` };
    for (let time = 0; time < 3; time += 1) {
      const reply = await api.request('POST', '/graphql', body, { 'graphql-cost': '1' });
      expect(reply.json).toMatchObject({ extensions: { cost: { requested: 10, limit: 5000, remaining: 4990 } } });
      expect((await api.request('POST', '/graphql', body)).json).not.toHaveProperty('extensions');
    }
  });
});
