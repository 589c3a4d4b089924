import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { CILIUM_POLICY, DB_OPENED, SHOP } from './api/shop.js';

const BACKEND_EGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'backend-egress', namespace: 'shop', uid: 'policy-backend' },
  spec: {
    podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'db'] }] },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }] }, { ports: [{ protocol: 'UDP', port: 53 }] }],
  },
};

describe('finding things', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', [...SHOP, BACKEND_EGRESS, CILIUM_POLICY]);
    const { id } = await api.seed('other', SHOP);
    await persist(api.snapshots, id, [DB_OPENED]);
    await api.clusters.create({ name: 'unread', source: { type: 'upload' } });
  });
  afterAll(async () => {
    await api.close();
  });

  const get = (path: string) => api.request('GET', `/api/v1/${path}`);
  const pods = async (query: string) => expectDescribed('listPods', await get(`clusters/shop/pods${query}`));
  const names = (page: { readonly items: readonly { readonly name: string }[] }): string[] =>
    page.items.map(({ name }) => name);
  const graphql = async (query: string): Promise<Record<string, unknown>> => {
    const reply = (await api.graphql(query)).json as { data: Record<string, unknown>; errors?: unknown };
    expect(reply.errors).toBeUndefined();
    return reply.data;
  };

  it.each([
    ['labels=app=web', ['web-0']],
    ['labels=app in (web, db)', ['db-0', 'web-0']],
    ['labels=app,app!=web', ['api-0', 'db-0']],
    ['labels=!app', []],
    ['namespaceLabels=kubernetes.io/metadata.name=shop', ['api-0', 'db-0', 'web-0']],
    ['namespaceLabels=team', []],
    ['name=*-0&namespace=sh?p', ['api-0', 'db-0', 'web-0']],
    ['name=d*', ['db-0']],
    ['address=10.0.0.2', ['api-0']],
    ['address=10.0.0.2/31', ['api-0', 'db-0']],
    ['address=fd00::/8', []],
    ['image=web', ['web-0']],
    ['image=registry.local/*:1', ['api-0', 'db-0', 'web-0']],
    ['image=registry.local/db', ['db-0']],
    ['node=n1&labels=app=api', ['api-0']],
    ['node=n2', []],
  ])('lists pods by %s', async (query, expected) => {
    const page = await pods(`?${encodeURI(query)}`);
    expect(names(page)).toEqual(expected);
    expect(page.total).toBe(expected.length);
  });

  it('finds nodes and Services by address, workloads by image, and counts beyond the page', async () => {
    const list = async (path: string) => (await get(`clusters/shop/${path}`)).json as { items: { name: string }[] };
    expect(names(await list('nodes?address=192.168.0.0/16'))).toEqual(['n1']);
    expect(names(await list('services?address=10.96.0.10'))).toEqual(['api']);
    expect(names(await list('workloads?image=calico/node:v3.*'))).toEqual([]);
    expect(names(await list('workloads?image=*calico/node:v3.*'))).toEqual(['calico-node']);
    expect(await pods('?limit=1')).toMatchObject({ total: 3, items: [{ name: 'api-0' }] });
  });

  it.each([
    ['labels=app in web', '/labels'],
    ['address=nowhere', '/address'],
    ['on=pods', '/on'],
  ])('refuses %s', async (query, pointer) => {
    const problem = expectProblem(await get(`clusters/shop/pods?${encodeURI(query)}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  it('counts labels by key and by value', async () => {
    const list = async (query: string) => expectDescribed('listLabels', await get(`clusters/shop/labels${query}`));
    expect((await list('')).items).toEqual([{ key: 'app', value: null, objects: 3, values: 3 }]);
    expect((await list('?key=app')).items).toEqual(
      ['api', 'db', 'web'].map((value) => ({ key: 'app', value, objects: 1, values: 1 })),
    );
    expect((await list('?on=policies')).items).toEqual([{ key: 'team', value: null, objects: 1, values: 1 }]);
    const query =
      '{ labels(cluster: "shop", on: NAMESPACES, first: 1) { totalCount edges { node { key value objects values } } } }';
    expect(await graphql(query)).toEqual({
      labels: {
        totalCount: 1,
        edges: [{ node: { key: 'kubernetes.io/metadata.name', value: null, objects: 2, values: 2 } }],
      },
    });
  });

  it('tells what a policy and a Service select', async () => {
    const selected = async (object: string) =>
      expectDescribed('listSelected', await get(`clusters/shop/objects/${object}/selected`));
    const pod = (name: string, directions: readonly string[]) => ({
      type: 'pod',
      namespace: 'shop',
      name,
      directions,
      certain: true,
    });
    expect(await selected('NetworkPolicy.networking.k8s.io/shop/backend-egress')).toMatchObject({
      items: [pod('api-0', ['egress']), pod('db-0', ['egress'])],
      total: 2,
      asOf: { cluster: 'shop', seq: 1 },
    });
    expect((await selected('Service/shop/api')).items).toEqual([pod('api-0', [])]);
    const missing = expectProblem(
      await get('clusters/shop/objects/NetworkPolicy.networking.k8s.io/shop/none/selected'),
    );
    expect(missing).toMatchObject({
      status: 404,
      detail: 'no policy or Service `shop/none` is in snapshot 1 of cluster `shop`',
    });
    const query = `{ selected(cluster: "shop", kind: "NetworkPolicy.networking.k8s.io", namespace: "shop", name: "api-ingress") {
      totalCount edges { node { type name directions certain } } } }`;
    expect(await graphql(query)).toEqual({
      selected: {
        totalCount: 1,
        edges: [{ node: { type: 'POD', name: 'api-0', directions: ['INGRESS'], certain: true } }],
      },
    });
  });

  it('tells which policies select a pod, in each direction, and whether the plugin enforces them', async () => {
    const path = 'clusters/shop/pods/shop/api-0/policies';
    const { items } = expectDescribed('listPoliciesOfPod', await get(path));
    expect(
      items.map(({ direction, policy, enforced, isolates }) => [direction, policy.name, enforced, isolates]),
    ).toEqual([
      ['ingress', 'api-ingress', 'yes', true],
      ['ingress', 'left-over', 'no', true],
      ['egress', 'backend-egress', 'yes', true],
    ]);
    expect(items[2]?.rules).toEqual(['/spec/egress/0', '/spec/egress/1']);
    expect(expectProblem(await get('clusters/shop/pods/shop/none/policies'))).toMatchObject({
      status: 404,
      detail: 'no running pod `shop/none` is in snapshot 1 of cluster `shop`',
    });
    const query = `{ policiesOfPod(cluster: "shop", namespace: "shop", name: "db-0") {
      totalCount edges { node { direction policy { name } enforced rules } } } }`;
    expect(await graphql(query)).toMatchObject({
      policiesOfPod: {
        totalCount: 3,
        edges: [
          { node: { direction: 'INGRESS', policy: { name: 'db-deny' }, enforced: 'YES', rules: [] } },
          { node: { direction: 'INGRESS', policy: { name: 'left-over' } } },
          { node: { direction: 'EGRESS', policy: { name: 'backend-egress' } } },
        ],
      },
    });
  });

  it('counts objects of a cluster at any time, and of all clusters', async () => {
    const shop = expectDescribed('countCluster', await get('clusters/shop/counts'));
    expect(shop).toMatchObject({
      collections: { pods: 3, policies: 4, nodes: 1, namespaces: 2, workloads: 2, services: 1, objects: 13 },
      kinds: { Pod: 3, 'CiliumNetworkPolicy.cilium.io': 1 },
      asOf: { seq: 1 },
    });
    const fleet = expectDescribed('countFleet', await get('counts'));
    expect(fleet).toMatchObject({ clusters: 3, unread: ['unread'], collections: { pods: 6, objects: 24 } });
    expect(
      await graphql('{ fleetCounts { clusters unread } counts(cluster: "other", at: 1) { asOf { seq } } }'),
    ).toEqual({
      fleetCounts: { clusters: 3, unread: ['unread'] },
      counts: { asOf: { seq: 1 } },
    });
  });

  it('searches all clusters, page by page, and names those that were never read', async () => {
    const search = async (query: string) => expectDescribed('search', await get(`search?${encodeURI(query)}`));
    const found = ({ items }: Awaited<ReturnType<typeof search>>): string[] =>
      items.map(({ asOf, object }) => `${asOf.cluster} ${String(asOf.seq)} ${object.kind} ${object.name}`);
    const whole = await search('on=pods&labels=app in (web,api)');
    expect(found(whole)).toEqual(['other 2 Pod api-0', 'other 2 Pod web-0', 'shop 1 Pod api-0', 'shop 1 Pod web-0']);
    expect(whole).toMatchObject({ unread: ['unread'], page: { nextCursor: null } });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await search(`on=pods&labels=app in (web,api)&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...found(page));
      cursor = page.page.nextCursor;
    }
    expect(seen).toEqual(found(whole));
    expect(found(await search('address=10.0.0.3'))).toEqual(['other 2 Pod db-0', 'shop 1 Pod db-0']);
    expect(found(await search('name=left-*'))).toEqual(['shop 1 CiliumNetworkPolicy left-over']);
    const query = `{ search(on: POLICIES, name: "db-*", first: 1) {
      edges { node { asOf { cluster } object { __typename name } } } pageInfo { hasNextPage } } }`;
    expect(await graphql(query)).toEqual({
      search: {
        edges: [{ node: { asOf: { cluster: 'other' }, object: { __typename: 'Policy', name: 'db-deny' } } }],
        pageInfo: { hasNextPage: true },
      },
    });
  });
});
