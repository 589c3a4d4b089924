import { field, isObject, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import { ALL, SCTP, TCP, UDP } from '../../model/index.js';
import type { NamePattern, PolicyFact, PortMatch, Protocol, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readLabelSelector } from '../shared/index.js';

export interface RawFqdnRule {
  readonly names: readonly NamePattern[];
  /** null is every port and protocol. */
  readonly ports: readonly PortMatch[] | null;
}

export interface RawFqdnNetworkPolicy {
  readonly podSelector: Selector;
  readonly rules: readonly RawFqdnRule[];
}

const PROTOCOLS: Readonly<Record<string, readonly Protocol[]>> = { TCP: [TCP], UDP: [UDP], ALL: [TCP, UDP, SCTP] };
/** Letters, digits, `-`, `_` and dots; patterns may also have `*`. */
const NAME = /^[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?\.?$/;
const PATTERN = /^[a-zA-Z0-9*]([-a-zA-Z0-9_.*]*[a-zA-Z0-9*])?\.?$/;

/** Reads the object (GoogleCloudPlatform/gke-networking-api apis/fqdnnetworkpolicy/v1alpha1/types.go). */
export function parseFqdnNetworkPolicy(fact: PolicyFact, problems: ProblemList): RawFqdnNetworkPolicy {
  const spec = field(fact.raw, 'spec');
  if (!isObject(spec)) {
    problems.error('fqdnnetworkpolicy.spec', '/spec', `expected an object, found ${describe(spec)}`);
    return { podSelector: ALL, rules: [] };
  }
  warnUnknownFields(spec, ['podSelector', 'egress'], '/spec', problems);
  const selector = field(spec, 'podSelector') ?? {};
  return {
    podSelector: readLabelSelector(selector, 'pod', '/spec/podSelector', problems),
    rules: readItems(field(spec, 'egress'), '/spec/egress', 'rules', problems).map((rule, index) =>
      parseRule(rule, pointer('/spec/egress', index), problems),
    ),
  };
}

/** A list that must have at least one item. */
function readItems(value: Json | undefined, at: string, what: string, problems: ProblemList): readonly Json[] {
  if (Array.isArray(value) && value.length > 0) return value as readonly Json[];
  const message = `expected a list of at least one of its ${what}, found ${describe(value)}`;
  problems.error('fqdnnetworkpolicy.list', at, message);
  return [];
}

function parseRule(rule: Json, at: string, problems: ProblemList): RawFqdnRule {
  if (isObject(rule)) warnUnknownFields(rule, ['matches', 'ports'], at, problems);
  const here = pointer(at, 'matches');
  return {
    names: readItems(field(rule, 'matches'), here, 'matches', problems).flatMap((match, index) =>
      parseMatch(match, pointer(here, index), problems),
    ),
    ports: parsePorts(field(rule, 'ports'), pointer(at, 'ports'), problems),
  };
}

function parseMatch(match: Json, at: string, problems: ProblemList): NamePattern[] {
  const name = field(match, 'name');
  const pattern = field(match, 'pattern');
  if ((name === undefined) === (pattern === undefined)) {
    problems.error('fqdnnetworkpolicy.match', at, 'expected exactly one of `name` and `pattern`');
    return [];
  }
  if (name !== undefined) {
    if (typeof name === 'string' && NAME.test(name)) return [{ dialect: 'exact', pattern: name }];
    problems.error('fqdnnetworkpolicy.name', pointer(at, 'name'), `expected a host name, found ${describe(name)}`);
    return [];
  }
  if (typeof pattern === 'string' && PATTERN.test(pattern)) return [{ dialect: 'label', pattern: starsOnce(pattern) }];
  const message = `expected a host name with \`*\` in it, found ${describe(pattern)}`;
  problems.error('fqdnnetworkpolicy.pattern', pointer(at, 'pattern'), message);
  return [];
}

/** Stars in a row mean what one star means here; in Cilium's dialect a leading `**.` would mean more. */
function starsOnce(pattern: string): string {
  return pattern.replace(/\*+/g, '*');
}

function parsePorts(value: Json | undefined, at: string, problems: ProblemList): readonly PortMatch[] | null {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  const ports = readItems(value, at, 'ports', problems).map((port, index) =>
    parsePort(port, pointer(at, index), problems),
  );
  return ports.includes(null) ? null : ports.flatMap((matches) => matches ?? []);
}

/** null is everything. */
function parsePort(value: Json, at: string, problems: ProblemList): readonly PortMatch[] | null {
  if (!isObject(value)) {
    problems.error('fqdnnetworkpolicy.port', at, `expected an object, found ${describe(value)}`);
    return [];
  }
  warnUnknownFields(value, ['protocol', 'port'], at, problems);
  const name = field(value, 'protocol') ?? 'ALL';
  const port = field(value, 'port');
  const key = name === '' ? 'ALL' : name;
  if (typeof key !== 'string' || !Object.hasOwn(PROTOCOLS, key)) {
    const message = `expected TCP, UDP or ALL, found ${describe(name)}`;
    problems.error('fqdnnetworkpolicy.protocol', pointer(at, 'protocol'), message);
    return [];
  }
  const protocols = PROTOCOLS[key] as readonly Protocol[];
  if (port === undefined) return key === 'ALL' ? null : protocols.map((protocol) => ({ type: 'protocol', protocol }));
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535) {
    return protocols.map((protocol) => ({ type: 'range', protocol, from: port, to: port }));
  }
  const message = `expected a port from 1 to 65535, found ${describe(port)}`;
  problems.error('fqdnnetworkpolicy.port', pointer(at, 'port'), message);
  return [];
}

function warnUnknownFields(value: JsonObject, known: readonly string[], at: string, problems: ProblemList): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const message = `unknown field, ignored; expected one of ${known.map((name) => `\`${name}\``).join(', ')}`;
    problems.suspect('fqdnnetworkpolicy.unknown_field', pointer(at, key), message);
  }
}
