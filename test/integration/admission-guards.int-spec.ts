import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { fillPattern } from '#checks';
import { compileSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';
import { findControlPlane, startControlPlane, type ControlPlane } from '../support/control-plane/control-plane.js';

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');
const START_MS = 150_000;
const TAKE_UP_MS = 30_000;
const { missing } = findControlPlane();

const pod = (spec: object, annotations = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'asked', namespace: 'shop', annotations },
  spec: { containers: [{ name: 'c', image: 'i', ...('c' in spec ? (spec.c as object) : {}) }], ...spec, c: undefined },
});
const service = (spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'asked', namespace: 'shop' },
  spec: { ports: [{ port: 80 }], ...spec },
});

const REFUSED: readonly (readonly [what: string, object: object, why: RegExp])[] = [
  [
    'a pod on the host network',
    pod({ hostNetwork: true }),
    /no policy selects a pod on the host network.*\(host-network-bypass\)/,
  ],
  ['a pod with a host port', pod({ c: { ports: [{ containerPort: 80, hostPort: 80 }] } }), /\(host-port\)/],
  [
    'a container with NET_ADMIN',
    pod({ c: { securityContext: { capabilities: { add: ['NET_ADMIN'] } } } }),
    /\(net-admin-or-raw\)/,
  ],
  [
    'an init container with NET_RAW',
    pod({ initContainers: [{ name: 'i', image: 'i', securityContext: { capabilities: { add: ['NET_RAW'] } } }] }),
    /\(net-admin-or-raw\)/,
  ],
  ['a Service with external addresses', service({ externalIPs: ['192.0.2.1'] }), /\(external-ips\)/],
];

(missing.length === 0 ? describe : describe.skip)('guard rails, by a real API server', () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    const { facts } = manifestFacts(await readManifests({ dir: SAMPLE }));
    const filled = fillPattern(compileSnapshot(facts), 'guard-rails', 'shop') as { readonly manifest: string };
    plane = await startControlPlane();
    await plane.kubectl(['create', 'namespace', 'shop']);
    await plane.kubectl(['create', 'namespace', 'other']);
    await plane.apply(filled.manifest);
    // The API server takes them up a moment after they are stored, each by itself.
    const end = Date.now() + TAKE_UP_MS;
    for (const [, object] of REFUSED) while (Date.now() < end && (await answer(object)) === 'taken');
  }, START_MS);
  afterAll(() => plane.stop());

  const answer = async (object: object): Promise<string> =>
    plane
      .kubectl(['create', '--dry-run=server', '-f', '-'], { input: stringify(object) })
      .then(() => 'taken')
      .catch((error: unknown) => String(error));

  it.each(REFUSED)('refuse %s', async (_, object, why) => {
    expect(await answer(object)).toMatch(why);
  });

  it.each([
    ['a plain pod', pod({})],
    ['a pod whose owner says why', pod({ hostNetwork: true }, { 'netpol-atlas/host-network': 'reads the routes' })],
    ['a plain Service', service({})],
    [
      'what is in another namespace',
      { ...pod({ hostNetwork: true }), metadata: { name: 'asked', namespace: 'other' } },
    ],
  ])('let %s pass', async (_, object) => {
    expect(await answer(object)).toBe('taken');
  });
});
