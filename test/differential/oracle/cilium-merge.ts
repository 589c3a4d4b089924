import { NAMESPACE_KEY } from './cilium-identity.js';
import { peersFieldOf, type Side } from './cilium-peers.js';
import { get, has, items, labelMap, str } from './fields.js';

/** A rule that allows, and from where it looks. */
export interface Allow {
  readonly rule: unknown;
  readonly side: Side;
}

/** What a rule asks at one selector and port, by names that tell both. */
interface Asked {
  readonly at: string;
  readonly parser: string;
  readonly mode: string;
}

/** CNP-88: whether two of the rules ask at one selector and port what the agent cannot bring together. */
export function conflict(allows: readonly Allow[]): boolean {
  const met = new Map<string, Asked[]>();
  for (const asked of allows.flatMap(askedBy)) {
    const others = met.get(asked.at) ?? [];
    if (others.some((other) => differ(other.parser, asked.parser) || differ(other.mode, asked.mode))) return true;
    met.set(asked.at, [...others, asked]);
  }
  return false;
}

const differ = (one: string, other: string): boolean => one !== '' && other !== '' && one !== other;

function askedBy({ rule, side }: Allow): readonly Asked[] {
  const mode = str(get(rule, 'authentication', 'mode'));
  return selectorsOf(rule, side).flatMap((selector) =>
    portsOf(rule).map(({ port, parser }) => ({ at: `${selector} ${port}`, parser, mode })),
  );
}

function portsOf(rule: unknown): readonly { readonly port: string; readonly parser: string }[] {
  if (has(rule, 'icmps')) {
    const fields = items(get(rule, 'icmps')).flatMap((entry) => items(get(entry, 'fields')));
    return fields.map((field) => ({
      port: `icmp ${str(get(field, 'family'))} ${Number(get(field, 'type'))}`,
      parser: '',
    }));
  }
  if (!has(rule, 'toPorts')) return [{ port: 'every', parser: '' }];
  return items(get(rule, 'toPorts')).flatMap((portRule) => {
    const parser = ['http', 'dns', 'kafka'].find((name) => items(get(portRule, 'rules', name)).length > 0) ?? '';
    return items(get(portRule, 'ports')).flatMap((port) => {
      const wanted = str(get(port, 'protocol')) || 'ANY';
      const first = str(get(port, 'port'));
      const last = /^\d+$/.test(first) ? Math.max(Number(first), Number(get(port, 'endPort') ?? first)) : first;
      const protocols = wanted === 'ANY' ? ['TCP', 'UDP', 'SCTP'] : [wanted];
      return protocols.map((protocol) => ({ port: `${protocol} ${first} ${last}`, parser }));
    });
  });
}

/** Texts that are equal where the agent has one selector. Services have none of their own. */
function selectorsOf(rule: unknown, side: Side): readonly string[] {
  const prefix = side.scene.direction === 'ingress' ? 'from' : 'to';
  const isNobody = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet'].some(
    (name) => has(rule, `${prefix}${name}`) && items(get(rule, `${prefix}${name}`)).length === 0,
  );
  if (isNobody || items(get(rule, `${prefix}Services`)).length > 0) return [];
  const field = peersFieldOf(rule, side, 'allow');
  if (field === null) return has(rule, 'toPorts') || has(rule, 'icmps') ? ['anybody'] : [];
  return items(get(rule, `${prefix}${field}`)).flatMap((element) => {
    switch (field) {
      case 'Endpoints':
        return [scoped(testsOf(element), side)];
      case 'Entities':
        return [element === 'all' ? 'anybody' : `entity ${str(element)}`];
      case 'CIDR':
        return [`block ${str(element)} []`];
      case 'CIDRSet':
        return [has(element, 'cidr') ? block(element) : `group ${JSON.stringify(element)}`];
      case 'Nodes':
        return [`nodes ${testsOf(element).join()}`];
      case 'FQDNs':
        return [`name ${JSON.stringify(element)}`];
      default:
        return [];
    }
  });
}

const block = (element: unknown): string =>
  `block ${str(get(element, 'cidr'))} ${JSON.stringify(items(get(element, 'except')))}`;

/** Each test of a selector as a text. */
function testsOf(selector: unknown): string[] {
  const equal = [...labelMap(get(selector, 'matchLabels'))].map(([key, value]) => `${keyOf(key)} = ${value}`);
  const others = items(get(selector, 'matchExpressions')).map((each) => {
    const values = items(get(each, 'values')).map(str).sort().join('|');
    return `${keyOf(str(get(each, 'key')))} ${str(get(each, 'operator'))} ${values}`;
  });
  return [...equal, ...others].sort();
}

const keyOf = (key: string): string => (key.includes(':') ? key : `any:${key}`);

/** CNP-20 to CNP-24: what is added to a selector. */
function scoped(tests: readonly string[], { home }: Side): string {
  const speaksOf = (start: string): boolean =>
    tests.some((test) => test.startsWith(`any:${start}`) || test.startsWith(`k8s:${start}`));
  const isOpen =
    tests.some((test) => test.startsWith('reserved:')) ||
    speaksOf(NAMESPACE_KEY) ||
    (home !== null && speaksOf('io.cilium.k8s.namespace.labels.'));
  if (isOpen) return `endpoints ${tests.join()}`;
  if (home === null) return `pods ${tests.join()}`;
  return `endpoints ${[...tests, `k8s:${NAMESPACE_KEY} = ${home}`].sort().join()}`;
}
