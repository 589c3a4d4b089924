import { field, isObject, list, pointer, text, ValueMap } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, protocolByName, TCP } from '../../model/index.js';
import type { Direction, PolicyFact, Protocol, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { blockWithin, readCidr, readLabelSelector } from '../shared/index.js';
import { isOddForm } from './odd-blocks.js';

/** A port of a rule. `port` null means every port of the protocol. */
export interface RawPort {
  readonly protocol: Protocol;
  readonly port: number | string | null;
  /** The inclusive end of a range that starts at `port`; null for a single port. */
  readonly endPort: number | null;
}

/** A peer: pods chosen by selectors, or a block of addresses. */
export type RawPeer =
  | {
      readonly type: 'pods';
      readonly selector: Selector;
      /** The namespaces asked for; null for the policy's own. */
      readonly namespaces: Selector | null;
      readonly hasPodSelector: boolean;
    }
  | {
      readonly type: 'block';
      readonly cidr: string;
      readonly except: readonly string[];
      /** The same as it is written, where that is a form that not everybody reads alike. */
      readonly written: { readonly cidr: string; readonly except: readonly string[] } | null;
    };

/** Peers and ports without problems, by what was read: policies mostly repeat those of others. */
export interface KnownParts {
  readonly peers: ValueMap<RawPeer | null>;
  readonly ports: ValueMap<RawPort | null>;
}

export const noParts = (): KnownParts => ({ peers: new ValueMap(), ports: new ValueMap() });

/** A rule; null lists mean "any". */
export interface RawRule {
  readonly peers: readonly RawPeer[] | null;
  readonly ports: readonly RawPort[] | null;
}

/** NetworkPolicy, networking.k8s.io/v1, with its defaults applied. */
export interface RawNetworkPolicy {
  readonly podSelector: Selector;
  readonly types: readonly Direction[];
  readonly rules: Readonly<Record<Direction, readonly RawRule[]>>;
}

const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
const KNP_PROTOCOLS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);

/**
 * Reads the object as the API server would accept it (kubernetes/kubernetes pkg/apis/networking/validation). Problems
 * go to `problems`; what the API server would refuse is an error there.
 */
export function parseNetworkPolicy(
  fact: PolicyFact,
  problems: ProblemList,
  known: KnownParts = noParts(),
): RawNetworkPolicy {
  const spec = field(fact.raw, 'spec');
  if (spec !== undefined && !isObject(spec)) {
    problems.error('networkpolicy.spec', '/spec', `expected an object, found ${describe(spec)}`);
  }
  warnUnknownFields(spec, ['podSelector', 'policyTypes', 'ingress', 'egress'], '/spec', problems);
  const podSelector = field(spec, 'podSelector');
  const ingress = parseRules(spec, 'ingress', 'from', problems, known);
  const egress = parseRules(spec, 'egress', 'to', problems, known);
  return {
    // A missing podSelector reads as empty, which is every pod of the namespace (NP-1).
    podSelector: podSelector === undefined ? ALL : readLabelSelector(podSelector, 'pod', '/spec/podSelector', problems),
    types: parseTypes(field(spec, 'policyTypes'), egress.length > 0, problems),
    rules: { ingress, egress },
  };
}

function parseTypes(value: Json | undefined, hasEgress: boolean, problems: ProblemList): readonly Direction[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    return hasEgress ? ['ingress', 'egress'] : ['ingress'];
  }
  if (!Array.isArray(value)) {
    problems.error('networkpolicy.policy_types', '/spec/policyTypes', `expected a list, found ${describe(value)}`);
    return [];
  }
  if (value.length > 2) {
    problems.error('networkpolicy.policy_types', '/spec/policyTypes', `expected at most two, found ${value.length}`);
  }
  const out: Direction[] = [];
  for (const [index, entry] of value.entries()) {
    if (entry === 'Ingress') out.push('ingress');
    else if (entry === 'Egress') out.push('egress');
    else {
      const at = pointer('/spec/policyTypes', index);
      problems.error('networkpolicy.policy_type', at, `expected \`Ingress\` or \`Egress\`, found ${describe(entry)}`);
    }
  }
  return [...new Set(out)];
}

function parseRules(
  spec: unknown,
  key: Direction,
  peersKey: 'from' | 'to',
  problems: ProblemList,
  known: KnownParts,
): RawRule[] {
  const value = field(spec, key);
  const at = pointer('/spec', key);
  if (value !== undefined && !Array.isArray(value)) {
    problems.error('networkpolicy.rules', at, `expected a list of rules, found ${describe(value)}`);
  }
  return list(value).map((rule, index) => {
    const here = pointer(at, index);
    if (!isObject(rule)) {
      problems.error('networkpolicy.rule', here, `expected a rule, found ${describe(rule)}`);
      return { peers: [], ports: null };
    }
    warnUnknownFields(rule, [peersKey, 'ports'], here, problems);
    return {
      peers: parsePeers(field(rule, peersKey), pointer(here, peersKey), problems, known),
      ports: parsePorts(field(rule, 'ports'), pointer(here, 'ports'), problems, known),
    };
  });
}

function parsePeers(value: Json | undefined, at: string, problems: ProblemList, known: KnownParts): RawPeer[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    problems.error('networkpolicy.peers', at, `expected a list of peers, found ${describe(value)}`);
    return [];
  }
  return value.length === 0 ? null : parseParts(value, at, problems, known.peers, parsePeer);
}

