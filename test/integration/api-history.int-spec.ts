import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runOnTerminal } from '../../apps/cli/src/testing/run-on-terminal.js';
import { detectCni } from '#engine';
import { factsOf, persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const calico = (version: string, ready = 'True'): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'calico-node-x',
    namespace: 'kube-system',
    uid: 'agent',
    labels: { 'k8s-app': 'calico-node' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'calico-node', uid: 'd', controller: true }],
  },
  spec: { nodeName: 'n1', containers: [{ name: 'calico-node', image: `quay.io/calico/node:v${version}` }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
});

describe('the history of a cluster', () => {
  let api: ApiUnderTest;
  let id: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    id = (await api.seed('shop', SHOP)).id;
    await persist(api.snapshots, id, [DB_OPENED]);
    await persist(api.snapshots, id, [calico('3.31.0')]);
  });
  afterAll(async () => {
    await api.close();
  });

  const get = (path: string) => api.request('GET', `/api/v1/clusters/shop/${path}`);
  const atlas = (...args: readonly string[]) => runOnTerminal([...args, '--server', api.url]);
  const graphql = async (query: string): Promise<Record<string, unknown>> => {
    const reply = (await api.graphql(query)).json as { data: Record<string, unknown>; errors?: unknown };
    expect(reply.errors).toBeUndefined();
    return reply.data;
  };

  it('lists the snapshots that are kept, newest first, page by page', async () => {
    const first = expectDescribed('listSnapshots', await get('snapshots?limit=2'));
    expect(first.items.map(({ asOf, pinned }) => [asOf.seq, pinned])).toEqual([
      [3, false],
      [2, false],
    ]);
    const second = expectDescribed(
      'listSnapshots',
      await get(`snapshots?limit=2&cursor=${first.page.nextCursor ?? ''}`),
    );
    expect(second.items.map(({ asOf, objectCount }) => [asOf.seq, objectCount])).toEqual([[1, SHOP.length]]);
    expect(second.page.nextCursor).toBeNull();
  });

  it('pins a snapshot and leaves it to retention again', async () => {
    const pin = (body: unknown, seq = '2') => api.request('PATCH', `/api/v1/clusters/shop/snapshots/${seq}`, body);
    expect(expectDescribed('changeSnapshot', await pin({ pinned: true }))).toMatchObject({
      pinned: true,
      asOf: { seq: 2 },
    });
    expect(expectProblem(await pin({ pinned: true }, '99'))).toMatchObject({ status: 404, code: 'snapshot.not_found' });
    expect(expectProblem(await pin({ pinned: true }, 'x'))).toMatchObject({
      status: 400,
      errors: [{ pointer: '/seq' }],
    });
    expect(expectProblem(await pin({ pin: true }))).toMatchObject({ status: 400, code: 'request.invalid' });
    const mutation =
      'mutation { pinSnapshot(input: { cluster: "shop", seq: 2, pinned: false }) { snapshot { pinned asOf { seq } } } }';
    expect(await graphql(mutation)).toEqual({ pinSnapshot: { snapshot: { pinned: false, asOf: { seq: 2 } } } });
    const list =
      'query { snapshots(cluster: "shop", first: 1) { edges { node { pinned objectCount asOf { seq } } } pageInfo { hasNextPage } } }';
    expect(await graphql(list)).toEqual({
      snapshots: {
        edges: [{ node: { pinned: false, objectCount: SHOP.length + 1, asOf: { seq: 3 } } }],
        pageInfo: { hasNextPage: true },
      },
    });
  });

  it('notes each network plugin that a cluster ran, and what differed, but not that its evidence moved', async () => {
    const detected = (version: string, ready = 'True') =>
      detectCni(factsOf([...SHOP.filter((raw) => !JSON.stringify(raw).includes('DaemonSet')), calico(version, ready)]));
    await api.clusters.update(id, { cni: detected('3.31.0') });
    await api.clusters.update(id, { cni: { ...detected('3.31.0'), confidence: 0.5, evidence: [] } });
    await api.clusters.update(id, { cni: detected('3.32.1') });
    await api.clusters.update(id, { cni: detected('3.32.1', 'False') });
    const { items, asOf } = expectDescribed('getCniHistory', await get('cni/history'));
    expect(items.map(({ number, cni, seq }) => [number, cni.version, cni.enforced, seq])).toEqual([
      [3, '3.32.1', 'unknown', 3],
      [2, '3.32.1', 'yes', 3],
      [1, '3.31.0', 'yes', 3],
    ]);
    expect(items[1]?.changes).toEqual(['/title: "Calico 3.31.0" → "Calico 3.32.1"', '/version: "3.31.0" → "3.32.1"']);
    expect(items[0]?.changes).toContain('/enforced: "yes" → "unknown"');
    expect(items[2]?.changes).toEqual([]);
    expect(asOf.seq).toBe(3);
    const first = expectDescribed('getCniHistory', await get('cni/history?limit=1'));
    const next = expectDescribed(
      'getCniHistory',
      await get(`cni/history?limit=1&cursor=${first.page.nextCursor ?? ''}`),
    );
    expect(next.items).toEqual([items[1]]);
    const query = '{ cniHistory(cluster: "shop", first: 1) { edges { node { number changes cni { version } } } } }';
    expect(await graphql(query)).toEqual({
      cniHistory: { edges: [{ node: { number: 3, changes: items[0]?.changes, cni: { version: '3.32.1' } } }] },
    });
    const told = await atlas('cni', '--cluster', 'shop', '--history');
    expect(told.out.split('\n').map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      ['SNAPSHOT', 'PLUGIN', 'ENFORCED', 'WHAT DIFFERED'],
      ['3', 'Calico 3.32.1', 'unknown', expect.stringContaining('/enforced: "yes" → "unknown"')],
      ['3', 'Calico 3.32.1', 'yes', items[1]?.changes.join(', ')],
      ['3', 'Calico 3.31.0', 'yes'],
      [],
    ]);
    expect(told).toMatchObject({ code: 0, err: expect.stringMatching(/^as of snapshot 3 of shop, /) });
    expect((await atlas('cni', '--cluster', 'shop', '--at', '1')).out).toMatch(
      /^Calico 3\.31\.0 enforces network policy/,
    );
    expect((await atlas('cni', '--cluster', 'shop', '--at', '9')).err).toMatch(
      /cluster `shop` has no snapshot number 9/,
    );
  });

  it('tells the plugin on each node, at any time', async () => {
    const newest = expectDescribed('listCniNodes', await get('cni/nodes'));
    expect(newest).toMatchObject({
      total: 1,
      items: [
        {
          node: 'n1',
          enforced: 'yes',
          agents: [{ namespace: 'kube-system', pod: 'calico-node-x', version: '3.31.0', ready: true }],
        },
      ],
      asOf: { seq: 3 },
    });
    const earlier = expectDescribed('listCniNodes', await get('cni/nodes?at=1'));
    expect(earlier).toMatchObject({ items: [{ node: 'n1', agents: [] }], asOf: { seq: 1 } });
    const query =
      '{ cniNodes(cluster: "shop", at: 3) { totalCount edges { node { node enforced agents { pod version } } } } }';
    expect(await graphql(query)).toEqual({
      cniNodes: {
        totalCount: 1,
        edges: [{ node: { node: 'n1', enforced: 'YES', agents: [{ pod: 'calico-node-x', version: '3.31.0' }] } }],
      },
    });
  });
});
