import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { WHOLE_SCOPE } from '#access';
import { objectLabel } from '#engine';

import { type ControlPlane, findControlPlane, startControlPlane } from '../support/control-plane/control-plane.js';
import { RoleProcess } from '../support/role-process.js';
import { type ApiUnderTest, startApiUnderTest } from './api/api-under-test.js';

const { missing } = findControlPlane();
const isCi = process.env['CI'] === 'true';
const START_MS = 180_000;
const SECRET_KEY = 'ef'.repeat(32);

const deployment = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: ${name}:1, ports: [{ name: http, containerPort: 8080 }] }] }
`;
const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
/** One policy of each vendor that keeps web from api, by its own means. */
const POLICIES = {
  CiliumNetworkPolicy: `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { endpointSelector: { matchLabels: { app: api } }, ingress: [{ fromEndpoints: [{ matchLabels: { app: db } }] }] }
`,
  GlobalNetworkPolicy: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: closed }
spec: { selector: app == 'api', types: [Ingress], ingress: [{ action: Deny, source: { selector: app == 'web' } }] }
`,
  ClusterNetworkPolicy: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: closed }
spec:
  tier: Admin
  priority: 10
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: api } } } }
  ingress:
    - action: Deny
      from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: web } } } }]
`,
} as const;

(missing.length > 0 && !isCi ? describe.skip : describe)('two sync processes and a real control plane', () => {
  let api: ApiUnderTest;
  let plane: ControlPlane;
  const ids: string[] = [];
  const processes: RoleProcess[] = [];

  beforeAll(async () => {
    [api, plane] = await Promise.all([
      startApiUnderTest({ ATLAS_SECRET_KEY: SECRET_KEY }),
      startControlPlane({ nodes: true }),
    ]);
    await plane.applyCrds(['cilium', 'calico-v3', 'network-policy-api']);
    await plane.apply([NAMESPACE, deployment('web'), deployment('api')].join('---'));
    const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    for (const name of ['left', 'right']) {
      ids.push((await api.clusters.create({ name, source, credentials: plane.kubeconfig })).id);
    }
    for (let index = 0; index < 2; index++) {
      processes.push(RoleProcess.spawn('sync', { DATABASE_URL: api.database.url, ATLAS_SECRET_KEY: SECRET_KEY }));
    }
    await Promise.all(processes.map((one) => one.says(/sync is running/)));
  }, START_MS);
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
    await Promise.all([plane.stop(), api.close()]);
  }, START_MS);

  async function until(what: string, test: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await test())) {
      if (Date.now() > end) throw new Error(`in vain: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  async function pods(id: string): Promise<string[]> {
    const latest = await api.snapshots.latest(id);
    if (latest === null) return [];
    const query = { kinds: ['Pod'], namespace: 'shop', limit: 1000 };
    const { items } = await api.snapshots.listObjects(id, latest.seq, query, WHOLE_SCOPE);
    return items.map(({ fact }) => objectLabel(fact.meta));
  }
  const both = async (test: (id: string) => Promise<boolean>): Promise<boolean> =>
    (await Promise.all(ids.map(test))).every(Boolean);
  async function intended(cluster: string): Promise<string> {
    const query = `cluster=${cluster}&from=deployment:shop/web&to=deployment:shop/api&port=8080`;
    const { json } = await api.request('GET', `/api/v1/reachability?${query}`);
    return (json as { intended?: { verdict: string } }).intended?.verdict ?? '';
  }

  it('have one cluster each, with all pods of it', async () => {
    await until('both have four pods', () => both(async (id) => (await pods(id)).length === 4));
    const { rows } = await api.database.database.query('SELECT DISTINCT worker_id FROM cluster_lease');
    expect(rows).toHaveLength(2);
  }, 90_000);

  it.each(Object.entries(POLICIES))(
    'store, list and evaluate a %s',
    async (kind, manifest) => {
      await until('web reaches api', async () => (await intended('left')) === 'allowed');
      await plane.apply(manifest);
      for (const cluster of ['left', 'right']) {
        await until('it is denied', async () => (await intended(cluster)) === 'denied');
        const { json } = await api.request('GET', `/api/v1/clusters/${cluster}/policies?limit=50`);
        expect(JSON.stringify(json)).toContain(`"${kind}"`);
      }
      await plane.kubectl(['delete', '-f', '-'], { input: manifest });
      for (const cluster of ['left', 'right']) {
        await until('it is allowed again', async () => (await intended(cluster)) === 'allowed');
      }
    },
    120_000,
  );

  it('follow a scale-up, a rollout and a relabelled namespace', async () => {
    await plane.kubectl(['scale', 'deployment', '-n', 'shop', 'web', '--replicas=6']);
    await until('there are eight', () => both(async (id) => (await pods(id)).length === 8));
    const before = (await pods(ids[0] ?? '')).filter((name) => name.includes('/api-'));
    await plane.kubectl(['rollout', 'restart', 'deployment', '-n', 'shop', 'api']);
    await until('every api pod is another', () =>
      both(async (id) => {
        const names = await pods(id);
        return names.length === 8 && before.every((name) => !names.includes(name));
      }),
    );
    await plane.kubectl(['label', 'namespace', 'shop', 'team=a']);
    await until('the label is stored', () =>
      both(async (id) => {
        const latest = await api.snapshots.latest(id);
        const query = { kinds: ['Namespace'], name: 'shop', limit: 1 };
        const page = await api.snapshots.listObjects(id, latest?.seq ?? 0, query, WHOLE_SCOPE);
        return page.items[0]?.fact.meta.labels['team'] === 'a';
      }),
    );
  }, 180_000);

  it('lose one of them to a kill, and the other follows both clusters when the namespace is deleted', async () => {
    await processes[0]?.end('SIGKILL');
    await plane.kubectl(['delete', 'namespace', 'shop', '--wait=false']);
    await until('no pod is left in either', () => both(async (id) => (await pods(id)).length === 0));
    const { rows } = await api.database.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM cluster_lease GROUP BY worker_id',
    );
    expect(rows).toEqual([{ count: 2 }]);
  }, 120_000);
});
