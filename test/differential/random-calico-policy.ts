import type { Manifest } from './random-cluster.js';
import { randomBlock } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { ACCOUNTS, KEYS, NAMESPACE_KEYS, PORT_NAMES, PORTS, PROTOCOLS, VALUES, ICMP_TYPES } from './random-words.js';

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
  ]);
}

function selector(random: RandomSource): string {
  const keys = [...KEYS, ...KEYS, 'pcns.team'];
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
  if (random.chance(0.1)) out['serviceAccounts'] = { names: random.some(ACCOUNTS, 1, 2) };
  return out;
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
  const type = { type: random.pick(ICMP_TYPES), ...code };
  const protocol = random.pick(['ICMP', 'ICMP', 'ICMPv6']);
  return random.pick([{ protocol }, { protocol, icmp: type }, { protocol, notICMP: type }]);
}

function rule(
  random: RandomSource,
  direction: 'ingress' | 'egress',
  addresses: readonly string[],
): Record<string, unknown> {
  const family = random.chance(0.8) ? 4 : 6;
  const [peer, own] = direction === 'ingress' ? ['source', 'destination'] : ['destination', 'source'];
  const sides: Record<string, Record<string, unknown>> = {};
  if (random.chance(0.85)) sides[peer] = entity(random, addresses, family);
  if (random.chance(0.1)) sides[own] = entity(random, addresses, family);
  const out: Record<string, unknown> = { action: random.pick(['Allow', 'Allow', 'Deny', 'Pass', 'Log']) };
  const protocol = random.next();
  if (protocol < 0.5) {
    out['protocol'] = random.pick(PROTOCOLS);
    const ports = destinationPorts(random);
    if (Object.keys(ports).length > 0) sides['destination'] = { ...sides['destination'], ...ports };
  } else if (protocol < 0.6) out['notProtocol'] = random.pick([...PROTOCOLS, 'ICMP']);
  else if (protocol < 0.75) Object.assign(out, icmp(random));
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
  if (random.chance(0.5)) spec['types'] = random.some(['Ingress', 'Egress'], 1, 2);
  for (const direction of ['ingress', 'egress'] as const)
    if (random.chance(0.6)) spec[direction] = random.several(0, 3, () => rule(random, direction, addresses));
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
  const spec = { nets: random.several(1, 2, () => randomBlock(random, addresses)) };
  return random.chance(0.5)
    ? { apiVersion: API, kind: 'GlobalNetworkSet', metadata: { name: `set-${index}`, labels }, spec }
    : {
        apiVersion: API,
        kind: 'NetworkSet',
        metadata: { name: `set-${index}`, namespace: random.pick(namespaces), labels },
        spec,
      };
}

/** Calico's objects of a random cluster: tiers, policies of both kinds, and sets of networks. */
export function randomCalicoObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  return [
    ...['sec', 'ops'].map((name) => tier(random, name)),
    ...random.several(0, 2, (index) => networkSet(random, index, namespaces, addresses)),
    ...random.several(1, 4, (index) => policy(random, index, namespaces, addresses)),
  ];
}
