import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { CILIUM_POLICY, SHOP } from './api/shop.js';

const BROKEN_POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'broken', namespace: 'shop', uid: 'policy-broken' },
  spec: { podSelector: { matchLabels: { app: 'api' } }, ingress: [{ ports: [{ protocol: 'TCP', port: 70000 }] }] },
};

const LISTS = {
  policies: 'listPolicies',
  namespaces: 'listNamespaces',
  pods: 'listPods',
  workloads: 'listWorkloads',
  services: 'listServices',
  nodes: 'listNodes',
  objects: 'listObjects',
} as const;

describe('inventory over REST', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  const list = async <C extends keyof typeof LISTS>(collection: C, query = '') =>
    expectDescribed(LISTS[collection], await api.request('GET', `/api/v1/clusters/shop/${collection}${query}`));
  const names = (page: { readonly items: readonly { readonly name: string }[] }): string[] =>
    page.items.map((item) => item.name);

  it.each([
    ['policies', ['api-ingress', 'db-deny']],
    ['namespaces', ['kube-system', 'shop']],
    ['pods', ['api-0', 'db-0', 'web-0']],
    ['workloads', ['calico-node', 'web']],
    ['services', ['api']],
    ['nodes', ['n1']],
  ] as const)('lists %s with what is known of each', async (collection, expected) => {
    const page = await list(collection);
    expect(names(page)).toEqual(expected);
    expect(page).toMatchObject({ asOf: { cluster: 'shop', seq: 1 }, completeness: { complete: true } });
  });

  it('tells the details of a pod and of a Service', async () => {
    expect((await list('pods', '?name=web-0')).items[0]).toMatchObject({
      labels: { app: 'web' },
      node: 'n1',
      addresses: ['10.0.0.1'],
      ready: true,
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
    expect((await list('services')).items[0]).toMatchObject({
      type: 'ClusterIP',
      selector: { app: 'api' },
      ports: [{ name: 'http', port: 80, targetPort: '8080' }],
    });
  });

  it('filters by kind, namespace and name', async () => {
    expect(names(await list('workloads', '?kind=DaemonSet.apps'))).toEqual(['calico-node']);
    expect(names(await list('workloads', '?kind=DaemonSet.apps&kind=Deployment.apps'))).toEqual(['calico-node', 'web']);
    expect(names(await list('workloads', '?namespace=shop'))).toEqual(['web']);
    expect(names(await list('objects', '?name=api'))).toEqual(['api']);
    expect(names(await list('pods', '?namespace=nowhere'))).toEqual([]);
  });

  it('pages through one snapshot while the cluster changes', async () => {
    const cluster = await api.seed('moving', SHOP);
    const seen: string[] = [];
    let query = '?limit=1';
    for (;;) {
      const page = expectDescribed('listPods', await api.request('GET', `/api/v1/clusters/moving/pods${query}`));
      expect(page.asOf.seq).toBe(1);
      seen.push(...names(page));
      const uid = `late-${seen.length}`;
      const metadata = { name: `aaa-${seen.length}`, namespace: 'shop', uid };
      await persist(api.snapshots, cluster.id, [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } }]);
      if (page.page.nextCursor === null) break;
      query = `?limit=1&cursor=${page.page.nextCursor}`;
    }
    expect(seen).toEqual(['api-0', 'db-0', 'web-0']);
    const newest = expectDescribed('listPods', await api.request('GET', '/api/v1/clusters/moving/pods'));
    expect(newest.asOf.seq).toBe(4);
  });

  it('refuses a cursor of another list, filter or cluster', async () => {
    await api.seed('other', SHOP);
    const nextCursor = (await list('pods', '?limit=1')).page.nextCursor ?? '';
    for (const path of [
      `/api/v1/clusters/shop/policies?cursor=${nextCursor}`,
      `/api/v1/clusters/shop/pods?namespace=shop&cursor=${nextCursor}`,
      `/api/v1/clusters/other/pods?cursor=${nextCursor}`,
      `/api/v1/clusters/shop/pods?cursor=${nextCursor.slice(0, -1)}`,
    ]) {
      const problem = expectProblem(await api.request('GET', path));
      expect(problem).toMatchObject({ status: 400, code: 'cursor.invalid', errors: [{ pointer: '/cursor' }] });
    }
  });

  it('shows one object raw', async () => {
    const path = '/api/v1/clusters/shop/objects/NetworkPolicy.networking.k8s.io/shop/db-deny';
    const answer = expectDescribed('getObject', await api.request('GET', path));
    expect(answer.raw).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'db-deny', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
    });
    expect(answer).toMatchObject({ sinceSeq: 1, fact: { type: 'policy' }, object: { rejected: false } });
  });

  it('shows an object without a namespace, and one of which only the fact is kept', async () => {
    const node = await api.request('GET', '/api/v1/clusters/shop/objects/Node/-/n1');
    expect(expectDescribed('getObject', node)).toMatchObject({ raw: null, object: { name: 'n1', namespace: '' } });
  });

  it('says which object is not there', async () => {
    const problem = expectProblem(await api.request('GET', '/api/v1/clusters/shop/objects/Pod/shop/nope'));
    expect(problem).toMatchObject({ status: 404, code: 'not_found' });
    expect(problem.detail).toBe('Pod `shop/nope` is not in snapshot 1 of cluster `shop`');
  });

  it('tells the CNI with its evidence', async () => {
    const { cni } = expectDescribed('getCni', await api.request('GET', '/api/v1/clusters/shop/cni'));
    expect(cni).toMatchObject({ networking: 'calico', enforced: 'yes' });
    expect(cni.evidence.length).toBeGreaterThan(0);
  });

  it('tells which policies the CNI ignores, and where it leaves the specification', async () => {
    await api.seed('mixed', [...SHOP, CILIUM_POLICY]);
    const answer = expectDescribed('getCni', await api.request('GET', '/api/v1/clusters/mixed/cni'));
    expect(answer.ignored).toEqual([
      {
        kind: 'CiliumNetworkPolicy.cilium.io',
        support: 'no',
        why: expect.stringContaining('does not implement this kind'),
        needs: '',
        source: expect.stringMatching(/^https:/),
        count: 1,
        policies: [{ group: 'cilium.io', kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'left-over' }],
      },
    ]);
    expect(answer.deviations.every(({ source }) => source.startsWith('https://'))).toBe(true);
    expect(answer.features).toHaveLength(9);
    expect(answer.features).toContainEqual({
      engine: 'Calico',
      feature: 'Flow logs',
      value: 'yes (Goldmane, Whisker)',
      version: 'from 3.30',
      source: expect.stringMatching(/^https:/),
    });
    expect(answer.asOf).toMatchObject({ cluster: 'mixed', seq: 1 });
  });

  it('names the fields of policies that the CNI does not implement, there and in answers', async () => {
    const domains = { action: 'Allow', destination: { domains: ['example.com'] } };
    const policy = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: { name: 'names', namespace: 'shop' },
      spec: { types: ['Egress'], egress: [domains] },
    };
    await api.seed('lacking', [...SHOP, policy]);
    const answer = expectDescribed('getCni', await api.request('GET', '/api/v1/clusters/lacking/cni'));
    expect([answer.ignored, answer.lackingCount]).toEqual([[], 1]);
    expect(answer.lacking).toEqual([
      {
        policy: { group: 'projectcalico.org', kind: 'NetworkPolicy', namespace: 'shop', name: 'names' },
        pointer: '/spec/egress/0/destination/domains',
        deviation: 'rejected',
        why: 'rules by domain names are not in the open-source API',
        needs: 'the commercial edition of Calico',
        source: expect.stringMatching(/^https:/),
      },
    ]);
    const list = await api.request('GET', '/api/v1/clusters/lacking/connections?limit=1');
    expect((list.json as { caveat: string }).caveat).toContain('/spec/egress/0/destination/domains (it takes the comm');
  });

  it('lists what is wrong with the source and with objects, and shows it at the object', async () => {
    const cluster = await api.seed('flawed', [...SHOP, BROKEN_POLICY]);
    const source = { code: 'manifest.invalid', message: 'line 3 is no YAML', file: 'a.yaml', document: 2, line: 3 };
    await api.clusters.update(cluster.id, { problems: [source] });
    const problems = expectDescribed('listProblems', await api.request('GET', '/api/v1/clusters/flawed/problems'));
    expect(problems.items[0]).toMatchObject({ ...source, origin: 'source', class: 'error' });
    const ofObject = problems.items.find((item) => item.object === 'NetworkPolicy.networking.k8s.io shop/broken');
    expect(ofObject).toMatchObject({ origin: 'object', pointer: expect.stringContaining('/port') });
    expect(problems.total).toBe(problems.items.length);

    const path = '/api/v1/clusters/flawed/objects/NetworkPolicy.networking.k8s.io/shop/broken';
    const { object } = expectDescribed('getObject', await api.request('GET', path));
    expect(object.diagnostics).toContainEqual(expect.objectContaining({ pointer: ofObject?.pointer }));

    const pageAt = async (query: string) =>
      expectDescribed('listProblems', await api.request('GET', `/api/v1/clusters/flawed/problems?limit=1${query}`));
    const first = await pageAt('');
    const second = await pageAt(`&cursor=${first.page.nextCursor ?? ''}`);
    expect([...first.items, ...second.items]).toEqual(problems.items.slice(0, 2));
  });
});
