import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ICMP, ICMPV6, IGMP, protocolByName, TCP } from '../../model/index.js';
import type { Direction, PortMatch, Protocol } from '../../model/index.js';
import { canonicalIp } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawPort } from './antrea.raw.js';
import { isMulticast, readItems, readNumber, readText, warnUnknownFields } from './fields.parse.js';

const PROTOCOLS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);
const LAST_PORT = 65535;

/** Reads `ports` and `protocols`, which add up; null when the rule has neither (AT-24, AT-26). */
export function parsePorts(
  rule: unknown,
  direction: Direction,
  at: string,
  problems: ProblemList,
): readonly RawPort[] | null {
  const ports = readItems(field(rule, 'ports'), pointer(at, 'ports'), problems);
  const protocols = readItems(field(rule, 'protocols'), pointer(at, 'protocols'), problems);
  if (ports.length === 0 && protocols.length === 0) return null;
  return [
    ...ports.flatMap((port, index) => parsePort(port, pointer(at, 'ports', index), problems)),
    ...protocols.flatMap((item, index) => parseProtocol(item, direction, pointer(at, 'protocols', index), problems)),
  ];
}

function parsePort(value: Json, at: string, problems: ProblemList): RawPort[] {
  if (!isObject(value)) {
    problems.error('antrea.port', at, `expected a port, found ${describe(value)}`);
    return [];
  }
  warnUnknownFields(value, ['protocol', 'port', 'endPort', 'sourcePort', 'sourceEndPort'], at, problems);
  const name = field(value, 'protocol') ?? 'TCP';
  if (typeof name !== 'string' || !PROTOCOLS.has(name)) {
    problems.error('antrea.protocol', pointer(at, 'protocol'), `expected TCP, UDP or SCTP, found ${describe(name)}`);
    return [];
  }
  const match = readMatch(value, protocolByName(name) ?? TCP, at, problems);
  const source = readRange(value, 'sourcePort', 'sourceEndPort', at, problems);
  return match === null ? [] : [{ match, source, multicastGroup: '' }];
}

function readMatch(value: Json, protocol: Protocol, at: string, problems: ProblemList): PortMatch | null {
  const port = field(value, 'port');
  if (typeof port === 'string' && port !== '') {
    if (field(value, 'endPort') !== undefined) {
      problems.error('antrea.end_port', pointer(at, 'endPort'), '`endPort` needs a numeric `port` beside it');
    }
    if (/^\d+$/.test(port)) {
      problems.suspect('antrea.port_text', pointer(at, 'port'), `\`${port}\` is read as the name of a port`);
    }
    return { type: 'named', protocol, name: port, notAtHosts: true, containers: 'main' };
  }
  const range = readRange(value, 'port', 'endPort', at, problems);
  return range === null ? { type: 'protocol', protocol } : { type: 'range', protocol, from: range[0], to: range[1] };
}

/** A port and the inclusive end of the range that starts there; null when there is none. */
function readRange(
  value: Json,
  startKey: string,
  endKey: string,
  at: string,
  problems: ProblemList,
): readonly [number, number] | null {
  const start = readNumber(field(value, startKey), 0, LAST_PORT, pointer(at, startKey), problems);
  const end = readNumber(field(value, endKey), 0, LAST_PORT, pointer(at, endKey), problems);
  if (end === null) return start === null ? null : [start, start];
  if (start === null || end < start) {
    const message = `\`${endKey}\` needs \`${startKey}\` beside it, at most as large`;
    problems.error('antrea.end_port', pointer(at, endKey), message);
    return null;
  }
  return [start, end];
}

/** IGMP types that a direction can see: queries come in, reports go out. */
const IGMP_TYPES: Readonly<Record<Direction, readonly number[]>> = { ingress: [0x11], egress: [0x12, 0x16, 0x22] };

function parseProtocol(value: Json, direction: Direction, at: string, problems: ProblemList): RawPort[] {
  warnUnknownFields(value, ['icmp', 'igmp'], at, problems);
  const icmp = field(value, 'icmp');
  const igmp = field(value, 'igmp');
  if ((icmp === undefined) === (igmp === undefined)) {
    problems.error('antrea.protocols', at, 'expected exactly one of `icmp` and `igmp`');
    return [];
  }
  if (icmp !== undefined) return parseIcmp(icmp, pointer(at, 'icmp'), problems);
  return [parseIgmp(igmp as Json, direction, pointer(at, 'igmp'), problems)];
}

/** ICMP stands for ICMPv6 where the traffic is IPv6. */
function parseIcmp(value: Json, at: string, problems: ProblemList): RawPort[] {
  warnUnknownFields(value, ['icmpType', 'icmpCode'], at, problems);
  const icmpType = readNumber(field(value, 'icmpType'), 0, 255, pointer(at, 'icmpType'), problems);
  const code = readNumber(field(value, 'icmpCode'), 0, 255, pointer(at, 'icmpCode'), problems);
  return [ICMP, ICMPV6].map((protocol) => ({
    match: { type: 'icmp', protocol, icmpType, code },
    source: null,
    multicastGroup: '',
  }));
}

function parseIgmp(value: Json, direction: Direction, at: string, problems: ProblemList): RawPort {
  warnUnknownFields(value, ['igmpType', 'groupAddress'], at, problems);
  const igmpType = readNumber(field(value, 'igmpType'), 0, 255, pointer(at, 'igmpType'), problems);
  if (igmpType !== null && !IGMP_TYPES[direction].includes(igmpType)) {
    const expected = IGMP_TYPES[direction].join(', ');
    problems.error('antrea.igmp_type', pointer(at, 'igmpType'), `expected ${expected}, found \`${igmpType}\``);
  }
  const written = readText(field(value, 'groupAddress'), pointer(at, 'groupAddress'), problems);
  const address = written === '' ? '' : canonicalIp(written);
  if (address === null || (address !== '' && !isMulticast(address))) {
    const message = `expected a multicast address, found ${describe(written)}`;
    problems.error('antrea.igmp_group', pointer(at, 'groupAddress'), message);
  }
  const match: PortMatch =
    igmpType === null
      ? { type: 'protocol', protocol: IGMP }
      : { type: 'icmp', protocol: IGMP, icmpType: igmpType, code: null };
  return { match, source: null, multicastGroup: address ?? '' };
}
