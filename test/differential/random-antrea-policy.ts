import type { Manifest } from './random-cluster.js';
import { randomBlock, randomInnerBlock, randomNamespaceSelector, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { ACCOUNTS, KEYS, NAMESPACE_KEYS, PORT_NAMES, PORTS, PROTOCOLS, ICMP_TYPES } from './random-words.js';

const API = 'crd.antrea.io/v1beta1';
const TIERS = ['', '', 'emergency', 'platform', 'sec', 'baseline'] as const;
const GROUPS = ['pods', 'blocks'] as const;

/** Where a policy is, and what it may speak of. */
interface Home {
  readonly namespace: string | null;
  readonly namespaces: readonly string[];
  readonly addresses: readonly string[];
}

function pods(random: RandomSource, withNamespaces: boolean): Record<string, unknown> {
  const form = withNamespaces ? random.between(0, 2) : 0;
  return {
    ...(form === 1 ? {} : { podSelector: randomSelector(random, KEYS) }),
    ...(form === 0 ? {} : { namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS) }),
  };
}

function account(random: RandomSource, { namespaces }: Home): Record<string, unknown> {
  return { serviceAccount: { name: random.pick(ACCOUNTS), namespace: random.pick(namespaces) } };
}

function subject(random: RandomSource, home: Home): Record<string, unknown> {
  const roll = random.next();
  if (roll < 0.15) return { group: 'pods' };
  if (roll < 0.25 && home.namespace === null) return account(random, home);
  return pods(random, home.namespace === null);
}

function block(random: RandomSource, addresses: readonly string[]): Record<string, unknown> {
  const cidr = randomBlock(random, addresses);
  const inner = random.chance(0.4) ? randomInnerBlock(random, cidr, addresses) : null;
  return inner === null ? { cidr } : { cidr, except: [inner] };
}

function peer(random: RandomSource, home: Home): Record<string, unknown> {
  const roll = random.next();
  if (roll < 0.2) return { ipBlock: block(random, home.addresses) };
  if (roll < 0.35) return { group: random.pick(GROUPS) };
  if (roll < 0.45 && home.namespace === null)
    return { namespaces: { match: 'Self' }, podSelector: randomSelector(random, KEYS) };
  if (roll < 0.5 && home.namespace === null) return account(random, home);
  return pods(random, true);
}

function port(random: RandomSource): Record<string, unknown> {
  const protocol = random.chance(0.6) ? { protocol: random.pick(PROTOCOLS) } : {};
  const form = random.between(0, 3);
  if (form === 0) return { ...protocol, port: random.pick(PORT_NAMES) };
  const first = random.pick(PORTS);
  return { ...protocol, port: first, ...(form === 1 ? { endPort: Math.min(65535, first + 400) } : {}) };
}

function icmp(random: RandomSource): Record<string, unknown> {
  if (random.chance(0.3)) return {};
  const code = random.chance(0.3) ? { icmpCode: random.pick([0, 1]) } : {};
  return { icmpType: random.pick(ICMP_TYPES), ...code };
}

function policy(
  random: RandomSource,
  index: number,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest {
  const home: Home = { namespace: random.chance(0.5) ? random.pick(namespaces) : null, namespaces, addresses };
  const tier = random.pick(TIERS);
  const inRules = random.chance(0.4);
  const actions = tier === 'baseline' ? ['Allow', 'Drop'] : ['Allow', 'Allow', 'Drop', 'Reject', 'Pass'];
  const rule = (direction: string, at: number): Record<string, unknown> => ({
    name: `${direction}-${at}`,
    action: random.pick(actions),
    ...(random.chance(0.85)
      ? { [direction === 'ingress' ? 'from' : 'to']: random.several(1, 2, () => peer(random, home)) }
      : {}),
    ...(random.chance(0.5) ? { ports: random.several(1, 2, () => port(random)) } : {}),
    ...(random.chance(0.2) ? { protocols: random.several(1, 2, () => ({ icmp: icmp(random) })) } : {}),
    ...(inRules ? { appliedTo: [subject(random, home)] } : {}),
  });
  const spec = {
    ...(tier === '' ? {} : { tier }),
    priority: random.pick([1, 5, 5, 5.5, 10]),
    ...(inRules ? {} : { appliedTo: random.several(1, 2, () => subject(random, home)) }),
    ingress: random.several(1, 3, (at) => rule('ingress', at)),
    egress: random.several(0, 3, (at) => rule('egress', at)),
  };
  const name = `policy-${index}`;
  return home.namespace === null
    ? { apiVersion: API, kind: 'ClusterNetworkPolicy', metadata: { name }, spec }
    : { apiVersion: API, kind: 'NetworkPolicy', metadata: { name, namespace: home.namespace }, spec };
}

/** The groups that policies name: cluster-wide ones, and ones in each namespace. */
function groups(random: RandomSource, namespaces: readonly string[], addresses: readonly string[]): Manifest[] {
  const blocks = (): Record<string, unknown> => ({ ipBlocks: [{ cidr: randomBlock(random, addresses) }] });
  return [
    { apiVersion: API, kind: 'ClusterGroup', metadata: { name: 'pods' }, spec: pods(random, true) },
    { apiVersion: API, kind: 'ClusterGroup', metadata: { name: 'blocks' }, spec: blocks() },
    ...namespaces.flatMap((namespace) => [
      { apiVersion: API, kind: 'Group', metadata: { name: 'pods', namespace }, spec: pods(random, false) },
      { apiVersion: API, kind: 'Group', metadata: { name: 'blocks', namespace }, spec: blocks() },
    ]),
  ];
}

/** Antrea's objects of a random cluster: a tier, groups, and policies of both kinds. */
export function randomAntreaObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  return [
    { apiVersion: API, kind: 'Tier', metadata: { name: 'sec' }, spec: { priority: random.pick([20, 240]) } },
    ...groups(random, namespaces, addresses),
    ...random.several(1, 4, (index) => policy(random, index, namespaces, addresses)),
  ];
}
