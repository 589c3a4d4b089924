import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type ControlPlane, NODES, findControlPlane, startControlPlane } from './control-plane.js';
import { sleep } from './daemons.js';

const { missing } = findControlPlane();
const describeWhenBuilt = missing.length === 0 ? describe : describe.skip;

// Longer than the servers' own, so a failed start is told by its log and not by Jest's clock.
const START_TIMEOUT_MS = 240_000;

const VIEWER = { token: 'viewer-token', user: 'viewer', groups: ['auditors', 'guests'] };

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  replicas: 3
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
apiVersion: v1
kind: Pod
metadata: { name: on-host, namespace: shop }
spec:
  nodeName: node-2
  hostNetwork: true
  containers: [{ name: agent, image: agent }]
`;

describeWhenBuilt('a control plane with nodes', () => {
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await startControlPlane({ nodes: true, tokens: [VIEWER] });
  }, START_TIMEOUT_MS);
  afterAll(() => plane.stop());

  it('runs the pods of a Deployment and puts them behind its Service', async () => {
    await plane.apply(SHOP);
    const addresses = await until(() => podAddresses(plane, 'app=api'), 3);
    const ranges = NODES.map(({ podCIDR }) => podCIDR.replace('0/24', ''));
    for (const address of addresses) expect(ranges.some((range) => address.startsWith(range))).toBe(true);

    const endpoints = await until(() => endpointAddresses(plane, 'api'), 3);
    expect(endpoints.sort()).toEqual(addresses.sort());
    expect(await plane.kubectl(['get', 'pods', '-n', 'shop'])).toMatch(/on-host\s+1\/1\s+Running/);
  });

  it('gives a pod on the host network the address of its node', async () => {
    const address = await plane.kubectl(['get', 'pod', '-n', 'shop', 'on-host', '-o', 'jsonpath={.status.podIP}']);
    expect(address).toBe(NODES[1]?.internalIP);
  });

  it('serves every policy kind that the definitions name', async () => {
    await plane.applyCrds();
    const served = await plane.kubectl(['api-resources', '--no-headers', '-o', 'name']);
    for (const name of definedResources()) expect(served.split('\n')).toContain(name);
    await plane.apply(
      'apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: { name: any, namespace: shop }\nspec: { priority: 5 }',
    );
    const path = '/apis/crd.antrea.io/v1beta1/networkpolicies';
    expect(await plane.request('GET', path)).toMatchObject({
      status: 200,
      body: { items: [{ spec: { priority: 5 } }] },
    });
  });

  it('knows the extra tokens, and forbids them what no binding grants', async () => {
    const list = () => plane.request('GET', '/api/v1/namespaces/shop/pods', undefined, { token: VIEWER.token });
    expect(await list()).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    await plane.kubectl(['create', 'clusterrolebinding', 'auditors', '--clusterrole=view', '--group=auditors']);
    await until(async () => ((await list()).status === 200 ? ['allowed'] : []), 1);
    expect(plane.kubeconfigFor(VIEWER.token)).toContain(VIEWER.token);
  });

  it('names what kubectl had to say when it fails', async () => {
    await expect(plane.apply('kind: Pod')).rejects.toThrow(/apiVersion not set/);
  });
});

describeWhenBuilt('the life of a control plane', () => {
  it('keeps address, certificate and data over a restart of the API server', async () => {
    const plane = await startControlPlane();
    try {
      await plane.kubectl(['create', 'namespace', 'kept']);
      await plane.stopApiServer();
      await expect(plane.request('GET', '/readyz')).rejects.toThrow(/ECONNREFUSED/);
      await plane.startApiServer();
      expect(await plane.request('GET', '/api/v1/namespaces/kept')).toMatchObject({ status: 200 });
    } finally {
      await plane.stop();
    }
  });

  it('tells a watch that resumes after a restart that its resource version is gone', async () => {
    const plane = await startControlPlane();
    try {
      const before = (await plane.request('GET', '/api/v1/pods')).body as { metadata: { resourceVersion: string } };
      await plane.kubectl(['create', 'namespace', 'later']);
      await plane.restartApiServer({ crash: true });
      const watch = `/api/v1/pods?watch=1&timeoutSeconds=5&resourceVersion=${before.metadata.resourceVersion}`;
      expect(await plane.request('GET', watch)).toMatchObject({ body: { type: 'ERROR', object: { code: 410 } } });
    } finally {
      await plane.stop();
    }
  });

  it('leaves no process and no file behind', async () => {
    const plane = await startControlPlane({ nodes: true });
    expect(processesOf(plane)).toHaveLength(6); // the five servers and the guard
    await plane.stop();
    await plane.stop();
    expect(processesOf(plane)).toEqual([]);
    expect(existsSync(plane.dir)).toBe(false);
  });

  it('quotes the log of a server that does not start', async () => {
    const start = startControlPlane({ apiServerArgs: ['--no-such-flag'] });
    await expect(start).rejects.toThrow(/kube-apiserver exited with code 1 before the API was ready[^]*no-such-flag/);
  });
});

async function podAddresses(plane: ControlPlane, selector: string): Promise<string[]> {
  const path = `jsonpath={.items[?(@.status.phase=="Running")].status.podIP}`;
  return words(await plane.kubectl(['get', 'pods', '-n', 'shop', '-l', selector, '-o', path]));
}

async function endpointAddresses(plane: ControlPlane, service: string): Promise<string[]> {
  const selector = `kubernetes.io/service-name=${service}`;
  const path = 'jsonpath={.items[*].endpoints[*].addresses[*]}';
  return words(await plane.kubectl(['get', 'endpointslices', '-n', 'shop', '-l', selector, '-o', path]));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

async function until(ask: () => Promise<string[]>, count: number): Promise<string[]> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await ask();
    if (answer.length === count) return answer;
    await sleep(100);
  }
  throw new Error(`still not ${count} after 10 s: ${(await ask()).join(' ')}`);
}

function definedResources(): string[] {
  const folder = new URL('../crds/', import.meta.url);
  const files = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  return files.flatMap((text) => [...text.matchAll(/^ {2}name: (\S+)$/gm)].map(([, name]) => name ?? ''));
}

/** Every process of a control plane has its directory on its command line. Linux only, like the processes' list. */
function processesOf({ dir }: ControlPlane): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(dir));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
