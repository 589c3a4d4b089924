import type { Manifest } from './random-cluster.js';
import { asStored, withBits } from './random-stored-calico.js';
import { randomBlock } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import {
  ACCOUNTS,
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

const API = 'projectcalico.org/v3';
const TIERS = ['', '', 'sec', 'ops', 'gone'] as const;
const ORDERS = [1, 10, 10, 500, 2000, null] as const;

function test(random: RandomSource, keys: readonly string[]): string {
  const key = random.pick(keys);
  const value = random.pick(VALUES);
  const other = random.pick(VALUES);
  return random.pick([
    'all()',
    `has(${key})`,
    `!has(${key})`,
    `${key} == '${value}'`,
    `${key} != "${value}"`,
    `${key} in {'${value}', '${other}'}`,
    `${key} not in {'${value}', '${other}'}`,
    `${key} contains '${value}'`,
    `${key} starts with '${value}'`,
    `${key} ends with '${value}'`,
  ]);
}

function selector(random: RandomSource): string {
  const keys = [...KEYS, ...KEYS, 'pcns.team', 'pcsa.role', 'given'];
  const [a, b, c] = [test(random, keys), test(random, keys), test(random, keys)];
  return random.pick([
    a,
    a,
    `${a} && ${b}`,
    `${a} || ${b}`,
    `!(${a} || ${b})`,
    `${a} || ${b} && ${c}`,
    `(${a} || ${b}) && ${c}`,
  ]);
}

/** Namespaces by what they have: what they lack would also describe sets outside any namespace. */
function namespaceSelector(random: RandomSource): string {
  const key = random.pick(NAMESPACE_KEYS);
  return random.pick(['all()', `has(${key})`, `${key} == '${random.pick(VALUES)}'`, `${key} in {'a', 'b'}`]);
}

function someBlocks(random: RandomSource, addresses: readonly string[], family: 4 | 6): string[] {
  const own = addresses.filter((address) => address.includes(':') === (family === 6));
  return random.several(1, 2, () => randomBlock(random, own));
}

function entity(random: RandomSource, addresses: readonly string[], family: 4 | 6): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const form = random.between(0, 3);
  if (form === 0 || random.chance(0.15)) out['nets'] = someBlocks(random, addresses, family);
  if (random.chance(0.15)) out['notNets'] = someBlocks(random, addresses, family);
  if (form === 1 || random.chance(0.2)) out['selector'] = selector(random);
  if (form === 2) out['namespaceSelector'] = random.chance(0.15) ? 'global()' : namespaceSelector(random);
  if (random.chance(0.15)) out['notSelector'] = selector(random);
  if (random.chance(0.1)) out['serviceAccounts'] = accounts(random);
  return out;
}

function accounts(random: RandomSource): Record<string, unknown> {
  if (random.chance(0.1)) return {};
  const names = { names: random.some(ACCOUNTS, 1, 2) };
  return random.chance(0.5) ? names : { ...(random.chance(0.3) ? names : {}), selector: test(random, ['role', 'app']) };
}

function services(random: RandomSource, isGlobal: boolean): Record<string, unknown> {
  const namespace = isGlobal || random.chance(0.5) ? { namespace: random.pick(NAMESPACES) } : {};
  return { services: { name: random.pick(SERVICES), ...namespace } };
}

function clientPorts(random: RandomSource): Record<string, unknown> {
  if (random.chance(0.8)) return {};
  return random.pick([
    { ports: [random.pick([...SOURCE_PORTS, ...PORT_NAMES])] },
    { ports: ['1000:2000'] },
    { notPorts: [random.pick([...SOURCE_PORTS, ...PORT_NAMES])] },
  ]);
}

/** What a request must be; an empty one wants to see a request at all. */
function http(random: RandomSource): Record<string, unknown> {
  const paths = random.several(1, 2, () => ({ [random.pick(['exact', 'prefix'])]: random.pick(PATHS) }));
  return {
    ...(random.chance(0.7) ? { methods: random.some([...METHODS, '*'], 1, 2) } : {}),
    ...(random.chance(0.7) ? { paths } : {}),
  };
}

function port(random: RandomSource): unknown {
  const first = random.pick(PORTS);
  return random.pick([first, `${first}:${Math.min(65535, first + 400)}`, random.pick(PORT_NAMES)]);
}

function destinationPorts(random: RandomSource): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (random.chance(0.6)) out['ports'] = random.several(1, 2, () => port(random));
  if (random.chance(0.2)) out['notPorts'] = random.several(1, 2, () => port(random));
  return out;
}

