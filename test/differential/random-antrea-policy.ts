import type { Manifest } from './random-cluster.js';
import { randomBlock, randomInnerBlock, randomNamespaceSelector, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import {
  ACCOUNTS,
  HTTP_HOSTS,
  ICMP_TYPES,
  KEYS,
  METHODS,
  NAMESPACE_KEYS,
  NAMESPACES,
  PATHS,
  PORT_NAMES,
  PORTS,
  PROTOCOLS,
  SERVICES,
  SOURCE_PORTS,
  VALUES,
} from './random-words.js';

const API = 'crd.antrea.io/v1beta1';
const TIERS = ['', '', 'emergency', 'platform', 'sec', 'baseline'] as const;
const GROUPS = ['pods', 'blocks', 'behind', 'family', 'missing'] as const;
const FQDNS = ['api.example.org', '*.example.org', 'a*.org', '*', 'one.*.svc.cluster.local', '*.RED.svc.cluster.local'];

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
  if (roll < 0.15) return { group: random.pick(['pods', 'blocks', 'behind', 'family']) };
  if (roll < 0.25 && home.namespace === null) return account(random, home);
  return pods(random, home.namespace === null);
}

function block(random: RandomSource, addresses: readonly string[]): Record<string, unknown> {
  const cidr = randomBlock(random, addresses);
  const inner = random.chance(0.4) ? randomInnerBlock(random, cidr, addresses) : null;
  return inner === null ? { cidr } : { cidr, except: [inner] };
}

function sameNamespaces(random: RandomSource): Record<string, unknown> {
  const keys = random.some(NAMESPACE_KEYS, 1, 2);
  return { namespaces: random.chance(0.5) ? { match: 'Self' } : { sameLabels: keys } };
}

function externalEntities(random: RandomSource): Record<string, unknown> {
  return {
    externalEntitySelector: randomSelector(random, KEYS),
    ...(random.chance(0.5) ? { namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS) } : {}),
  };
}

function peer(random: RandomSource, home: Home, direction: string): Record<string, unknown> {
  const roll = random.next();
  if (roll < 0.2) return { ipBlock: block(random, home.addresses) };
  if (roll < 0.35) return { group: random.pick(GROUPS) };
  if (roll < 0.4) return { nodeSelector: randomSelector(random, KEYS) };
  if (roll < 0.45) return externalEntities(random);
  if (roll < 0.55 && direction === 'egress') return { fqdn: random.pick(FQDNS) };
  if (home.namespace !== null || roll > 0.7) return pods(random, true);
  if (roll < 0.65) return { ...sameNamespaces(random), podSelector: randomSelector(random, KEYS) };
  return account(random, home);
}

function clientPorts(random: RandomSource): Record<string, unknown> {
  if (random.chance(0.8)) return {};
  return random.chance(0.5) ? { sourcePort: random.pick(SOURCE_PORTS) } : { sourcePort: 1000, sourceEndPort: 2000 };
}

function port(random: RandomSource, protocols: readonly string[]): Record<string, unknown> {
  const protocol = random.chance(0.6) ? { protocol: random.pick(protocols) } : {};
  const form = random.between(0, 4);
  if (form === 0) return { ...protocol, port: random.pick(PORT_NAMES), ...clientPorts(random) };
  if (form === 1) return { ...protocol, ...clientPorts(random) };
  const first = random.pick(PORTS);
  const end = form === 2 ? { endPort: Math.min(65535, first + 400) } : {};
  return { ...protocol, port: first, ...end, ...clientPorts(random) };
}

/** What a request must be, with at least one thing asked of it. */
function request(random: RandomSource): Record<string, unknown> {
  const all = {
    method: random.pick(METHODS),
    path: random.pick([...PATHS, '/api*', '*/api', '*']),
    host: random.pick([...HTTP_HOSTS, '*.example.org']),
  };
  return { http: Object.fromEntries(random.some(['method', 'path', 'host'] as const, 1, 2).map((p) => [p, all[p]])) };
}

function icmp(random: RandomSource): Record<string, unknown> {
  if (random.chance(0.3)) return {};
  const code = random.chance(0.3) ? { icmpCode: random.pick([0, 1]) } : {};
  return { icmpType: random.pick(ICMP_TYPES), ...code };
}

function toServices(random: RandomSource): Record<string, unknown> {
  const one = (): object => ({ name: random.pick(SERVICES), namespace: random.pick(NAMESPACES) });
  return { toServices: random.several(1, 2, one) };
}

