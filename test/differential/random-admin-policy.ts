import type { Manifest } from './random-cluster.js';
import { randomBlock, randomNamespaceSelector, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { KEYS, NAMESPACE_KEYS, PORT_NAMES, PORTS, PROTOCOLS } from './random-words.js';

const PRIORITIES = [0, 5, 5, 10, 20, 1000] as const;

function pods(random: RandomSource): Record<string, unknown> {
  return {
    pods: {
      namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS),
      podSelector: randomSelector(random, KEYS),
    },
  };
}

function subjectOrPodPeer(random: RandomSource): Record<string, unknown> {
  return random.chance(0.5) ? { namespaces: randomNamespaceSelector(random, NAMESPACE_KEYS) } : pods(random);
}

/** Names of hosts, and patterns for them, as these kinds write them. */
export const DOMAIN_NAMES = [
  'api.example.org',
  'EXAMPLE.org.',
  '*.example.org',
  '*.b.example.org',
  'abc.other.org',
] as const;

function egressPeer(
  random: RandomSource,
  addresses: readonly string[],
  shape: Shape,
  action: string,
): Record<string, unknown> {
  const roll = random.next();
  if (roll > 0.85 && shape.namesHostsTo.includes(action)) return { domainNames: random.some(DOMAIN_NAMES, 1, 2) };
  if (roll < 0.25) return { networks: [...new Set(random.several(1, 2, () => randomBlock(random, addresses)))] };
  if (roll < 0.4 && shape.namesNodes) return { nodes: randomSelector(random, KEYS) };
  return subjectOrPodPeer(random);
}

/** A range needs a start below its end. */
function range(random: RandomSource): { start: number; end: number } {
  const start = random.pick(PORTS.filter((port) => port < 65535));
  return { start, end: Math.min(65535, start + random.pick([1, 400, 60000])) };
}

function protocolField(random: RandomSource): Record<string, unknown> {
  return random.chance(0.6) ? { protocol: random.pick(PROTOCOLS) } : {};
}

function alphaOnePort(random: RandomSource, names: boolean): Record<string, unknown> {
  const form = random.between(0, names ? 2 : 1);
  if (form === 0) return { portNumber: { ...protocolField(random), port: random.pick(PORTS) } };
  if (form === 1) return { portRange: { ...protocolField(random), ...range(random) } };
  return { namedPort: random.pick(PORT_NAMES) };
}

function alphaTwoPort(random: RandomSource, names: boolean): Record<string, unknown> {
  const form = random.between(0, names ? 2 : 1);
  const protocol = random.pick(['tcp', 'udp', 'sctp']);
  if (form === 0) return { [protocol]: { destinationPort: { number: random.pick(PORTS) } } };
  if (form === 1) return { [protocol]: { destinationPort: { range: range(random) } } };
  return { destinationNamedPort: random.pick(PORT_NAMES) };
}

interface Shape {
  readonly actions: readonly string[];
  readonly portsField: 'ports' | 'protocols';
  /** Actions whose rules may be about names of hosts. */
  readonly namesHostsTo: readonly string[];
  readonly namesNodes: boolean;
}

function rule(
  random: RandomSource,
  direction: 'ingress' | 'egress',
  shape: Shape,
  addresses: readonly string[],
): Record<string, unknown> {
  const action = random.pick(shape.actions);
  const peers = random.several(1, 2, () =>
    direction === 'ingress' ? subjectOrPodPeer(random) : egressPeer(random, addresses, shape, action),
  );
  // Names of ports go with pods only.
  const names = !peers.some((peer) => 'networks' in peer || 'nodes' in peer || 'domainNames' in peer);
  const port = shape.portsField === 'ports' ? alphaOnePort : alphaTwoPort;
  return {
    name: `rule-${random.between(0, 999)}`,
    action,
    [direction === 'ingress' ? 'from' : 'to']: peers,
    ...(random.chance(0.6) ? { [shape.portsField]: random.several(1, 2, () => port(random, names)) } : {}),
  };
}

function rules(random: RandomSource, shape: Shape, addresses: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const direction of ['ingress', 'egress'] as const) {
    if (random.chance(0.7)) out[direction] = random.several(1, 3, () => rule(random, direction, shape, addresses));
  }
  return out;
}

/** A valid AdminNetworkPolicy, or the BaselineAdminNetworkPolicy when the name is `default`. */
export function randomAdminPolicy(random: RandomSource, name: string, addresses: readonly string[]): Manifest {
  const baseline = name === 'default';
  const actions = baseline ? ['Allow', 'Deny'] : ['Allow', 'Deny', 'Pass'];
  const shape: Shape = { actions, portsField: 'ports', namesHostsTo: baseline ? [] : ['Allow'], namesNodes: true };
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: baseline ? 'BaselineAdminNetworkPolicy' : 'AdminNetworkPolicy',
    metadata: { name },
    spec: {
      ...(baseline ? {} : { priority: random.pick(PRIORITIES) }),
      subject: subjectOrPodPeer(random),
      ...rules(random, shape, addresses),
    },
  };
}

const ACTIONS = ['Accept', 'Deny', 'Pass'] as const;

/** A valid ClusterNetworkPolicy, of v1alpha2 or of the Amazon VPC CNI. */
export function randomClusterPolicy(
  random: RandomSource,
  name: string,
  addresses: readonly string[],
  apiVersion: 'policy.networking.k8s.io/v1alpha2' | 'networking.k8s.aws/v1alpha1',
): Manifest {
  const shape: Shape =
    apiVersion === 'networking.k8s.aws/v1alpha1'
      ? { actions: ACTIONS, portsField: 'ports', namesHostsTo: ['Accept', 'Pass'], namesNodes: false }
      : { actions: ACTIONS, portsField: 'protocols', namesHostsTo: ['Accept'], namesNodes: true };
  return {
    apiVersion,
    kind: 'ClusterNetworkPolicy',
    metadata: { name },
    spec: {
      tier: random.pick(['Admin', 'Baseline']),
      priority: random.pick(PRIORITIES),
      subject: subjectOrPodPeer(random),
      ...rules(random, shape, addresses),
    },
  };
}