function icmp(random: RandomSource): Record<string, unknown> {
  const code = random.chance(0.3) ? { code: random.pick([0, 1]) } : {};
  const type = random.chance(0.15) ? {} : { type: random.pick(ICMP_TYPES), ...code };
  const protocol = random.pick(['ICMP', 'ICMP', 'ICMPv6']);
  return random.pick([{ protocol }, { protocol, icmp: type }, { protocol, notICMP: type }]);
}

function rule(
  random: RandomSource,
  direction: 'ingress' | 'egress',
  addresses: readonly string[],
  isGlobal: boolean,
): Record<string, unknown> {
  const family = random.chance(0.8) ? 4 : 6;
  const [peer, own] = direction === 'ingress' ? ['source', 'destination'] : ['destination', 'source'];
  const sides: Record<string, Record<string, unknown>> = {};
  if (random.chance(0.85)) sides[peer] = entity(random, addresses, family);
  if (random.chance(0.1)) sides[own] = entity(random, addresses, family);
  const out: Record<string, unknown> = { action: random.pick(['Allow', 'Allow', 'Deny', 'Pass', 'Log']) };
  const byService = random.chance(0.12);
  if (byService) sides[peer] = services(random, isGlobal);
  if (random.chance(0.1) && Object.values(sides).every((side) => !('nets' in side) && !('notNets' in side))) {
    out['ipVersion'] = random.pick([4, 6]);
  }
  const protocol = random.next();
  if (protocol < 0.5) {
    out['protocol'] = random.pick([...PROTOCOLS, 6, 17]);
    const ports = byService && direction === 'egress' ? {} : destinationPorts(random);
    if (Object.keys(ports).length > 0) sides['destination'] = { ...sides['destination'], ...ports };
    const clients = clientPorts(random);
    if (Object.keys(clients).length > 0) sides['source'] = { ...sides['source'], ...clients };
    const mayInspect = direction === 'ingress' && out['protocol'] === 'TCP' && out['action'] === 'Allow';
    if (mayInspect && random.chance(0.6)) out['http'] = http(random);
  } else if (protocol < 0.6) out['notProtocol'] = random.pick([...PROTOCOLS, ...('ipVersion' in out ? [] : ['ICMP'])]);
  else if (protocol < 0.75 && !('ipVersion' in out)) Object.assign(out, icmp(random));
  else if (protocol < 0.8 && !byService) {
    const side = random.pick(['destination', 'destination', 'source']);
    sides[side] = { ...sides[side], [random.pick(['ports', 'notPorts'])]: [random.pick(PORT_NAMES)] };
  }
  return { ...out, ...sides };
}

function policy(
  random: RandomSource,
  index: number,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest {
  const global = random.chance(0.5);
  const tier = random.pick(TIERS);
  const order = random.pick(ORDERS);
  const name = `${random.pick(['a', 'm', 'z'])}-${index}`;
  const spec: Record<string, unknown> = {};
  if (tier !== '') spec['tier'] = tier;
  if (order !== null) spec['order'] = order;
  if (random.chance(0.8)) spec['selector'] = selector(random);
  if (global && random.chance(0.3)) spec['namespaceSelector'] = namespaceSelector(random);
  if (random.chance(0.1)) spec['serviceAccountSelector'] = test(random, ['role', 'app']);
  if (random.chance(0.5)) spec['types'] = random.some(['Ingress', 'Egress'], 1, 2);
  for (const direction of ['ingress', 'egress'] as const)
    if (random.chance(0.6)) spec[direction] = random.several(0, 3, () => rule(random, direction, addresses, global));
  const metadata = { name: tier === '' ? name : `${tier}.${name}` };
  return global
    ? { apiVersion: API, kind: 'GlobalNetworkPolicy', metadata, spec }
    : { apiVersion: API, kind: 'NetworkPolicy', metadata: { ...metadata, namespace: random.pick(namespaces) }, spec };
}

function tier(random: RandomSource, name: string): Manifest {
  const order = random.pick([100, 100, 2000, 5_000_000, null]);
  const end = random.pick(['Deny', 'Pass', null]);
  const spec = { ...(order === null ? {} : { order }), ...(end === null ? {} : { defaultAction: end }) };
  return { apiVersion: API, kind: 'Tier', metadata: { name }, spec };
}

function networkSet(
  random: RandomSource,
  index: number,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest {
  const labels = { [random.pick(KEYS)]: random.pick(VALUES) };
  const nets = random.several(1, 2, () => randomBlock(random, addresses));
  const spec = { nets: nets.map((net) => (random.chance(0.3) ? withBits(random, net, addresses) : net)) };
  return random.chance(0.5)
    ? { apiVersion: API, kind: 'GlobalNetworkSet', metadata: { name: `set-${index}`, labels }, spec }
    : {
        apiVersion: API,
        kind: 'NetworkSet',
        metadata: { name: `set-${index}`, namespace: random.pick(namespaces), labels },
        spec,
      };
}

/** A Service with its slice, or with what selects its pods alone. */
function serviceObjects(
  random: RandomSource,
  name: string,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  const namespace = random.pick(namespaces);
  const selector = { [random.pick(KEYS)]: random.pick(VALUES) };
  const target = random.pick([random.pick(PORTS), random.pick(PORT_NAMES)]);
  const ports = [{ name: 'p', port: random.pick(PORTS), ...(random.chance(0.6) ? { targetPort: target } : {}) }];
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector, ports } };
  if (random.chance(0.5)) return [service];
  const metadata = { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } };
  const endpoints = random.several(1, 2, () => ({
    addresses: [random.pick(addresses.filter((a) => !a.includes(':')))],
  }));
  const slice = { addressType: 'IPv4', ports: [{ name: 'p', port: random.pick(PORTS), protocol: 'TCP' }], endpoints };
  return [service, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...slice }];
}

