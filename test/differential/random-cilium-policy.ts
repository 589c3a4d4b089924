import type { Manifest } from './random-cluster.js';
import { randomBlock, randomInnerBlock, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import {
  ACCOUNTS,
  KAFKA_CLIENTS,
  KAFKA_KEYS,
  KAFKA_PORT,
  KEYS,
  METHODS,
  NAMESPACE_KEYS,
  PORTS,
  PORT_NAMES,
  PROTOCOLS,
  TOPICS,
  VALUES,
} from './random-words.js';

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACES = ['red', 'green', 'blue', 'default'] as const;
const ENTITIES = [
  'all',
  'world',
  'cluster',
  'host',
  'remote-node',
  'kube-apiserver',
  'namespace',
  'health',
  'none',
] as const;
const NAMES = [
  { matchName: 'api.example.org' },
  { matchPattern: '*.example.org' },
  { matchPattern: '**.example.org' },
  { matchPattern: '**.org' },
  { matchPattern: 'a*.*.org' },
  { matchPattern: '*' },
  { matchPattern: '**' },
  { matchPattern: '***.org' },
  { matchPattern: 'a.**.org' },
  { matchPattern: '*c**.org' },
] as const;

/** Where requests are told of most often. */
const INSPECTED = [80, 81, 8080] as const;
const RESOLVERS = [53, 53, 80, 443] as const;

/** Patterns for the whole value. */
const REQUEST_PATHS = ['/', '/api', '/api/.*', '/.*/api', '.*'] as const;
const REQUEST_HOSTS = ['shop.example.org', '.*\\.example\\.org', 'other.org'] as const;
const REQUEST_PARTS = ['method', 'path', 'host'] as const;

type Fields = Record<string, unknown>;

function key(random: RandomSource): string {
  const name = random.pick([
    ...KEYS,
    ...KEYS,
    ...KEYS,
    `io.cilium.k8s.namespace.labels.${random.pick(NAMESPACE_KEYS)}`,
    'io.cilium.k8s.policy.serviceaccount',
  ]);
  return `${random.pick(['', '', 'k8s:', 'any:'])}${name}`;
}

function expression(random: RandomSource, chosen: string, values: readonly string[]): Fields {
  const operator = random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const listed = operator === 'In' || operator === 'NotIn';
  return listed ? { key: chosen, operator, values: random.some(values, 1, 2) } : { key: chosen, operator };
}

/** A selector over the labels of identities, also over those that Cilium makes itself. */
function selector(random: RandomSource, mayReserve: boolean): Fields {
  const labels: Fields = {};
  const expressions: Fields[] = [];
  if (random.chance(0.5)) labels[key(random)] = random.pick([...VALUES, random.pick(ACCOUNTS)]);
  if (random.chance(0.4)) expressions.push(expression(random, key(random), [...VALUES, ...ACCOUNTS]));
  if (mayReserve && random.chance(0.3)) {
    if (random.chance(0.5)) labels[`k8s:${NAMESPACE}`] = random.pick(NAMESPACES);
    else expressions.push(expression(random, NAMESPACE, NAMESPACES));
  }
  if (mayReserve && random.chance(0.12)) {
    const name = `reserved:${random.pick(['host', 'remote-node', 'world', 'kube-apiserver'])}`;
    if (random.chance(0.7)) labels[name] = '';
    else expressions.push({ key: name, operator: random.pick(['Exists', 'DoesNotExist']) });
  }
  return {
    ...(Object.keys(labels).length > 0 ? { matchLabels: labels } : {}),
    ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
  };
}

function nodeSelector(random: RandomSource): Fields {
  const chosen = random.pick(KEYS);
  if (random.chance(0.2)) return {};
  return random.chance(0.6)
    ? { matchLabels: { [chosen]: random.pick(VALUES) } }
    : { matchExpressions: [expression(random, chosen, VALUES)] };
}

function blockRule(random: RandomSource, addresses: readonly string[]): Fields {
  const form = random.between(0, 3);
  if (form === 0) return { cidrGroupRef: random.pick(['first', 'second', 'missing']) };
  if (form === 1) return { cidrGroupSelector: { matchLabels: { [random.pick(KEYS)]: random.pick(VALUES) } } };
  const cidr = randomBlock(random, addresses);
  const except = random.chance(0.5) ? randomInnerBlock(random, cidr, addresses) : null;
  return except === null ? { cidr } : { cidr, except: [except] };
}

function service(random: RandomSource): Fields {
  const namespace = random.chance(0.6) ? { namespace: random.pick(NAMESPACES) } : {};
  return random.chance(0.6)
    ? { k8sService: { serviceName: random.pick(['one', 'two', 'bare', 'missing']), ...namespace } }
    : { k8sServiceSelector: { selector: { matchLabels: { [random.pick(KEYS)]: random.pick(VALUES) } }, ...namespace } };
}

function peers(random: RandomSource, rule: Rule): Fields {
  const { direction, action, addresses } = rule;
  const prefix = direction === 'ingress' ? 'from' : 'to';
  const forms = ['Endpoints', 'Endpoints', 'Endpoints', 'Entities', 'CIDR', 'CIDRSet', 'Nodes', ''];
  if (direction === 'egress')
    forms.push('Services', 'Services', ...(action === 'allow' ? ['FQDNs', 'FQDNs', 'FQDNs'] : []));
  const form = random.pick(forms);
  const make: Readonly<Record<string, () => unknown>> = {
    Endpoints: () => selector(random, true),
    Entities: () => random.pick(ENTITIES),
    CIDR: () => randomBlock(random, addresses),
    CIDRSet: () => blockRule(random, addresses),
    Nodes: () => nodeSelector(random),
    Services: () => service(random),
    FQDNs: () => random.pick(NAMES),
  };
  const one = make[form];
  if (one === undefined) return {};
  const least = form === 'Endpoints' || random.chance(0.15) ? 0 : 1;
  const beside = random.chance(0.05) ? { [`${prefix}${random.pick(['Endpoints', 'CIDR'])}`]: [] } : {};
  return { ...beside, [`${prefix}${form}`]: random.several(least, 2, one) };
}

function port(random: RandomSource, inspects: boolean): Fields {
  const protocol = inspects ? 'TCP' : random.pick([...PROTOCOLS, 'ANY', null]);
  const number = random.pick(inspects ? INSPECTED : PORTS);
  const form = random.between(0, 5);
  const place =
    form === 0
      ? { port: random.pick(PORT_NAMES) }
      : form === 1
        ? { port: String(number), endPort: Math.min(65535, number + random.pick([0, 1, 400])) }
        : { port: form === 2 && !inspects ? '0' : String(number) };
  return { ...place, ...(protocol === null ? {} : { protocol }) };
}

function portRule(random: RandomSource, mayInspect: boolean, direction: Rule['direction']): Fields {
  if (mayInspect && direction === 'egress' && random.chance(0.3)) return dnsRule(random);
  if (mayInspect && random.chance(0.15)) return kafkaRule(random);
  const inspects = mayInspect && random.chance(0.5);
  const ports = random.several(1, 2, () => port(random, inspects));
  if (!inspects) return { ports };
  return { ports, rules: { http: random.several(1, 2, () => requestRule(random)) } };
}

/** Requests of Kafka, on a port that rules about other requests leave alone. */
function kafkaRule(random: RandomSource): Fields {
  const one = (): Fields => {
    const who = random.pick(['role', 'apiKey', '']);
    return {
      ...(who === 'role' ? { role: random.pick(['produce', 'consume', 'Produce']) } : {}),
      ...(who === 'apiKey' ? { apiKey: random.pick(KAFKA_KEYS) } : {}),
      ...(random.chance(0.6) ? { topic: random.pick(TOPICS) } : {}),
      ...(random.chance(0.2) ? { clientID: random.pick(KAFKA_CLIENTS) } : {}),
      ...(random.chance(0.2) ? { apiVersion: '2' } : {}),
    };
  };
  const ports = [{ port: String(KAFKA_PORT), protocol: 'TCP' }];
  return { ports, rules: { kafka: random.several(1, 2, one) } };
}

/** A resolver may be asked for these names only. */
function dnsRule(random: RandomSource): Fields {
  const one = (): Fields => ({ port: String(random.pick(RESOLVERS)), protocol: random.pick(['UDP', 'TCP', 'ANY']) });
  return { ports: random.several(1, 2, one), rules: { dns: random.some(NAMES, 1, 2) } };
}

function requestRule(random: RandomSource): Fields {
  const asks = { method: random.pick(METHODS), path: random.pick(REQUEST_PATHS), host: random.pick(REQUEST_HOSTS) };
  return Object.fromEntries(random.some(REQUEST_PARTS, 1, 2).map((part) => [part, asks[part]]));
}

function icmp(random: RandomSource): Fields {
  const family = random.pick(['IPv4', 'IPv6']);
  return { fields: [{ family, type: random.pick(family === 'IPv4' ? [0, 8] : [8, 128]) }] };
}

/** Where a rule stands. */
interface Rule {
  readonly direction: 'ingress' | 'egress';
  readonly action: 'allow' | 'deny';
  readonly addresses: readonly string[];
  readonly forNodes: boolean;
  /** Whether it may ask that peers of every rule have more labels: only with default deny. */
  readonly mayRequire: boolean;
  readonly modes: Modes;
}

/**
 * Modes of authentication that the rules of a cluster write; [] for none. Several stand beside no rules about requests,
 * and none beside constraints of labels.
 */
type Modes = readonly string[];
const MODES: Modes = ['required', 'required', 'disabled', 'disabled', 'test-always-fail'];

function randomRule(random: RandomSource, rule: Rule): Fields {
  const out = peers(random, rule);
  const roll = random.next();
  const asks = rule.action === 'allow' && rule.modes.length > 0 && random.chance(0.6);
  if (asks) out['authentication'] = { mode: random.pick(rule.modes) };
  const inspects = rule.action === 'allow' && !rule.forNodes && !(asks && rule.modes.length > 1);
  if (roll < 0.5) out['toPorts'] = random.several(1, 2, () => portRule(random, inspects, rule.direction));
  else if (roll < 0.6) out['icmps'] = [icmp(random)];
  if (rule.mayRequire && rule.modes.length === 0 && random.chance(0.05)) {
    out[rule.direction === 'ingress' ? 'fromRequires' : 'toRequires'] = [selector(random, false)];
  }
  return out;
}

/** Often beside a DNS rule, one for the same peers that names its port otherwise, or none. (CNP-58) */
function withRange(random: RandomSource, rule: Fields): readonly Fields[] {
  const portRules = (rule['toPorts'] ?? []) as readonly { readonly rules?: { readonly dns?: unknown } }[];
  if (!portRules.some(({ rules }) => rules?.dns !== undefined) || random.chance(0.4)) return [rule];
  const { toPorts: _, ...rest } = rule;
  const ranges = [{ ports: [{ port: '0' }] }, { ports: [{ port: '1', endPort: 1000 }] }, { ports: [{ port: '53' }] }];
  return [rule, random.chance(0.4) ? rest : { ...rest, toPorts: [random.pick(ranges)] }];
}

/** Mostly beside a rule with a mode, one that meets it: with another mode or none, for other ports or any peer. */
function withRival(random: RandomSource, rule: Fields, modes: Modes, direction: Rule['direction']): readonly Fields[] {
  if (rule['authentication'] === undefined) return withRange(random, rule);
  if (random.chance(0.3)) return [rule];
  const { authentication: _, ...rival } = rule;
  if (random.chance(0.5)) rival['authentication'] = { mode: random.pick(modes) };
  if (rival['icmps'] === undefined && random.chance(0.6)) {
    if (random.chance(0.4)) delete rival['toPorts'];
    else rival['toPorts'] = [{ ports: random.several(1, 2, () => port(random, false)) }];
  }
  const prefix = direction === 'ingress' ? 'from' : 'to';
  const mayWiden = !Object.keys(rule).some((name) => name.startsWith(prefix) && name !== 'toPorts');
  if (mayWiden && random.chance(0.5)) return [rule, { ...rival, [`${prefix}Entities`]: ['cluster'] }];
  if (random.chance(0.7)) return [rule, rival];
  const others = Object.entries(rival).filter(([name]) => !name.startsWith(prefix) || name === 'toPorts');
  return [rule, { ...Object.fromEntries(others), [`${prefix}Entities`]: ['all'] }];
}

/** A subject of a namespaced policy that speaks of a namespace itself. */
function withNamespace(random: RandomSource, chosen: Fields): Fields {
  const name = `${random.pick(['', 'any:', 'k8s:', 'k8s:'])}${NAMESPACE}`;
  return { ...chosen, matchLabels: { ...(chosen['matchLabels'] as Fields), [name]: random.pick(NAMESPACES) } };
}

function subject(random: RandomSource, isClusterWide: boolean): Fields {
  if (random.chance(0.4)) return {};
  const chosen = selector(random, isClusterWide && random.chance(0.3));
  return !isClusterWide && random.chance(0.1) ? withNamespace(random, chosen) : chosen;
}

function spec(random: RandomSource, isClusterWide: boolean, addresses: readonly string[], modes: Modes): Fields {
  const forNodes = isClusterWide && random.chance(0.4);
  const out: Fields = forNodes
    ? { nodeSelector: nodeSelector(random) }
    : { endpointSelector: subject(random, isClusterWide) };
  const deny: Fields = {};
  for (const direction of ['ingress', 'egress'] as const) {
    if (random.chance(0.3)) deny[direction] = random.chance(0.4);
    const mayRequire = deny[direction] === undefined && !forNodes;
    const base = { direction, addresses, forNodes, mayRequire, modes };
    if (random.chance(0.7)) {
      const rules = random.several(0, 3, () => randomRule(random, { ...base, action: 'allow' }));
      out[direction] = rules.flatMap((rule) => withRival(random, rule, modes, direction));
    }
    if (random.chance(0.3)) {
      out[`${direction}Deny`] = random.several(1, 2, () => randomRule(random, { ...base, action: 'deny' }));
    }
  }
  const lists = ['ingress', 'ingressDeny', 'egress', 'egressDeny'];
  if (lists.every((name) => ((out[name] ?? []) as unknown[]).length === 0)) out['ingress'] = [{}];
  return Object.keys(deny).length > 0 ? { ...out, enableDefaultDeny: deny } : out;
}

function policy(
  random: RandomSource,
  index: number,
  home: string | null,
  addresses: readonly string[],
  modes: Modes,
): Manifest {
  const make = (): Fields => spec(random, home === null, addresses, modes);
  return {
    apiVersion: 'cilium.io/v2',
    kind: home === null ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: { name: `cilium-${index}`, ...(home === null ? {} : { namespace: home }) },
    ...(random.chance(0.8) ? { spec: make() } : { specs: random.several(1, 2, make) }),
  };
}

const MATCHES = [{ name: 'api.example.org' }, { pattern: '*.Example.org' }, { pattern: 'a*.*.org' }, { pattern: '*' }];

/** GKE's policy of names that pods may reach. */
function namesPolicy(random: RandomSource, index: number, namespace: string): Manifest {
  const port = (): Fields => ({
    ...(random.chance(0.6) ? { protocol: random.pick(['TCP', 'UDP', 'ALL']) } : {}),
    ...(random.chance(0.6) ? { port: random.pick(PORTS) } : {}),
  });
  const rule = (): Fields => ({
    matches: random.some(MATCHES, 1, 2),
    ...(random.chance(0.6) ? { ports: random.several(1, 2, port) } : {}),
  });
  return {
    apiVersion: 'networking.gke.io/v1alpha1',
    kind: 'FQDNNetworkPolicy',
    metadata: { name: `names-${index}`, namespace },
    spec: { podSelector: randomSelector(random, KEYS), egress: random.several(1, 2, rule) },
  };
}

/** Cilium's objects of a random cluster: policies of both kinds, and what they refer to. */
export function randomCiliumObjects(
  random: RandomSource,
  namespaces: readonly string[],
  addresses: readonly string[],
): Manifest[] {
  const group = (name: string): Manifest => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumCIDRGroup',
    metadata: { name, labels: { [random.pick(KEYS)]: random.pick(VALUES) } },
    spec: { externalCIDRs: random.several(1, 2, () => randomBlock(random, addresses)) },
  });
  const named = (name: string, selector: Fields): Manifest => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: random.pick(namespaces), labels: { [random.pick(KEYS)]: random.pick(VALUES) } },
    spec: { ...selector, ports: [{ port: 80 }] },
  });
  const behind = (name: string): Manifest => named(name, { selector: { [random.pick(KEYS)]: random.pick(VALUES) } });
  const api: Manifest = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: 6443 }],
    endpoints: [{ addresses: [random.pick(['10.0.9.1', '8.8.8.8'])] }],
  };
  const modes = random.pick<Modes>([[], [], ['required'], MODES, MODES]);
  return [
    group('first'),
    group('second'),
    behind('one'),
    behind('two'),
    ...random.several(0, 1, () => named('bare', {})),
    api,
    ...random.several(0, 1, (index) => namesPolicy(random, index, random.pick(namespaces))),
    ...random.several(2, 6, (index) =>
      policy(random, index, random.chance(0.35) ? null : random.pick(namespaces), addresses, modes),
    ),
  ];
}
