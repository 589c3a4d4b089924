import type { Condition, PortMatch, PortSpec, Protocol } from '../../model/index.js';
import { mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { RawEntity, RawIcmp, RawPort, RawRule } from './calico.raw.js';
import { PORT_PROTOCOLS } from './ports.parse.js';

/** Felix admits 0. */
const SOURCE_PORTS: Ranges = [[0, 65535]];

/** Protocols and destination ports of a rule. (CAL-31 to CAL-35) */
export function portSpec(rule: RawRule): PortSpec {
  const { protocol, notProtocol, destination } = rule;
  const except: PortMatch[] = [...matches(destination.notPorts, protocol), ...icmpMatch(rule.notIcmp, protocol)];
  if (notProtocol !== null) except.push({ type: 'protocol', protocol: notProtocol });
  return { include: included(rule), except };
}

function included(rule: RawRule): PortSpec['include'] {
  const { protocol, destination, icmp } = rule;
  if (destination.ports.length > 0) return matches(destination.ports, protocol);
  if (icmp !== null) return icmpMatch(icmp, protocol);
  if (protocol !== null) return [{ type: 'protocol', protocol }];
  // Ports on one side only: without a protocol they leave those that have ports.
  const ports = rule.source.ports.length + rule.source.notPorts.length + destination.notPorts.length;
  return ports === 0 ? 'any' : PORT_PROTOCOLS.map((each) => ({ type: 'protocol', protocol: each }));
}

function matches(ports: readonly RawPort[], protocol: Protocol | null): PortMatch[] {
  return ports.flatMap((port): PortMatch[] => {
    if ('name' in port) return [{ type: 'named', protocol, name: port.name }];
    const protocols = protocol === null ? PORT_PROTOCOLS : [protocol];
    return protocols.map((each) => ({ type: 'range', protocol: each, from: port.from, to: port.to }));
  });
}

function icmpMatch(icmp: RawIcmp | null, protocol: Protocol | null): PortMatch[] {
  if (icmp === null || protocol === null) return [];
  return [{ type: 'icmp', protocol, icmpType: icmp.type, code: icmp.code }];
}

/** What the client's port must be, when the rule says so. Names of client ports are given apart. */
export function sourcePortConditions(source: RawEntity): Condition[] {
  const wanted = numbersOf(source.ports);
  const unwanted = numbersOf(source.notPorts);
  const conditions: Condition[] = [];
  if (wanted.length > 0) conditions.push({ type: 'sourcePort', ranges: wanted });
  if (unwanted.length > 0) {
    conditions.push({ type: 'sourcePort', ranges: subtractRanges(SOURCE_PORTS, unwanted) });
  }
  return conditions;
}

function numbersOf(ports: readonly RawPort[]): Ranges {
  return mergeRanges(ports.flatMap((port): [number, number][] => ('name' in port ? [] : [[port.from, port.to]])));
}

/** Names among ports, sorted. */
export function namesOf(ports: readonly RawPort[]): readonly string[] {
  return [...new Set(ports.flatMap((port) => ('name' in port ? [port.name] : [])))].sort();
}
