import type { Manifest } from './random-cluster.js';
import { randomBlock, randomNamespaceSelector, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { KEYS, NAMESPACE_KEYS, PORTS, PROTOCOLS } from './random-words.js';

const API = 'k8s.ovn.org/v1';
const NAMES = ['api.example.org', '*.example.org', '*.B.example.org', 'example.org'] as const;

type Meta = Readonly<Record<string, unknown>>;

/** Namespaces that may have a network of their own, and pods that open ports to the default one. */
export function inNetworks(random: RandomSource, manifest: Manifest): Manifest {
  const metadata = manifest['metadata'] as Meta;
  if (manifest['kind'] === 'Namespace' && random.chance(0.6)) {
    const labels = { ...(metadata['labels'] as object), 'k8s.ovn.org/primary-user-defined-network': '' };
    return { ...manifest, metadata: { ...metadata, labels } };
  }
  if (manifest['kind'] !== 'Pod' || random.chance(0.6)) return manifest;
  const open = random.several(1, 3, () =>
    random.chance(0.3)
      ? { protocol: 'icmp' }
      : { protocol: random.pick(PROTOCOLS).toLowerCase(), port: random.pick(PORTS) },
  );
  return {
    ...manifest,
    metadata: { ...metadata, annotations: { 'k8s.ovn.org/open-default-ports': JSON.stringify(open) } },
  };
}

function rule(random: RandomSource, addresses: readonly string[]): object {
  const to = random.pick([
    { cidrSelector: randomBlock(random, addresses) },
    { cidrSelector: randomBlock(random, addresses) },
    { dnsName: random.pick(NAMES) },
    { nodeSelector: randomSelector(random, KEYS) },
  ]);
  const port = (): object => ({ protocol: random.pick(PROTOCOLS), port: random.pick(PORTS) });
  return {
    type: random.pick(['Allow', 'Deny']),
    to,
    ...(random.chance(0.4) ? { ports: random.several(1, 2, port) } : {}),
  };
}

function firewall(random: RandomSource, namespace: string, addresses: readonly string[]): Manifest {
  const spec = { egress: random.several(1, 4, () => rule(random, addresses)) };
  return { apiVersion: API, kind: 'EgressFirewall', metadata: { name: 'default', namespace }, spec };
}

const layer2 = (random: RandomSource): object => ({
  topology: 'Layer2',
  layer2: { role: random.pick(['Primary', 'Primary', 'Secondary']) },
});

/** Networks of namespaces and firewalls of what leaves them. */
export function randomOvnObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  const own = namespaces.filter(() => random.chance(0.3));
  const spec = { namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS), network: layer2(random) };
  return [
    ...namespaces.filter(() => random.chance(0.7)).map((namespace) => firewall(random, namespace, addresses)),
    ...own.map((namespace): Manifest => ({
      apiVersion: API,
      kind: 'UserDefinedNetwork',
      metadata: { name: 'net', namespace },
      spec: layer2(random),
    })),
    ...(random.chance(0.4)
      ? [{ apiVersion: API, kind: 'ClusterUserDefinedNetwork', metadata: { name: 'shared' }, spec }]
      : []),
  ];
}
