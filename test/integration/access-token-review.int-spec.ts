import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findControlPlane, startControlPlane, type ControlPlane } from '../support/control-plane/control-plane.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';

const { missing } = findControlPlane();
const isCi = process.env['CI'] === 'true';
const START_MS = 120_000;
const HUB = 'hub-token';

const ACCOUNTS = `
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Namespace, metadata: { name: tools } }
  - { apiVersion: v1, kind: ServiceAccount, metadata: { name: bot, namespace: tools } }
  - { apiVersion: v1, kind: ServiceAccount, metadata: { name: nobody, namespace: default } }
`;
const DELEGATOR = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: hub-reviews }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:auth-delegator }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: hub }]
`;

(missing.length > 0 && !isCi ? describe.skip : describe)('service accounts of a real cluster', () => {
  let plane: ControlPlane;
  let api: ApiUnderTest;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-reviews-'));
    const settings = {
      kubernetes: [{ cluster: 'prod', audience: 'atlas' }],
      groups: { 'prod/system:serviceaccounts:tools': [{ role: 'viewer', namespaces: ['tools'] }] },
    };
    const path = join(folder, 'access.json');
    writeFileSync(path, JSON.stringify(settings));
    [plane, api] = await Promise.all([
      startControlPlane({ tokens: [{ token: HUB, user: 'hub' }] }),
      startApiUnderTest({ ATLAS_AUTH_CONFIG: path }),
    ]);
    await plane.apply(ACCOUNTS);
    const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    await api.clusters.create({ name: 'prod', source, credentials: plane.kubeconfigFor(HUB) });
  }, START_MS);
  afterAll(async () => {
    await Promise.all([plane.stop(), api.close()]);
    await rm(folder, { recursive: true });
  }, START_MS);

  const tokenOf = async (account: string, namespace: string, audience: string): Promise<string> =>
    (await plane.kubectl(['create', 'token', account, '-n', namespace, '--audience', audience])).trim();
  const clustersFor = (token: string) =>
    api.request('GET', '/api/v1/clusters', undefined, { authorization: `Bearer ${token}` });

  it('cannot be told apart before the hub may ask the cluster', async () => {
    const reply = await clustersFor(await tokenOf('bot', 'tools', 'atlas'));
    expect([reply.status, reply.text]).toEqual([
      502,
      expect.stringContaining('bind the ClusterRole `system:auth-delegator`'),
    ]);
  });

  it('see what the groups of their namespace are granted', async () => {
    await plane.apply(DELEGATOR);
    const reply = await clustersFor(await tokenOf('bot', 'tools', 'atlas'));
    expect(reply.json).toMatchObject({ items: [{ name: 'prod' }] });
  });

  it('see nothing without a grant, with a token for somebody else, or with a forged one', async () => {
    const good = await tokenOf('bot', 'tools', 'atlas');
    const replies = {
      ungranted: await clustersFor(await tokenOf('nobody', 'default', 'atlas')),
      elsewhere: await clustersFor(await tokenOf('bot', 'tools', 'https://kubernetes.default.svc')),
      forged: await clustersFor(`${good.slice(0, -8)}AAAAAAAA`),
    };
    expect(Object.entries(replies).map(([whose, { status }]) => [whose, status])).toEqual([
      ['ungranted', 403],
      ['elsewhere', 401],
      ['forged', 401],
    ]);
  });
});
