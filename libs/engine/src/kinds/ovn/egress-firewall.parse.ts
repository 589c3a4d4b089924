import { field, isObject, pointer, pointerToMissing } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import { protocolByName } from '../../model/index.js';
import type { PolicyFact, PortMatch } from '../../model/index.js';
import { cidrForm } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readCidr, readLabelSelector } from '../shared/index.js';
import type { RawDestination, RawFirewallRule } from './egress-firewall.raw.js';

const DESTINATIONS = ['cidrSelector', 'dnsName', 'nodeSelector'] as const;
/** Priorities from 10000 down to 2000. */
const MOST_RULES = 8001;
const DNS_NAME = /^(\*\.)?([A-Za-z0-9-]+\.)*[A-Za-z0-9-]+\.?$/;

/** The ordered rules (ovn-kubernetes/ovn-kubernetes go-controller/pkg/crd/egressfirewall/v1/types.go). */
export function parseEgressFirewall(fact: PolicyFact, problems: ProblemList): readonly RawFirewallRule[] {
  if (fact.meta.name !== 'default') {
    const message = `the only name that this kind may have is \`default\`, found \`${fact.meta.name}\``;
    problems.error('egressfirewall.name', '/metadata/name', message);
  }
  const egress = field(field(fact.raw, 'spec'), 'egress');
  if (!Array.isArray(egress)) {
    const at = pointerToMissing(fact.raw, 'spec', 'egress');
    problems.error('egressfirewall.rules', at, `expected a list of rules, found ${describe(egress)}`);
    return [];
  }
  if (egress.length > MOST_RULES) {
    const message = `OVN-Kubernetes realises an object of at most ${MOST_RULES} rules, found ${egress.length}`;
    problems.error('egressfirewall.rules', '/spec/egress', message);
  }
  return (egress as readonly Json[]).map((rule, index) => parseRule(rule, pointer('/spec/egress', index), problems));
}

function parseRule(rule: Json, at: string, problems: ProblemList): RawFirewallRule {
  if (!isObject(rule)) {
    problems.error('egressfirewall.rule', at, `expected a rule, found ${describe(rule)}`);
    return { action: 'deny', to: null, ports: null };
  }
  warnUnknownFields(rule, ['type', 'to', 'ports'], at, problems);
  const type = field(rule, 'type');
  if (type !== 'Allow' && type !== 'Deny') {
    const message = `expected \`Allow\` or \`Deny\`, found ${describe(type)}`;
    problems.error('egressfirewall.type', pointer(at, 'type'), message);
  }
  return {
    action: type === 'Allow' ? 'allow' : 'deny',
    to: parseDestination(field(rule, 'to'), pointer(at, 'to'), problems),
    ports: parsePorts(field(rule, 'ports'), pointer(at, 'ports'), problems),
  };
}

function parseDestination(to: Json | undefined, at: string, problems: ProblemList): RawDestination | null {
  const set = DESTINATIONS.filter((key) => field(to, key) !== undefined);
  const kind = set[0];
  if (!isObject(to) || kind === undefined || set.length > 1) {
    const expected = DESTINATIONS.map((key) => `\`${key}\``).join(', ');
    const found = set.length > 1 ? set.map((key) => `\`${key}\``).join(' and ') : describe(to);
    problems.error('egressfirewall.to', at, `expected exactly one of ${expected}, found ${found}`);
    return null;
  }
  warnUnknownFields(to, DESTINATIONS, at, problems);
  const value = to[kind] as Json;
  const here = pointer(at, kind);
  if (kind === 'nodeSelector') return { type: 'nodes', selector: readLabelSelector(value, 'node', here, problems) };
  if (kind === 'cidrSelector') {
    if (typeof value === 'string' && cidrForm(value).octetZero) {
      const message = `OVN-Kubernetes cannot read \`${value}\`: a number has a zero before it`;
      problems.error('egressfirewall.block', here, message);
      return null;
    }
    const cidr = readCidr(value, here, problems);
    return cidr === null ? null : { type: 'block', cidr };
  }
  if (typeof value === 'string' && DNS_NAME.test(value)) return { type: 'name', name: value };
  const message = `expected a name such as \`example.com\` or \`*.example.com\`, found ${describe(value)}`;
  problems.error('egressfirewall.dns_name', here, message);
  return null;
}

function parsePorts(value: Json | undefined, at: string, problems: ProblemList): readonly PortMatch[] | null {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  if (!Array.isArray(value)) {
    problems.error('egressfirewall.ports', at, `expected a list of ports, found ${describe(value)}`);
    return [];
  }
  return (value as readonly Json[]).flatMap((port, index) => parsePort(port, pointer(at, index), problems));
}

function parsePort(value: Json, at: string, problems: ProblemList): PortMatch[] {
  const name = field(value, 'protocol');
  const protocol = name === 'TCP' || name === 'UDP' || name === 'SCTP' ? protocolByName(name) : null;
  if (protocol === null) {
    const message = `expected TCP, UDP or SCTP, found ${describe(name)}`;
    problems.error('egressfirewall.protocol', pointer(at, 'protocol'), message);
    return [];
  }
  const port = field(value, 'port');
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535) {
    return [{ type: 'range', protocol, from: port, to: port }];
  }
  const message = `expected a port from 1 to 65535, found ${describe(port)}`;
  problems.error('egressfirewall.port', pointer(at, 'port'), message);
  return [];
}

function warnUnknownFields(value: JsonObject, known: readonly string[], at: string, problems: ProblemList): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const message = `unknown field, ignored; expected one of ${known.map((name) => `\`${name}\``).join(', ')}`;
    problems.suspect('egressfirewall.unknown_field', pointer(at, key), message);
  }
}
