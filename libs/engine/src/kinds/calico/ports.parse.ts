import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawIcmp, RawPort } from './calico.raw.js';
import { readList, readObject, readWhole } from './fields.parse.js';

/** The protocols whose ports a rule can name. */
export const PORT_PROTOCOLS: readonly Protocol[] = [TCP, UDP, SCTP];

const NAMES: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', TCP],
  ['udp', UDP],
  ['sctp', SCTP],
  ['udplite', UDPLITE],
  ['icmp', ICMP],
  ['icmpv6', ICMPV6],
]);
/** What Kubernetes takes for the name of a container's port. */
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
const RANGE = /^(\d+):(\d+)$/;

/** A protocol by name or number; null when absent, and with an error when it is neither. (CAL-31) */
export function readProtocol(value: Json | undefined, at: string, problems: ProblemList): Protocol | null {
  if (value === undefined) return null;
  const known = knownProtocol(value);
  if (known !== null) return known;
  const names = 'TCP, UDP, SCTP, UDPLite, ICMP, ICMPv6';
  problems.error('calico.protocol', at, `expected ${names} or a number from 1 to 255, found ${describe(value)}`);
  return null;
}

export function knownProtocol(value: Json): Protocol | null {
  if (typeof value === 'string') {
    return NAMES.get(value.toLowerCase()) ?? (/^\d{1,3}$/.test(value) ? knownProtocol(Number(value)) : null);
  }
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 255 ? value : null;
}

/** Ports: numbers, ranges such as `"1:1024"`, and names. (CAL-33) */
export function readPorts(value: Json | undefined, at: string, problems: ProblemList): readonly RawPort[] {
  return readList(value, at, problems).flatMap((entry, index) => {
    const port = portOf(entry);
    if (port !== null) return [port];
    const expected = 'a port from 1 to 65535, a range such as `"80:90"` or the name of a port';
    problems.error('calico.port', pointer(at, index), `expected ${expected}, found ${describe(entry)}`);
    return [];
  });
}

function portOf(entry: Json): RawPort | null {
  if (typeof entry === 'number') return isPort(entry) ? { from: entry, to: entry } : null;
  if (typeof entry !== 'string') return null;
  const range = RANGE.exec(entry);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    return isPort(from) && isPort(to) && from <= to ? { from, to } : null;
  }
  if (/^\d+$/.test(entry)) return portOf(Number(entry));
  return PORT_NAME.test(entry) ? { name: entry } : null;
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;

/** `icmp` and `notICMP`: a code needs a type, and what has none asks for nothing. (CAL-32) */
export function readIcmp(value: Json | undefined, at: string, problems: ProblemList): RawIcmp | null {
  const object = readObject(value, at, problems);
  if (object === undefined) return null;
  const type = readWhole(field(object, 'type'), [0, 254], pointer(at, 'type'), problems);
  const code = readWhole(field(object, 'code'), [0, 255], pointer(at, 'code'), problems);
  if (code !== null && type === null)
    problems.error('calico.icmp', pointer(at, 'code'), '`code` needs `type` beside it');
  return type === null ? null : { type, code };
}
