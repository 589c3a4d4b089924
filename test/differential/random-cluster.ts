import { SPEC, type Conventions } from './oracle/index.js';
import { randomAdminPolicy, randomClusterPolicy } from './random-admin-policy.js';
import { randomAntreaObjects } from './random-antrea-policy.js';
import { randomAwsObjects } from './random-aws-policy.js';
import { randomCalicoObjects } from './random-calico-policy.js';
import { randomCiliumObjects } from './random-cilium-policy.js';
import { inMesh, randomIstioObjects } from './random-istio-policy.js';
import { inNetworks, randomOvnObjects } from './random-ovn-policy.js';
import { randomNetworkPolicy } from './random-network-policy.js';
import type { RandomSource } from './random-source.js';
import { ACCOUNTS, KEYS, NAMESPACE_KEYS, PORT_NAMES, PORTS, PROTOCOLS, VALUES } from './random-words.js';

export type Manifest = Readonly<Record<string, unknown>>;

/** Which policy kinds a random cluster has: NetworkPolicy alone, or with the admin kinds of one API version or a vendor's. */
export type PolicyMix =
  'networkpolicy' | 'v1alpha1' | 'v1alpha2' | 'calico' | 'antrea' | 'cilium' | 'istio' | 'ovn' | 'aws';
export const POLICY_MIXES: readonly PolicyMix[] = [
  'networkpolicy',
  'v1alpha1',
  'v1alpha2',
  'calico',
  'antrea',
  'cilium',
  'istio',
  'ovn',
  'aws',
];

/** Whose order of evaluation holds in a mix. */
export function combinationOf(mix: PolicyMix): Conventions['combination'] {
  return mix === 'networkpolicy' || mix === 'v1alpha1' || mix === 'v1alpha2' || mix === 'istio' ? 'spec' : mix;
}

/** How a cluster of a mix is read. */
export function conventionsOf(mix: PolicyMix): Conventions {
  const own = mix === 'cilium' ? { blocksMatchPods: false, blocksMatchNodes: false, podReachesOwnNode: false } : {};
  const combination = combinationOf(mix);
  return { ...SPEC, ...own, combination, toItself: TO_ITSELF[combination] };
}

/** NP-39. */
const TO_ITSELF: Readonly<Record<Conventions['combination'], Conventions['toItself']>> = {
  spec: SPEC.toItself,
  cilium: { egress: 'nothing', ingress: 'nothing' },
  calico: { egress: 'policy', ingress: 'policy' },
  antrea: { egress: 'policy', ingress: 'nothing' },
  ovn: { egress: 'policy', ingress: 'nothing' },
  aws: { egress: 'policy', ingress: 'nothing' },
};

/** The manifests of a random cluster, endpoints first, and addresses outside it that its policies may speak of. */
export interface RandomCluster {
  readonly mix: PolicyMix;
  readonly inventory: readonly Manifest[];
  readonly policies: readonly Manifest[];
  readonly outside: readonly string[];
}

const OUTSIDE = ['10.0.1.200', '10.9.0.1', '8.8.8.8', '192.168.7.9', '2001:db8::200', '2001:db8:1::9'];

/** Addresses that policies of a mix speak of in rules of their own. */
const MULTICAST: Partial<Readonly<Record<PolicyMix, readonly string[]>>> = { antrea: ['225.1.2.3', '239.0.0.1'] };

function labels(random: RandomSource, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(random.some(keys, 0, keys.length).map((key) => [key, random.pick(VALUES)]));
}

function namespace(random: RandomSource, name: string): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: labels(random, NAMESPACE_KEYS) } };
}

