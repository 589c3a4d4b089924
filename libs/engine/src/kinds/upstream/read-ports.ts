import { field, isObject, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import { protocolByName, SCTP, TCP, UDP } from '../../model/index.js';
import type { PortMatch, Protocol } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { Dialect } from './dialect.js';
import { fieldsOf, readInteger, readList, readObject, warnUnknownFields } from './read-fields.js';
import type { RawPorts } from './upstream-policy.raw.js';

const PORT_FIELDS = ['portNumber', 'portRange', 'namedPort'] as const;
const PROTOCOL_FIELDS = ['tcp', 'udp', 'sctp', 'destinationNamedPort'] as const;
const PROTOCOLS: Readonly<Record<'tcp' | 'udp' | 'sctp', Protocol>> = { tcp: TCP, udp: UDP, sctp: SCTP };

type Item = { readonly match: PortMatch } | { readonly unread: string } | null;

/** `ports` (v1alpha1) or `protocols` (v1alpha2) of one rule; null when the rule does not look at them. */
export function readPorts(rule: JsonObject, at: string, dialect: Dialect, problems: ProblemList): RawPorts | null {
  const here = pointer(at, dialect.portsField);
  const value = field(rule, dialect.portsField);
  if (value === undefined) return null;
  if (Array.isArray(value) && value.length === 0) {
    if (!dialect.portsMayBeEmpty) problems.error('adminpolicy.ports_empty', here, 'name at least one, or leave it out');
    else problems.suspect('adminpolicy.ports_empty', here, 'an empty list is read as an absent one: every port');
    return null;
  }
  const read = dialect.portsField === 'ports' ? readPort : readProtocol;
  const known: readonly string[] = dialect.portsField === 'ports' ? PORT_FIELDS : PROTOCOL_FIELDS;
  const items = readList(value, here, dialect.portsField, dialect.maxPorts, problems).map((item, index) =>
    readItem(item, known, read, pointer(here, index), problems),
  );
  return {
    matches: items.flatMap((item) => (item !== null && 'match' in item ? [item.match] : [])),
    unread: items.flatMap((item) => (item !== null && 'unread' in item ? [item.unread] : [])),
  };
}

type Reader = (kind: string, value: Json, at: string, problems: ProblemList) => PortMatch | null;

/** One item has exactly one field. A field of a newer API is kept by its name: the rule may or may not match by it. */
function readItem(item: Json, known: readonly string[], read: Reader, at: string, problems: ProblemList): Item {
  const object = readObject(item, at, 'an object', problems);
  if (object === null) return null;
  const fields = fieldsOf(object);
  const kind = fields[0];
  const expected = known.map((name) => `\`${name}\``).join(', ');
  if (kind === undefined || fields.length > 1) {
    const found = fields.length === 0 ? 'nothing' : fields.map((name) => `\`${name}\``).join(' and ');
    problems.error('adminpolicy.port', at, `expected exactly one of ${expected}, found ${found}`);
    return null;
  }
  if (!known.includes(kind)) {
    const message = `unknown field, not evaluated; expected one of ${expected}`;
    problems.unsupported('adminpolicy.port_unknown', pointer(at, kind), message);
    return { unread: kind };
  }
  const match = read(kind, object[kind] as Json, pointer(at, kind), problems);
  return match === null ? null : { match };
}

const readPort: Reader = (kind, value, at, problems) => {
  if (kind === 'namedPort') return readNamedPort(value, at, problems);
  const object = readObject(value, at, 'an object', problems);
  if (object === null) return null;
  const ends = kind === 'portNumber' ? (['port', 'port'] as const) : (['start', 'end'] as const);
  warnUnknownFields(object, ['protocol', ...new Set(ends)], at, problems);
  const protocol = readProtocolName(field(object, 'protocol'), pointer(at, 'protocol'), problems);
  const range = readRange(object, ends, at, problems);
  return protocol === null || range === null ? null : { type: 'range', protocol, ...range };
};

const readProtocol: Reader = (kind, value, at, problems) => {
  if (kind === 'destinationNamedPort') return readNamedPort(value, at, problems);
  const protocol = PROTOCOLS[kind as keyof typeof PROTOCOLS];
  const port = isObject(value) ? field(value, 'destinationPort') : undefined;
  if (isObject(value)) warnUnknownFields(value, ['destinationPort'], at, problems);
  const here = pointer(at, 'destinationPort');
  // Without it the schema refuses the object: every protocol of today has this one field and needs at least one.
  const object = readObject(port, here, '`number` or `range`', problems);
  if (object === null) return null;
  const fields = fieldsOf(object);
  if (fields.length !== 1 || (fields[0] !== 'number' && fields[0] !== 'range')) {
    problems.error('adminpolicy.port', here, 'expected exactly one of `number` and `range`');
    return null;
  }
  if (fields[0] === 'number') {
    const range = readRange(object, ['number', 'number'], here, problems);
    return range === null ? null : { type: 'range', protocol, ...range };
  }
  const bounds = readObject(object['range'], pointer(here, 'range'), '`start` and `end`', problems);
  const range = bounds === null ? null : readRange(bounds, ['start', 'end'], pointer(here, 'range'), problems);
  return range === null ? null : { type: 'range', protocol, ...range };
};

function readNamedPort(value: Json, at: string, problems: ProblemList): PortMatch | null {
  if (typeof value === 'string' && value !== '') return { type: 'named', protocol: null, name: value };
  problems.error('adminpolicy.named_port', at, `expected the name of a container port, found ${describe(value)}`);
  return null;
}

function readProtocolName(value: Json | undefined, at: string, problems: ProblemList): Protocol | null {
  if (value === undefined) return TCP;
  const protocol = value === 'TCP' || value === 'UDP' || value === 'SCTP' ? protocolByName(value) : null;
  if (protocol === null) {
    problems.error('adminpolicy.protocol', at, `expected TCP, UDP or SCTP, found ${describe(value)}`);
  }
  return protocol;
}

function readRange(
  object: JsonObject,
  [start, end]: readonly [string, string],
  at: string,
  problems: ProblemList,
): { from: number; to: number } | null {
  const from = readInteger(field(object, start), 1, 65535, pointer(at, start), problems);
  if (start === end) return from === null ? null : { from, to: from };
  const to = readInteger(field(object, end), 1, 65535, pointer(at, end), problems);
  if (from === null || to === null) return null;
  if (from >= to) {
    problems.error('adminpolicy.port_range', at, `\`${start}\` must be less than \`${end}\`, found ${from} and ${to}`);
    return null;
  }
  return { from, to };
}