function serviceAccount(random: RandomSource, name: string, namespace: string): Manifest {
  const labels = { [random.pick(['role', 'app'])]: random.pick(VALUES) };
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } };
}

/** What workloads of a namespace or an account get when no tier decides, and labels for them. */
function profile(random: RandomSource, name: string, addresses: readonly string[]): Manifest {
  const rules = (direction: 'ingress' | 'egress'): object[] =>
    random.chance(0.15)
      ? [{ action: random.pick(['Allow', 'Allow', 'Pass']) }]
      : random.several(0, 2, () => rule(random, direction, addresses, true));
  const labelsToApply = random.chance(0.5) ? { labelsToApply: { given: random.pick(VALUES) } } : {};
  const spec = { ingress: rules('ingress'), egress: rules('egress'), ...labelsToApply };
  return { apiVersion: API, kind: 'Profile', metadata: { name }, spec };
}

function profiles(random: RandomSource, namespaces: readonly string[], addresses: readonly string[]): Manifest[] {
  if (random.chance(0.7)) return [];
  const namespace = random.pick(namespaces);
  const names = [`kns.${namespace}`, `ksa.${namespace}.${random.pick(ACCOUNTS)}`];
  return random.some(names, 1, 2).map((name) => profile(random, name, addresses));
}

type Staging = Record<string, unknown>;

/** Which traffic of hosts a policy judges. */
const STAGINGS: readonly Staging[] = [
  {},
  { applyOnForward: true },
  { applyOnForward: true, preDNAT: true },
  { applyOnForward: true, doNotTrack: true },
];

/** A policy that selects hosts; where it judges what they forward, requests cannot be seen. */
function hostPolicy(random: RandomSource, index: number, addresses: readonly string[], staging: Staging): Manifest {
  const rules = (direction: 'ingress' | 'egress'): object[] =>
    random.several(0, 3, () => {
      const { http: _, ...rest } = rule(random, direction, addresses, true);
      return rest;
    });
  const types = 'preDNAT' in staging ? ['Ingress'] : random.some(['Ingress', 'Egress'], 1, 2);
  const tier = random.pick(TIERS);
  const name = `host-${index}`;
  const spec: Record<string, unknown> = {
    ...staging,
    types,
    selector: random.pick(["node == 'here'", selector(random)]),
  };
  if (tier !== '') spec['tier'] = tier;
  if (random.chance(0.7)) spec['order'] = random.pick([1, 10, 500]);
  for (const direction of ['ingress', 'egress'] as const) {
    if (types.includes(direction === 'ingress' ? 'Ingress' : 'Egress')) spec[direction] = rules(direction);
  }
  const metadata = { name: tier === '' ? name : `${tier}.${name}` };
  return { apiVersion: API, kind: 'GlobalNetworkPolicy', metadata, spec };
}

