import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ICMP, ICMPV6, TCP } from '../../model/index.js';
import type { Direction, Protocol } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawEntity, RawPort, RawRule } from './calico.raw.js';
import { parseEntity } from './entity.parse.js';
import type { RuleScope } from './entity.parse.js';
import { readList, warnUnknownFields } from './fields.parse.js';
import { parseHttp } from './http.parse.js';
import { PORT_PROTOCOLS, readIcmp, readProtocol } from './ports.parse.js';

const FIELDS: ReadonlySet<string> = new Set([
  'action',
  'ipVersion',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'source',
  'destination',
  'http',
  'metadata',
]);
const ACTIONS = ['Allow', 'Deny', 'Pass', 'Log'] as const;

/** Reads the rules of one direction. */
export function parseRules(
  value: Json | undefined,
  direction: Direction,
  scope: RuleScope,
  at: string,
  problems: ProblemList,
): readonly RawRule[] {
  return readList(value, at, problems).flatMap((entry, index) => {
    const here = pointer(at, index);
    if (isObject(entry)) return [parseRule(entry, direction, scope, here, problems)];
    problems.error('calico.rule', here, `expected a rule, found ${describe(entry)}`);
    return [];
  });
}

function parseRule(raw: Json, direction: Direction, scope: RuleScope, at: string, problems: ProblemList): RawRule {
  warnUnknownFields(raw, FIELDS, at, problems);
  const entity = (key: string): RawEntity => parseEntity(field(raw, key), scope, pointer(at, key), problems);
  const protocol = readProtocol(field(raw, 'protocol'), pointer(at, 'protocol'), problems);
  const { icmp, notIcmp, isIcmpOpen } = parseIcmp(raw, protocol, scope, at, problems);
  const rule: RawRule = {
    action: parseAction(field(raw, 'action'), pointer(at, 'action'), problems),
    ipVersion: parseVersion(field(raw, 'ipVersion'), pointer(at, 'ipVersion'), problems),
    protocol,
    notProtocol: readProtocol(field(raw, 'notProtocol'), pointer(at, 'notProtocol'), problems),
    icmp,
    notIcmp,
    isIcmpOpen,
    source: entity('source'),
    destination: entity('destination'),
    http: parseHttp(field(raw, 'http'), pointer(at, 'http'), problems),
  };
  checkPorts(rule, at, problems);
  checkFamilies(rule, at, problems);
  checkHttp(rule, direction, at, problems);
  if (rule.http !== null) checkNumber(field(raw, 'protocol'), scope, '`http`', pointer(at, 'protocol'), problems);
  checkServiceSide(rule, direction, at, problems);
  return rule;
}

function parseAction(value: Json | undefined, at: string, problems: ProblemList): RawRule['action'] {
  const action = ACTIONS.find((known) => known === value);
  if (action !== undefined) return action;
  problems.error('calico.action', at, `expected ${ACTIONS.join(', ')}, found ${describe(value)}`);
  return 'Log';
}

function parseVersion(value: Json | undefined, at: string, problems: ProblemList): 4 | 6 | null {
  if (value === undefined || value === 4 || value === 6) return value ?? null;
  problems.error('calico.ip_version', at, `expected 4 or 6, found ${describe(value)}`);
  return null;
}

/** Ports need a protocol that has them. Names alone say theirs: each port has its own. (CAL-34) */
function checkPorts(rule: RawRule, at: string, problems: ProblemList): void {
  const { source, destination, protocol } = rule;
  const ports = [...source.ports, ...source.notPorts, ...destination.ports, ...destination.notPorts];
  if (ports.length === 0 || (protocol !== null && PORT_PROTOCOLS.includes(protocol))) return;
  const why = 'rules with ports must have `protocol` TCP, UDP or SCTP';
  if (protocol !== null || ports.some((port) => !isNamed(port))) {
    problems.error('calico.ports_protocol', pointer(at, 'protocol'), why);
    return;
  }
  problems.suspect('calico.ports_protocol', pointer(at, 'protocol'), `${why}; the names are taken for any of them`);
}

const isNamed = (port: RawPort): boolean => 'name' in port;

type IcmpTests = Pick<RawRule, 'icmp' | 'notIcmp' | 'isIcmpOpen'>;

/**
 * Types of ICMP. The API asks for protocol ICMP or ICMPv6 beside `icmp`, and for none beside `notICMP`; Felix takes
 * what is stored as it is. (CAL-32, CAL-76)
 */
