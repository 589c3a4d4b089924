import { TCP } from '../../model/index.js';
import type { Condition, PortMatch, PortSpec, Protocol } from '../../model/index.js';
import { mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { RawIcmp, RawPort, RawRule } from './calico.raw.js';
import { PORT_PROTOCOLS } from './ports.parse.js';

/** Felix admits 0. */
const SOURCE_PORTS: Ranges = [[0, 65535]];

/** What a port's name stands for at the destination. */
export type PortMeaning = (name: string) => readonly PortMatch[];

/** Protocols and destination ports of a rule. (CAL-31 to CAL-35) */
export function portSpec(rule: RawRule, meaning: PortMeaning): PortSpec {
  const { protocol, notProtocol, destination } = rule;
  const excluded = matches(destination.notPorts, protocol, meaning);
  const except: PortMatch[] = [...excluded, ...icmpMatch(rule.notIcmp, protocol)];
  if (notProtocol !== null) except.push({ type: 'protocol', protocol: notProtocol });
  return { include: included(rule, meaning), except };
}

function included(rule: RawRule, meaning: PortMeaning): PortSpec['include'] {
  const { protocol, source, destination, icmp } = rule;
  if (destination.ports.length > 0) return matches(destination.ports, protocol, meaning);
  if (icmp !== null) return icmpMatch(icmp, protocol);
  if (protocol !== null) return [{ type: 'protocol', protocol }];
  // Names alone leave the protocols that have ports.
  return source.ports.length === 0 ? 'any' : PORT_PROTOCOLS.map((each) => ({ type: 'protocol', protocol: each }));
}

function matches(ports: readonly RawPort[], protocol: Protocol | null, meaning: PortMeaning): PortMatch[] {
  return ports.flatMap((port) =>
    'name' in port ? meaning(port.name) : [numbered(protocol ?? TCP, port.from, port.to)],
  );
}

export const numbered = (protocol: Protocol, from: number, to: number): PortMatch => ({
  type: 'range',
  protocol,
  from,
  to,
});

function icmpMatch(icmp: RawIcmp | null, protocol: Protocol | null): PortMatch[] {
  if (icmp === null || protocol === null) return [];
  return [{ type: 'icmp', protocol, icmpType: icmp.type, code: icmp.code }];
}

/** The part of a spec that speaks of these protocols; null where none does. */
export function ofProtocols(spec: PortSpec, protocols: readonly Protocol[]): PortSpec | null {
  const include: readonly PortMatch[] =
    spec.include === 'any'
      ? protocols.map((protocol) => ({ type: 'protocol', protocol }))
      : spec.include.flatMap((match) => withProtocol(match, protocols));
  return include.length === 0 ? null : { ...spec, include };
}

/** The part that speaks of others; null where there is none. */
export function ofOtherProtocols(spec: PortSpec, protocols: readonly Protocol[]): PortSpec | null {
  if (spec.include === 'any') {
    const left: readonly PortMatch[] = protocols.map((protocol) => ({ type: 'protocol', protocol }));
    return { include: 'any', except: [...spec.except, ...left] };
  }
  const others = PORT_PROTOCOLS.filter((protocol) => !protocols.includes(protocol));
  const include = spec.include.flatMap((match) =>
    match.protocol !== null && !protocols.includes(match.protocol) ? [match] : withProtocol(match, others),
  );
  return include.length === 0 ? null : { ...spec, include };
}

/** A name without a protocol is that of any port. */
function withProtocol(match: PortMatch, protocols: readonly Protocol[]): readonly PortMatch[] {
  if (match.type === 'named' && match.protocol === null) return protocols.map((protocol) => ({ ...match, protocol }));
  return match.protocol !== null && protocols.includes(match.protocol) ? [match] : [];
}

/** That the client's port is one of these; nothing where there are none. */
export function fromPorts(ranges: Ranges): Condition[] {
  return ranges.length === 0 ? [] : [{ type: 'sourcePort', ranges }];
}

/** That the client's port is none of these. */
export function notFromPorts(ranges: Ranges): Condition[] {
  return ranges.length === 0 ? [] : [{ type: 'sourcePort', ranges: subtractRanges(SOURCE_PORTS, ranges) }];
}

/** Numbers among ports. */
export function numbersOf(ports: readonly RawPort[]): Ranges {
  return mergeRanges(ports.flatMap((port): [number, number][] => ('name' in port ? [] : [[port.from, port.to]])));
}

/** Names among ports, sorted. */
export function namesOf(ports: readonly RawPort[]): readonly string[] {
  return [...new Set(ports.flatMap((port) => ('name' in port ? [port.name] : [])))].sort();
}