function hostEndpoint(random: RandomSource, node: Manifest, interfaceName: string, ips: readonly string[]): Manifest {
  const { name } = node['metadata'] as { name: string };
  const labels = {
    node: 'here',
    ...Object.fromEntries(random.some(KEYS, 0, 2).map((key) => [key, random.pick(VALUES)])),
  };
  const profiles = random.pick([
    {},
    { profiles: ['projectcalico-default-allow'] },
    { profiles: ['of-hosts'] },
    { profiles: ['of-hosts', random.pick(['projectcalico-default-allow', 'more-of-hosts', 'of-nobody'])] },
  ]);
  const expected = ips.length === 0 ? {} : { expectedIPs: ips };
  const ports = random.several(0, 2, () => ({
    name: random.pick(PORT_NAMES),
    protocol: random.pick(['TCP', 'UDP']),
    port: random.pick(PORTS),
  }));
  const spec = { node: name, interfaceName, ...expected, ...profiles, ...(ports.length > 0 ? { ports } : {}) };
  return {
    apiVersion: API,
    kind: 'HostEndpoint',
    metadata: { name: `${name}-${interfaceName === '*' ? 'all' : interfaceName}`, labels },
    spec,
  };
}

/** What Felix keeps open: on all hosts, on one, or on those of some label. */
function felixConfigurations(random: RandomSource, nodes: readonly Manifest[]): readonly Manifest[] {
  const ofOne = (): string => `node.${(random.pick(nodes)['metadata'] as { name: string }).name}`;
  return [
    ...(random.chance(0.6) ? [felixConfiguration(random, { name: 'default' })] : []),
    ...(random.chance(0.3) ? [felixConfiguration(random, { name: ofOne() })] : []),
    ...random.several(0, 2, (index) => {
      const createdAt = random.chance(0.5) ? { creationTimestamp: `2026-01-0${random.between(1, 9)}T00:00:00Z` } : {};
      return felixConfiguration(random, { name: `some-${index}`, ...createdAt }, { nodeSelector: selector(random) });
    }),
  ];
}

function felixConfiguration(random: RandomSource, metadata: { readonly name: string }, scope: object = {}): Manifest {
  const ports = (): object[] =>
    random.several(0, 2, () => ({
      protocol: random.pick(['tcp', 'UDP']),
      port: random.pick(PORTS),
      ...(random.chance(0.3) ? { net: '10.0.0.0/8' } : {}),
    }));
  // That of all hosts the detection of the CNI reads.
  const tells = metadata.name !== 'default' && random.chance(0.6);
  const spec = {
    ...scope,
    ...(tells ? { defaultEndpointToHostAction: random.pick(['Drop', 'DROP', 'Accept', 'Return']) } : {}),
    ...(random.chance(0.7) ? { failsafeInboundHostPorts: ports() } : {}),
    ...(random.chance(0.7) ? { failsafeOutboundHostPorts: ports() } : {}),
  };
  return { apiVersion: API, kind: 'FelixConfiguration', metadata, spec };
}

/** Host endpoints and what speaks of them. Where hosts judge what they forward, one endpoint stands for all interfaces. */
function hostObjects(random: RandomSource, nodes: readonly Manifest[], addresses: readonly string[]): Manifest[] {
  if (random.chance(0.4)) return [];
  const forwards = random.chance(0.5);
  const endpoints = nodes.flatMap((node): Manifest[] => {
    const { addresses: own } = node['status'] as { addresses: readonly { address: string }[] };
    const ips = own.map(({ address }) => address);
    const every = random.chance(0.7) ? [hostEndpoint(random, node, '*', random.chance(0.7) ? ips : [])] : [];
    if (forwards || random.chance(0.5)) return every;
    return [...every, hostEndpoint(random, node, 'eth0', random.some(ips, 1, ips.length))];
  });
  const staging = (): Staging => (forwards ? random.pick(STAGINGS) : {});
  return [
    ...endpoints,
    profile(random, 'of-hosts', addresses),
    profile(random, 'more-of-hosts', addresses),
    ...felixConfigurations(random, nodes),
    ...random.several(1, 4, (index) => hostPolicy(random, index, addresses, staging())),
  ];
}

/** Calico's objects of a random cluster: tiers, policies of both kinds, and what they speak of. */
export function randomCalicoObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
  nodes: readonly Manifest[],
): Manifest[] {
  const stored = random.chance(0.3);
  const policies = [
    ...random.several(1, 4, (index) => policy(random, index, namespaces, addresses)),
    ...hostObjects(random, nodes, addresses),
  ];
  return [
    ...['sec', 'ops'].map((name) => tier(random, name)),
    ...SERVICES.flatMap((name) => serviceObjects(random, name, namespaces, addresses)),
    ...namespaces.flatMap((namespace) =>
      random.some(ACCOUNTS, 0, 2).map((name) => serviceAccount(random, name, namespace)),
    ),
    ...profiles(random, namespaces, addresses),
    ...random.several(0, 2, (index) => networkSet(random, index, namespaces, addresses)),
    ...policies.map((manifest) => (stored ? asStored(random, manifest, addresses) : manifest)),
  ];
}