/** What a rule looks at: a Service's address, requests, or ports and protocols. */
function matches(random: RandomSource, home: Home, direction: string, inspects: boolean): Record<string, unknown> {
  if (direction === 'egress' && !inspects && random.chance(0.15)) return toServices(random);
  const from = random.chance(0.85) ? random.several(1, 2, () => peer(random, home, direction)) : null;
  return {
    ...(from === null ? {} : { [direction === 'ingress' ? 'from' : 'to']: from }),
    ...(random.chance(0.5) ? { ports: random.several(1, 2, () => port(random, inspects ? ['TCP'] : PROTOCOLS)) } : {}),
    ...(inspects ? { l7Protocols: random.several(1, 2, () => request(random)) } : {}),
    ...(!inspects && random.chance(0.2) ? { protocols: random.several(1, 2, () => ({ icmp: icmp(random) })) } : {}),
  };
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
  const inspects = random.chance(0.2);
  const rule = (direction: string, at: number): Record<string, unknown> => {
    const action = random.pick(actions);
    return {
      name: `${direction}-${at}`,
      action,
      ...matches(random, home, direction, inspects && action === 'Allow'),
      ...(inRules ? { appliedTo: [subject(random, home)] } : {}),
    };
  };
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

/**
 * A policy about IGMP, whose rules look at nothing else, or about what pods send to multicast addresses.
 */
function multicastPolicy(random: RandomSource): Manifest {
  const action = (): string => random.pick(['Allow', 'Drop']);
  const igmp = (direction: string, at: number): object => ({
    name: `${direction}-${at}`,
    action: action(),
    protocols: [{ igmp: igmpMessage(random, direction) }],
  });
  const blocks = (at: number): object => ({
    name: `group-${at}`,
    action: action(),
    to: random.several(1, 2, () => ({
      ipBlock: { cidr: random.pick(['224.0.0.0/4', '225.1.0.0/16', '225.1.2.3/32']) },
    })),
    ...(random.chance(0.3) ? { ports: [port(random, ['UDP'])] } : {}),
  });
  const rules = random.chance(0.6)
    ? {
        ingress: random.several(0, 2, (at) => igmp('ingress', at)),
        egress: random.several(1, 2, (at) => igmp('egress', at)),
      }
    : { egress: random.several(1, 2, blocks) };
  const tier = random.chance(0.5) ? { tier: 'emergency' } : {};
  const spec = { ...tier, priority: random.pick([1, 5, 10]), appliedTo: [pods(random, true)], ...rules };
  return { apiVersion: API, kind: 'ClusterNetworkPolicy', metadata: { name: 'multicast' }, spec };
}

function igmpMessage(random: RandomSource, direction: string): Record<string, unknown> {
  const types = direction === 'ingress' ? [0x11] : [0x12, 0x16, 0x22];
  return {
    ...(random.chance(0.6) ? { igmpType: random.pick(types) } : {}),
    ...(random.chance(0.3) ? { groupAddress: '225.1.2.3' } : {}),
  };
}

/** A policy for clients outside that enter a Service. */
function entryPolicy(random: RandomSource, addresses: readonly string[]): Manifest {
  const rule = (at: number): object => ({
    name: `entry-${at}`,
    action: random.pick(['Allow', 'Drop', 'Reject', 'Pass']),
    ...(random.chance(0.8) ? { from: [{ ipBlock: block(random, addresses) }] } : {}),
    ...(random.chance(0.3) ? { ports: [port(random, PROTOCOLS)] } : {}),
  });
  const service = { name: random.pick(SERVICES), namespace: random.pick(NAMESPACES) };
  const spec = { priority: random.pick([1, 5, 10]), appliedTo: [{ service }], ingress: random.several(1, 2, rule) };
  return { apiVersion: API, kind: 'ClusterNetworkPolicy', metadata: { name: 'entry' }, spec };
}

function service(random: RandomSource, name: string, namespaces: readonly string[]): Manifest {
  const selector = { [random.pick(KEYS)]: random.pick(VALUES) };
  const headless = random.chance(0.5) ? { clusterIP: 'None' } : { type: 'NodePort' };
  const metadata = { name, namespace: random.pick(namespaces) };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ...headless, selector, ports: [{ port: 80 }] } };
}

function entity(random: RandomSource, index: number, namespaces: readonly string[], ip: string): Manifest {
  const labels = { [random.pick(KEYS)]: random.pick(VALUES) };
  const metadata = { name: `entity-${index}`, namespace: random.pick(namespaces), labels };
  return { apiVersion: API, kind: 'ExternalEntity', metadata, spec: { endpoints: [{ ip }], externalNode: 'outside' } };
}

/** The groups that policies name: cluster-wide ones, and ones in each namespace. */
function groups(random: RandomSource, namespaces: readonly string[], addresses: readonly string[]): Manifest[] {
  const ofKind = (kind: string, namespace: string | null): Manifest[] => {
    const home = namespace === null ? {} : { namespace };
    const serviceReference = { name: random.pick(SERVICES), namespace: namespace ?? random.pick(namespaces) };
    const specs: Readonly<Record<string, unknown>> = {
      pods: pods(random, namespace === null),
      blocks: { ipBlocks: random.several(1, 2, () => block(random, addresses)) },
      behind: { serviceReference },
      family: { childGroups: random.some(['pods', 'blocks', 'behind', 'missing'], 1, 3) },
    };
    return Object.entries(specs).map(([name, spec]) => ({
      apiVersion: API,
      kind,
      metadata: { name, ...home },
      spec,
    }));
  };
  return [...ofKind('ClusterGroup', null), ...namespaces.flatMap((namespace) => ofKind('Group', namespace))];
}

/** Antrea's objects of a random cluster: a tier, groups, what groups speak of, and policies of both kinds. */
export function randomAntreaObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  return [
    { apiVersion: API, kind: 'Tier', metadata: { name: 'sec' }, spec: { priority: random.pick([20, 240]) } },
    ...SERVICES.map((name) => service(random, name, namespaces)),
    ...random.several(0, 2, (index) => entity(random, index, namespaces, random.pick(addresses))),
    ...groups(random, namespaces, addresses),
    ...(random.chance(0.3) ? [entryPolicy(random, addresses)] : []),
    ...(random.chance(0.3) ? [multicastPolicy(random)] : []),
    ...random.several(1, 4, (index) => policy(random, index, namespaces, addresses)),
  ];
}