function parseIcmp(
  raw: Json,
  protocol: Protocol | null,
  scope: RuleScope,
  at: string,
  problems: ProblemList,
): IcmpTests {
  const icmp = readIcmp(field(raw, 'icmp'), pointer(at, 'icmp'), problems);
  const notIcmp = readIcmp(field(raw, 'notICMP'), pointer(at, 'notICMP'), problems);
  const isGiven = field(raw, 'icmp') !== undefined;
  const where = pointer(at, 'protocol');
  if (protocol === ICMP || protocol === ICMPV6) {
    if (isGiven) checkNumber(field(raw, 'protocol'), scope, '`icmp`', where, problems);
    return { icmp, notIcmp, isIcmpOpen: false };
  }
  if (isGiven && scope.nets !== 'stored') {
    problems.error('calico.icmp_protocol', where, 'rules with ICMP types must have `protocol` ICMP or ICMPv6');
  } else if (icmp !== null || notIcmp !== null) {
    const why =
      'a type of ICMP stands beside another `protocol`: dataplanes make different things of the rule, or refuse';
    problems.suspect('calico.icmp_protocol', where, why);
    return { icmp: null, notIcmp: null, isIcmpOpen: true };
  }
  return { icmp: null, notIcmp: null, isIcmpOpen: false };
}

/** Releases before 3.32 compare names of protocols: a number is another protocol to them. */
function checkNumber(
  value: Json | undefined,
  { takesNumbers }: RuleScope,
  beside: string,
  at: string,
  problems: ProblemList,
): void {
  if (takesNumbers === true || typeof value !== 'number') return;
  const why = `releases before 3.32 refuse ${beside} beside a protocol by number: write its name`;
  if (takesNumbers === false) problems.error('calico.protocol_number', at, why);
  else problems.suspect('calico.protocol_number', at, why);
}

/** A rule is of one family: that of `ipVersion`, of its ICMP and of all its blocks. (CAL-39) */
function checkFamilies(rule: RawRule, at: string, problems: ProblemList): void {
  const { source, destination, ipVersion } = rule;
  const nets = [...source.nets, ...source.notNets, ...destination.nets, ...destination.notNets];
  const families = new Set<number>(nets.map((net) => (net.includes(':') ? 6 : 4)));
  const stated = ipVersion === null ? families : new Set([...families, ipVersion]);
  if (stated.size > 1) {
    problems.error('calico.family', at, 'the blocks of a rule and its `ipVersion` must be of one family');
  }
  for (const protocol of [rule.protocol, rule.notProtocol]) {
    const family = protocol === ICMP ? 4 : protocol === ICMPV6 ? 6 : null;
    if (family === null || ipVersion === null || ipVersion === family) continue;
    problems.error('calico.family', pointer(at, 'ipVersion'), `this ICMP is of IPv${family} only`);
  }
}

/** Requests are seen by the application layer component, which judges what reaches a workload. (CAL-38) */
function checkHttp(rule: RawRule, direction: Direction, at: string, problems: ProblemList): void {
  if (rule.http === null) return;
  if (rule.action !== 'Allow') problems.error('calico.http', pointer(at, 'http'), '`http` needs the action Allow');
  if (direction === 'egress') {
    problems.error('calico.http', pointer(at, 'http'), '`http` has a meaning in ingress rules only');
  }
  if (rule.protocol !== null && rule.protocol !== TCP) {
    problems.error('calico.http', pointer(at, 'protocol'), '`http` needs `protocol` TCP or none');
  }
}

/** Services are destinations of egress rules and sources of ingress rules. */
function checkServiceSide(rule: RawRule, direction: Direction, at: string, problems: ProblemList): void {
  const { destination } = rule;
  if (destination.service !== null && destination.ports.length + destination.notPorts.length > 0) {
    const why = '`services` cannot stand beside ports: it opens those of the endpoints';
    problems.error('calico.service', pointer(at, 'destination'), why);
  }
  const wrong = direction === 'ingress' ? 'destination' : 'source';
  if (rule[wrong].service === null) return;
  const right = direction === 'ingress' ? 'source' : 'destination';
  problems.error(
    'calico.service',
    pointer(at, wrong, 'services'),
    `${direction} rules take \`services\` in \`${right}\``,
  );
}