/** Reads each of `parts`; one that was read before and had no problems is not read again. */
function parseParts<T>(
  parts: readonly Json[],
  at: string,
  problems: ProblemList,
  known: ValueMap<T | null>,
  parse: (part: Json, at: string, problems: ProblemList) => T | null,
): T[] {
  const { diagnostics } = problems;
  let before = 0;
  let index = 0;
  const read = (): T | null => {
    before = diagnostics.length;
    return parse(parts[index] as Json, pointer(at, index), problems);
  };
  const hadNone = (): boolean => diagnostics.length === before;
  const out: T[] = [];
  for (; index < parts.length; index++) {
    const part = known.for(parts[index] as Json, read, hadNone);
    if (part !== null) out.push(part);
  }
  return out;
}

function parsePeer(peer: Json, at: string, problems: ProblemList): RawPeer | null {
  warnUnknownFields(peer, ['podSelector', 'namespaceSelector', 'ipBlock'], at, problems);
  const pods = field(peer, 'podSelector');
  const namespaces = field(peer, 'namespaceSelector');
  const block = field(peer, 'ipBlock');
  if (pods === undefined && namespaces === undefined && block === undefined) {
    problems.error('networkpolicy.peer_empty', at, 'a peer needs `podSelector`, `namespaceSelector` or `ipBlock`');
    return null;
  }
  if (block !== undefined) {
    if (pods !== undefined || namespaces !== undefined) {
      problems.error('networkpolicy.peer_mixed', at, '`ipBlock` cannot stand beside a selector in one peer');
      return null;
    }
    return parseBlock(block, pointer(at, 'ipBlock'), problems);
  }
  const podTest = pods === undefined ? ALL : readLabelSelector(pods, 'pod', pointer(at, 'podSelector'), problems);
  const asked =
    namespaces === undefined
      ? null
      : readLabelSelector(namespaces, 'namespace', pointer(at, 'namespaceSelector'), problems);
  const selector = and(asked ?? { type: 'same', as: 'namespace' }, podTest);
  return { type: 'pods', selector, namespaces: asked, hasPodSelector: pods !== undefined };
}

function parseBlock(block: Json, at: string, problems: ProblemList): RawPeer | null {
  warnUnknownFields(block, ['cidr', 'except'], at, problems);
  const cidr = readCidr(field(block, 'cidr'), pointer(at, 'cidr'), problems);
  if (cidr === null) return null;
  const given = field(block, 'except');
  if (given !== undefined && !Array.isArray(given)) {
    problems.error('networkpolicy.except', pointer(at, 'except'), `expected a list, found ${describe(given)}`);
  }
  const except: string[] = [];
  const written: string[] = [];
  for (const [index, entry] of list(given).entries()) {
    const here = pointer(at, 'except', index);
    const inner = readCidr(entry, here, problems);
    if (inner === null) continue;
    if (!blockWithin(inner, cidr) || inner === cidr) {
      problems.error('networkpolicy.except', here, `\`${inner}\` must lie strictly inside \`${cidr}\``);
      continue;
    }
    except.push(inner);
    written.push(text(entry));
  }
  const isOdd = [field(block, 'cidr'), ...written].some((one) => isOddForm(text(one)));
  return { type: 'block', cidr, except, written: isOdd ? { cidr: text(field(block, 'cidr')), except: written } : null };
}

function parsePorts(value: Json | undefined, at: string, problems: ProblemList, known: KnownParts): RawPort[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    problems.error('networkpolicy.ports', at, `expected a list of ports, found ${describe(value)}`);
    return [];
  }
  return value.length === 0 ? null : parseParts(value, at, problems, known.ports, parsePort);
}

function parsePort(value: Json, at: string, problems: ProblemList): RawPort | null {
  if (!isObject(value)) {
    problems.error('networkpolicy.port', at, `expected a port, found ${describe(value)}`);
    return null;
  }
  warnUnknownFields(value, ['protocol', 'port', 'endPort'], at, problems);
  const name = field(value, 'protocol');
  if (name !== undefined && (typeof name !== 'string' || !KNP_PROTOCOLS.has(name))) {
    problems.error(
      'networkpolicy.protocol',
      pointer(at, 'protocol'),
      `expected TCP, UDP or SCTP, found ${describe(name)}`,
    );
    return null;
  }
  const protocol = name === undefined ? TCP : (protocolByName(name) ?? TCP);
  const port = field(value, 'port');
  const endPort = field(value, 'endPort');
  if (!validPort(port, pointer(at, 'port'), problems)) return null;
  if (endPort === undefined) return { protocol, port: port ?? null, endPort: null };
  if (typeof port !== 'number') {
    problems.error('networkpolicy.end_port', pointer(at, 'endPort'), '`endPort` needs a numeric `port` beside it');
    return null;
  }
  if (typeof endPort !== 'number' || !Number.isInteger(endPort) || endPort < port || endPort > 65535) {
    const found = describe(endPort);
    problems.error(
      'networkpolicy.end_port',
      pointer(at, 'endPort'),
      `expected a port from ${port} to 65535, found ${found}`,
    );
    return null;
  }
  return { protocol, port, endPort };
}

function validPort(port: Json | undefined, at: string, problems: ProblemList): port is number | string | undefined {
  if (port === undefined) return true;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535) return true;
  if (typeof port === 'string' && PORT_NAME.test(port)) return true;
  const hint = typeof port === 'string' && /^\d+$/.test(port) ? '; write the number without quotes' : '';
  problems.error(
    'networkpolicy.port',
    at,
    `expected a port from 1 to 65535 or a port name, found ${describe(port)}${hint}`,
  );
  return false;
}

/** The API server drops fields it does not know, so a typing error silently changes what a policy means. */
function warnUnknownFields(value: unknown, known: readonly string[], at: string, problems: ProblemList): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      const expected = known.map((name) => `\`${name}\``).join(', ');
      problems.suspect(
        'networkpolicy.unknown_field',
        pointer(at, key),
        `unknown field, ignored; expected one of ${expected}`,
      );
    }
  }
}
