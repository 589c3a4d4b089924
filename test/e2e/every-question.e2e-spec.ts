import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { tiersShape } from '../bench/clusters.js';
import { requestJson } from './ask.js';
import { Doors } from './doors.js';
import { expectations, questions, type Place, type Question, type Rows } from './every-question.js';
import { atlas, StandaloneProcess } from './standalone-process.js';

jest.setTimeout(180_000);

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample');

describe('every question, by REST, GraphQL and the command line', () => {
  let service: StandaloneProcess;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-every-'));
    service = await StandaloneProcess.start({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Files for the command line, which has no room for them. */
  function filesOf(place: Place): (name: string) => string {
    const { cluster, from, to, port, opened } = place;
    const path = (name: string): string => join(folder, `${cluster}-${name}`);
    const flow = { src: from, dst: to, port };
    writeFileSync(
      path('questions.jsonl'),
      [
        { from, to, port },
        { from, to: 'no/body', port },
      ]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    );
    writeFileSync(path('assertions.yaml'), expectations(place));
    writeFileSync(path('opened.yaml'), opened);
    writeFileSync(path('flows.jsonl'), JSON.stringify(flow));
    return path;
  }

  /** `silent`: questions that may have nothing to tell; of any other an empty answer is a fault. */
  async function agree(place: Place, silent: readonly string[]): Promise<void> {
    const doors = new Doors(service.url);
    const differ: unknown[] = [];
    for (const [name, question] of Object.entries(questions(doors, place, filesOf(place)))) {
      const byRest = await told(question, 'rest');
      for (const door of ['graphql', 'command'] as const) {
        const other = await told(question, door);
        if (!isDeepStrictEqual(other, byRest)) differ.push({ name, door, other, byRest });
      }
      const saysNothing = Array.isArray(byRest) && byRest.length === 0;
      if (saysNothing !== silent.includes(name)) differ.push({ name, byRest });
    }
    expect(differ).toEqual([]);
  }

  /** A door that fails is told with the rest, so that one run shows all that is wrong. */
  async function told(question: Question, door: 'rest' | 'graphql' | 'command'): Promise<unknown> {
    try {
      return question.essence(await question[door]());
    } catch (error) {
      return { door, failed: (error as Error).message };
    }
  }

  async function command(...args: readonly string[]): Promise<void> {
    expect(await atlas(...args, '--server', service.url)).toMatchObject({ code: 0, stderr: '' });
  }

  it('has one answer about the sample', async () => {
    const manifests = join(folder, 'shop');
    cpSync(join(SAMPLE, 'shop-calico'), manifests, { recursive: true });
    await command('clusters', 'add', 'shop', '--upload', manifests);
    await atlas('baseline', 'set', 'shop', '--name', 'first', '--server', service.url);
    writeFileSync(join(manifests, 'later.yaml'), [SHOP_DB_FOR_ALL, WEB_ON_NODES].join('---\n'));
    await command('clusters', 'upload', 'shop', manifests);
    await untilReported('shop');
    const place = { cluster: 'shop', other: 'shop-flannel', namespace: 'payments', opened: GATEWAY_FOR_ALL };
    await agree(
      { ...place, from: 'shop/api', to: 'payments/gateway', port: 443, next: 'labels:shop/app=api,tier=middle' },
      [],
    );
  });

  it('has one answer about 10,000 pods', async () => {
    const manifests = join(folder, 'tiers.json');
    writeFileSync(
      manifests,
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...tiersShape(500).objects, CALICO] }),
    );
    await command('clusters', 'add', 'tiers', '--upload', manifests);
    await command('clusters', 'add', 'tiers-again', '--upload', manifests);
    await atlas('baseline', 'set', 'tiers', '--server', service.url);
    const place = { cluster: 'tiers', other: 'tiers-again', namespace: 'ns-0', opened: DB_FOR_ALL };
    await agree({ ...place, from: 'ns-1/pod-0', to: 'ns-0/pod-2', port: 5432, next: 'labels:ns-0/tier=api' }, [
      'ways in',
      'what changed, stretch by stretch',
    ]);
  });

  async function untilReported(cluster: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { body } = await requestJson(`${service.url}/api/v1/clusters/${cluster}/drift`);
      if ((body as { items: Rows }).items.length > 0) return;
      if (Date.now() > deadline) throw new Error('nothing was reported within 20 s');
      await sleep(100);
    }
  }
});

const forAll = (namespace: string, name: string, selector: string): string =>
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: { podSelector: { matchLabels: { ${selector} } }, ingress: [{}] }
`;
const SHOP_DB_FOR_ALL = forAll('shop', 'db-for-all', 'app: db');
const WEB_ON_NODES = `apiVersion: v1
kind: Service
metadata: { name: web-on-nodes, namespace: shop }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }
`;
const GATEWAY_FOR_ALL = forAll('payments', 'gateway', 'app: gateway');
const DB_FOR_ALL = forAll('ns-0', 'db', 'tier: db');

/** What tells that policies are enforced. */
const CALICO = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: { hostNetwork: true, containers: [{ name: 'calico-node', image: 'quay.io/calico/node:v3.31.0' }] },
    },
  },
  status: { desiredNumberScheduled: 1, numberReady: 1 },
};
