import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { type ControlPlane, findControlPlane, startControlPlane } from '../support/control-plane/control-plane.js';
import { askByCommand, askByGraphql, askByRest, requestJson, untilAnswer, type Question } from './ask.js';
import { atlas, StandaloneProcess } from './standalone-process.js';

jest.setTimeout(180_000);

const { missing } = findControlPlane();
const describeWhenBuilt = missing.length === 0 ? describe : describe.skip;

const WORKLOADS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: web, image: web }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers: [{ name: api, image: api, ports: [{ name: http, containerPort: 8080 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec:
  selector: { app: api }
  ports: [{ port: 80, targetPort: http }]
---
# The agent of a network plugin that enforces policy, as far as the inventory shows it.
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system, labels: { k8s-app: calico-node } }
spec:
  selector: { matchLabels: { k8s-app: calico-node } }
  template:
    metadata: { labels: { k8s-app: calico-node } }
    spec:
      hostNetwork: true
      containers: [{ name: calico-node, image: docker.io/calico/node:v3.31.2 }]
`;

const DENY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;

const ALLOW = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-to-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ port: http }]
`;

/** Policies of kinds beyond NetworkPolicy: each alone denies what `web` asks of `api`. */
const CUSTOM: readonly (readonly [kind: string, manifest: string])[] = [
  [
    'CiliumNetworkPolicy.cilium.io',
    `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: custom, namespace: shop }
spec: { endpointSelector: { matchLabels: { app: api } }, ingressDeny: [{ fromEndpoints: [{}] }] }`,
  ],
  [
    'GlobalNetworkPolicy.projectcalico.org',
    `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: custom }
spec: { selector: app == 'api', order: 10, types: [Ingress], ingress: [{ action: Deny }] }`,
  ],
  [
    'ClusterNetworkPolicy.policy.networking.k8s.io',
    `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: custom }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]`,
  ],
];

describeWhenBuilt('a real cluster beside the standalone service', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'atlas-e2e-'));
  const question: Question = { cluster: 'real', from: 'shop/web', to: 'service:shop/api', port: 80 };
  const stops: (() => Promise<unknown>)[] = [];
  let plane: ControlPlane;
  let service: StandaloneProcess;

  beforeAll(async () => {
    service = await StandaloneProcess.start({ dataDir, args: ['--no-sample'] });
    stops.push(() => service.stop());
    plane = await startControlPlane({ nodes: true });
    stops.push(() => plane.stop());
    await plane.apply(WORKLOADS);
    for (const rollout of ['deployment/web', 'deployment/api', 'daemonset/calico-node']) {
      const namespace = rollout.startsWith('daemonset') ? 'kube-system' : 'shop';
      await plane.kubectl(['rollout', 'status', '-n', namespace, rollout, '--timeout=90s']);
    }
  });
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('is added by REST with its kubeconfig and read at once', async () => {
    const source = { type: 'kubeconfig', path: plane.kubeconfigPath };
    const { status, body } = await requestJson(`${service.url}/api/v1/clusters?wait=30`, 'POST', {
      name: 'real',
      source,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'real', state: 'synced', cni: { policyEngine: 'calico', enforced: 'yes' } });
    expect(JSON.stringify(body)).not.toContain(plane.token);
  });

  it('is answered about by REST, GraphQL and the command line alike', async () => {
    const rest = await askByRest(service.url, question);
    expect(rest).toMatchObject({ verdict: 'allowed', intended: 'allowed' });
    expect(await askByGraphql(service.url, question)).toMatchObject({ verdict: 'allowed' });
    expect(await askByCommand(service.url, question)).toMatchObject({ verdict: 'allowed', code: 0 });
  });

  it('changes its answer within seconds of a policy', async () => {
    const ask = () => askByRest(service.url, question);
    await plane.apply(DENY);
    expect(await untilAnswer(ask, { verdict: 'denied', reason: 'INGRESS_NO_RULE_MATCHED' })).toBeLessThan(5_000);
    await plane.apply(ALLOW);
    expect(await untilAnswer(ask, { verdict: 'allowed', reason: 'INGRESS_RULE_MATCHED' })).toBeLessThan(5_000);
    await plane.kubectl(['delete', 'networkpolicy', '-n', 'shop', 'web-to-api']);
    expect(await untilAnswer(ask, { verdict: 'denied' })).toBeLessThan(5_000);
  });

  it('follows labels and new pods as it follows policy', async () => {
    await plane.apply(ALLOW);
    await plane.kubectl(['label', 'namespace', 'shop', 'team=a']);
    await plane.kubectl(['run', 'guest', '-n', 'shop', '--image=guest', '--labels=app=guest']);
    const ask = () => askByRest(service.url, { ...question, from: 'pod:shop/guest' });
    await untilKnown(ask);
    await untilAnswer(ask, { verdict: 'denied' });
    await plane.kubectl(['label', 'pod', '-n', 'shop', 'guest', 'app=web', '--overwrite']);
    expect(await untilAnswer(ask, { verdict: 'allowed' })).toBeLessThan(5_000);
  });

  it('has the pods that there are while Deployments are scaled and rolled out', async () => {
    const steps = [
      ['scale', 'deployment/api', '--replicas=5'],
      ['set', 'image', 'deployment/api', 'api=api:2'],
      ['scale', 'deployment/api', '--replicas=2'],
    ];
    for (const step of steps) {
      await plane.kubectl([...step, '-n', 'shop']);
      await plane.kubectl(['rollout', 'status', '-n', 'shop', 'deployment/api', '--timeout=90s']);
      await untilSame(() => namesOf('pods'), runningPods);
    }
    expect(await askByRest(service.url, question)).toMatchObject({ verdict: 'allowed' });
  });

  it('has policies of custom kinds stored, listed and evaluated', async () => {
    await plane.applyCrds(['cilium', 'calico-v3', 'network-policy-api']);
    for (const [kind, manifest] of CUSTOM) {
      await plane.apply(manifest);
      const ask = () => askByRest(service.url, question);
      await untilAnswer(ask, { intended: 'denied' });
      expect([kind, await namesOf(`policies?kind=${kind}`)]).toEqual([kind, ['custom']]);
      await plane.kubectl(['delete', kind, 'custom', ...(kind.startsWith('Cilium') ? ['-n', 'shop'] : [])]);
      await untilAnswer(ask, { intended: 'allowed' });
    }
  });

  it('is added by the command line too, from the text of its kubeconfig', async () => {
    const added = await atlas(
      'clusters',
      'add',
      'sealed',
      '--kubeconfig',
      plane.kubeconfigPath,
      '--server',
      service.url,
    );
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(/state +synced/);
    expect(added.stdout).not.toContain(plane.token);
    expect(await askByRest(service.url, { ...question, cluster: 'sealed' })).toMatchObject({ verdict: 'allowed' });
  });

  it('tells of a wrong kubeconfig with its file and context, and goes on', async () => {
    const { stdout } = await atlas(
      'clusters',
      'add',
      'wrong',
      '--kubeconfig-path',
      plane.kubeconfigPath,
      '--context',
      'nope',
      '--server',
      service.url,
    );
    expect(stdout).toMatch(/state +error: .*nope/);
    expect(await askByRest(service.url, question)).toMatchObject({ verdict: 'allowed' });
  });

  it('forgets a namespace that is deleted, with all that was in it', async () => {
    await plane.kubectl(['delete', 'namespace', 'shop', '--timeout=60s']);
    for (const list of ['pods', 'policies', 'services', 'workloads']) {
      await untilSame(
        () => namesOf(list),
        () => Promise.resolve([]),
      );
    }
  });

  /** Names in `shop` as the service lists them, sorted. */
  async function namesOf(list: string): Promise<string[]> {
    const more = list.includes('?') ? '&' : '?namespace=shop&';
    const { status, body } = await requestJson(`${service.url}/api/v1/clusters/real/${list}${more}limit=100`);
    expect([list, status]).toEqual([list, 200]);
    return (body as { items: { name: string }[] }).items.map(({ name }) => name).sort();
  }

  async function runningPods(): Promise<string[]> {
    const names = await plane.kubectl(['get', 'pods', '-n', 'shop', '-o', 'jsonpath={.items[*].metadata.name}']);
    return names.split(' ').sort();
  }
});

/** A pod that was just made is not in the snapshot yet. */
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!String(error).includes('404')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Both are read until they agree. */
async function untilSame(found: () => Promise<string[]>, truth: () => Promise<string[]>): Promise<void> {
  let seen: string[] = [];
  let wanted: string[] = [];
  for (let attempt = 0; attempt < 150; attempt++) {
    [seen, wanted] = await Promise.all([found(), truth()]);
    if (seen.join() === wanted.join()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(seen).toEqual(wanted);
}
