import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { KubeSource, type WatchSettings } from '#kube';

import { type ControlPlane, findControlPlane, startControlPlane } from '../support/control-plane/control-plane.js';
import { FAULTS, type Fault, FaultProxy } from '../support/fault-proxy.js';
import { seeded } from '../support/seeded.js';
import { Mirror, until } from '../support/source-mirror.js';

const { missing } = findControlPlane();
const isCi = process.env['CI'] === 'true';
const START_MS = 120_000;
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(1_000_000));
const CHANGES = 60;

const IMPATIENT: Partial<WatchSettings> = {
  pageSize: 5,
  stallAfterMs: 1_000,
  requestTimeoutMs: 5_000,
  backoff: { minMs: 20, maxMs: 200 },
};
const KINDS = {
  'NetworkPolicy.networking.k8s.io': '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  Service: '/api/v1/namespaces/default/services',
} as const;
type KindName = keyof typeof KINDS;

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly labels?: Record<string, string> } }[];
}

(missing.length > 0 && !isCi ? describe.skip : describe)('watch faults before a real kube-apiserver (2, 5)', () => {
  const random = seeded(SEED);
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let mirror: Mirror;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    process.stderr.write(`watch faults: FAULT_SEED=${SEED}\n`);
    plane = await startControlPlane();
    for (let index = 0; index < 12; index++) await change();
  }, START_MS);
  afterAll(() => plane.stop(), START_MS);
  beforeEach(async () => {
    proxy = await FaultProxy.start({ url: plane.url, ca: readFileSync(plane.caFile, 'utf8') }, random);
    mirror = new Mirror();
  });
  afterEach(async () => {
    await stop();
    await proxy.stop();
  });

  function run(streamLists: boolean): void {
    const text = proxy.kubeconfig(plane.token);
    const source = new KubeSource({ type: 'text', text }, { settings: { ...IMPATIENT, streamLists } });
    const controller = new AbortController();
    const done = source.run(mirror.sink, controller.signal);
    stop = async () => {
      controller.abort();
      await done;
    };
  }

  /** Makes, labels or deletes one of twenty objects. */
  async function change(): Promise<void> {
    const kind: KindName = random() < 0.5 ? 'Service' : 'NetworkPolicy.networking.k8s.io';
    const name = `o${Math.floor(random() * 20)}`;
    const labels = { turn: String(Math.floor(random() * 1_000_000)) };
    const spec = kind === 'Service' ? { ports: [{ port: 80 }] } : { podSelector: {} };
    const object = { metadata: { name, labels }, spec };
    const { status } = await plane.request('POST', KINDS[kind], object);
    if (status !== 409) return;
    const at = `${KINDS[kind]}/${name}`;
    const contentType = 'application/merge-patch+json';
    if (random() < 0.4) await plane.request('DELETE', at);
    else await plane.request('PATCH', at, { metadata: { labels } }, { contentType });
  }

  async function truth(kind: KindName): Promise<string[]> {
    const { body } = await plane.request('GET', KINDS[kind]);
    return (body as Listed).items.map(({ metadata }) => `${metadata.name} ${metadata.labels?.['turn'] ?? ''}`).sort();
  }
  function known(kind: KindName): string[] {
    const facts = [...(mirror.objects.get(kind)?.values() ?? [])].filter(({ meta }) => meta.namespace === 'default');
    return facts.map(({ meta }) => `${meta.name} ${meta.labels['turn'] ?? ''}`).sort();
  }

  /** Changes things while faults are done, then waits until what we know is what there is. */
  async function survive(faults: readonly Fault[], chance: number): Promise<void> {
    proxy.active = faults;
    proxy.chance = chance;
    // Only lists in pages have something to be asked for page by page.
    run(!faults.includes('410 for a page'));
    const end = Date.now() + 30_000;
    const isDone = (): boolean => faults.every((fault) => proxy.done.has(fault));
    for (let index = 0; index < CHANGES || (!isDone() && Date.now() < end); index++) {
      await change();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect([...proxy.done.keys()].sort()).toEqual([...faults].sort());
    proxy.active = [];
    for (const kind of Object.keys(KINDS) as KindName[]) {
      const wanted = await truth(kind);
      await until(`${kind} is as it is`, () => JSON.stringify(known(kind)) === JSON.stringify(wanted), 20_000);
    }
  }

  // Pages are asked for by the first list alone: that one must be hit, or none is.
  it.each(FAULTS)('%s', (fault) => survive([fault], fault === '410 for a page' ? 1 : 0.3), 60_000);

  it('all of them together', () => survive(FAULTS, 0.2), 90_000);

  it(
    'all that can befall streamed lists',
    () =>
      survive(
        FAULTS.filter((fault) => fault !== '410 for a page'),
        0.2,
      ),
    90_000,
  );

  it('a certificate that is replaced, with its authority', async () => {
    const source = new KubeSource({ type: 'path', path: plane.kubeconfigPath }, { settings: IMPATIENT });
    const controller = new AbortController();
    const done = source.run(mirror.sink, controller.signal);
    stop = async () => {
      controller.abort();
      await done;
    };
    const kind = 'Service';
    await until('services are known', () => known(kind).length > 0, 20_000);
    const before = plane.caData;
    await plane.rotateCertificate();
    expect(plane.caData).not.toBe(before);
    for (let index = 0; index < 10; index++) await change();
    const wanted = await truth(kind);
    await until('the changes arrived', () => JSON.stringify(known(kind)) === JSON.stringify(wanted), 30_000);
  }, 90_000);
});