function node(random: RandomSource, index: number, mix: PolicyMix): Manifest {
  const addresses = [{ type: 'InternalIP', address: `10.0.9.${index + 1}` }];
  if (random.chance(0.5)) addresses.push({ type: 'InternalIP', address: `2001:db8::9:${index + 1}` });
  if (random.chance(0.3)) addresses.push({ type: 'ExternalIP', address: `192.168.7.${index + 1}` });
  const listed = JSON.stringify(addresses.map(({ address }) => `${address}/${address.includes(':') ? 64 : 24}`));
  const annotations = mix === 'ovn' && random.chance(0.5) ? { 'k8s.ovn.org/host-cidrs': listed } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${index}`,
      labels: { ...labels(random, KEYS), 'kubernetes.io/hostname': `node-${index}` },
      annotations,
    },
    status: { addresses, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function windowsNode(random: RandomSource, index: number): Manifest {
  const plain = node(random, index, 'calico');
  const { name, labels } = plain['metadata'] as { name: string; labels: object };
  return { ...plain, metadata: { name, labels: { ...labels, 'kubernetes.io/os': 'windows' } } };
}

/** Port names are unique within a pod and protocol, and have different numbers in different pods. */
function containerPorts(random: RandomSource): Record<string, unknown>[] {
  const ports: Record<string, unknown>[] = [];
  for (const name of random.some(PORT_NAMES, 0, PORT_NAMES.length)) {
    const protocol = random.pick(PROTOCOLS);
    ports.push({
      name,
      containerPort: random.pick(PORTS),
      ...(protocol === 'TCP' && random.chance(0.5) ? {} : { protocol }),
    });
  }
  if (random.chance(0.3)) ports.push({ containerPort: random.pick(PORTS) });
  return ports;
}

/** Some pods have IPv4, some IPv6 and some both; few have none yet. */
function podAddresses(random: RandomSource, index: number): string[] {
  const v4 = `10.0.${random.between(1, 2)}.${index + 1}`;
  const v6 = `2001:db8::${random.between(1, 2)}:${index + 1}`;
  const roll = random.next();
  if (roll < 0.6) return [v4];
  if (roll < 0.75) return [v6];
  return roll < 0.95 ? [v4, v6] : [];
}

function pod(random: RandomSource, index: number, namespaces: readonly string[], nodes: readonly Manifest[]): Manifest {
  const host = random.chance(0.12);
  const home = random.pick(nodes) as { metadata: { name: string }; status: { addresses: { address: string }[] } };
  // Beside its container a pod has another, or an init container that goes on or is over.
  const second = random.chance(0.3) ? random.pick(['containers', 'containers', 'sidecar', 'init']) : '';
  const ports = containerPorts(random);
  const cut = second === '' ? ports.length : random.between(0, ports.length);
  const container = { name: 'main', image: 'example/app', ports: ports.slice(0, cut) };
  const other = { name: 'sidecar', image: 'example/app', ports: ports.slice(cut) };
  const goesOn = second === 'sidecar' ? { restartPolicy: 'Always' } : {};
  const ips = host ? home.status.addresses.slice(0, 1).map((entry) => entry.address) : podAddresses(random, index);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, namespace: random.pick(namespaces), labels: labels(random, KEYS) },
    spec: {
      nodeName: home.metadata.name,
      ...(random.chance(0.5) ? { serviceAccountName: random.pick(ACCOUNTS) } : {}),
      ...(host ? { hostNetwork: true } : {}),
      containers: second === 'containers' ? [container, other] : [container],
      ...(second === 'sidecar' || second === 'init' ? { initContainers: [{ ...other, ...goesOn }] } : {}),
    },
    status: {
      phase: random.chance(0.06) ? random.pick(['Succeeded', 'Failed']) : 'Running',
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
    },
  };
}

function policies(
  random: RandomSource,
  mix: PolicyMix,
  namespaces: readonly string[],
  addresses: readonly string[],
  nodes: readonly Manifest[],
): Manifest[] {
  const out = random.several(1, 5, (index) =>
    randomNetworkPolicy(random, `np-${index}`, random.pick(namespaces), addresses),
  );
  if (mix === 'v1alpha1') out.push(...adminPolicies(random, addresses));
  if (mix === 'v1alpha2') {
    out.push(
      ...random.several(1, 4, (index) =>
        randomClusterPolicy(random, `cnp-${index}`, addresses, 'policy.networking.k8s.io/v1alpha2'),
      ),
    );
  }
  if (mix === 'calico') out.push(...randomCalicoObjects(random, namespaces, addresses, nodes));
  if (mix === 'antrea') out.push(...randomAntreaObjects(random, namespaces, addresses));
  if (mix === 'cilium')
    out.push(...withClusterPolicies(random, randomCiliumObjects(random, namespaces, addresses), addresses));
  if (mix === 'ovn') {
    out.push(...randomOvnObjects(random, namespaces, addresses));
    if (random.chance(0.3)) out.push(...adminPolicies(random, addresses));
  }
  if (mix === 'aws') out.push(...randomAwsObjects(random, namespaces, addresses));
  if (mix === 'istio') out.push(...randomIstioObjects(random, namespaces, addresses));
  return out;
}

function adminPolicies(random: RandomSource, addresses: readonly string[]): readonly Manifest[] {
  const out = random.several(1, 3, (index) => randomAdminPolicy(random, `anp-${index}`, addresses));
  return random.chance(0.7) ? [...out, randomAdminPolicy(random, 'default', addresses)] : out;
}

/** ClusterNetworkPolicy came to Cilium after it had left `fromRequires` and `toRequires` behind: half of the clusters. */
function withClusterPolicies(random: RandomSource, own: Manifest[], addresses: readonly string[]): Manifest[] {
  if (random.chance(0.5)) return own;
  const apiVersion = 'policy.networking.k8s.io/v1alpha2';
  const added = random.several(1, 3, (index) => randomClusterPolicy(random, `cnp-${index}`, addresses, apiVersion));
  return [...own.map(withoutRequirements), ...added];
}

function withoutRequirements(manifest: Manifest): Manifest {
  const text = JSON.stringify(manifest, (key, value: unknown) => (key.endsWith('Requires') ? undefined : value));
  return JSON.parse(text) as Manifest;
}

/** What the inventory carries for a mix. */
const PREPARE: Partial<Readonly<Record<PolicyMix, (random: RandomSource, manifest: Manifest) => Manifest>>> = {
  istio: inMesh,
  ovn: inNetworks,
};

/** A random cluster: every field of the policy kinds of `mix` occurs, over a small alphabet so that rules meet. */
export function randomCluster(random: RandomSource, mix: PolicyMix): RandomCluster {
  const names = random.some(['red', 'green', 'blue', 'default'], 2, 4);
  // Calico has no policy for hosts with Windows.
  const hosts = random.several(1, 3, (index) => node(random, index, mix));
  const nodes = mix === 'calico' ? [...hosts, ...random.several(0, 1, () => windowsNode(random, hosts.length))] : hosts;
  const pods = random.several(3, 9, (index) => pod(random, index, names, nodes));
  const addresses = [...OUTSIDE, '10.0.1.1', '10.0.2.3', '2001:db8::1:2', '10.0.9.1'];
  const inventory = [...names.map((name) => namespace(random, name)), ...nodes, ...pods];
  return {
    mix,
    inventory: inventory.map((manifest) => PREPARE[mix]?.(random, manifest) ?? manifest),
    policies: policies(random, mix, names, addresses, hosts),
    outside: [...OUTSIDE, ...(MULTICAST[mix] ?? [])],
  };
}
