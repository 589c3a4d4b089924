import { hasPorts, hasTypes, protocolName, SCTP, TCP, UDP } from '../model/index.js';
import type { PortMatch, Protocol } from '../model/index.js';
import {
  ALL_PORTS,
  equalRanges,
  formatRanges,
  intersectRanges,
  NO_RANGES,
  subtractRanges,
  unionRanges,
} from '../net/index.js';
import type { Ranges } from '../net/index.js';

/** The protocols that a connection set over ports speaks of. */
export const PORT_PROTOCOLS: readonly Protocol[] = [TCP, UDP, SCTP];

/**
 * Allowed destination ports per protocol, 1–65535. TCP, UDP and SCTP without a key are not allowed. Other protocols have a
 * key where they were looked at, empty when nothing of them is allowed: with types for ICMP, ICMPv6 and IGMP, ports for
 * UDPLite, and 0 for what has neither.
 */
export type ConnectionSet = ReadonlyMap<Protocol, Ranges>;

export const NO_CONNECTIONS: ConnectionSet = new Map();
export const ALL_CONNECTIONS: ConnectionSet = new Map(PORT_PROTOCOLS.map((protocol) => [protocol, ALL_PORTS]));

/** A protocol that no policy names stands for all such protocols (RFC 3692 reserves it for experiments). */
export const UNNAMED: Protocol = 253;

/** The protocols beyond TCP, UDP and SCTP that rules name, ascending. */
export function protocolsBeyondPorts(matches: Iterable<PortMatch>): readonly Protocol[] {
  const named = new Set<Protocol>();
  for (const { protocol } of matches) if (protocol !== null && !PORT_PROTOCOLS.includes(protocol)) named.add(protocol);
  return [...named].sort((a, b) => a - b);
}

/** Every value that a protocol's ranges may hold. */
export function wholeOf(protocol: Protocol): Ranges {
  if (hasPorts(protocol)) return ALL_PORTS;
  return hasTypes(protocol) ? ALL_TYPES : NOTHING_TO_TELL;
}

const ALL_TYPES: Ranges = [[0, 255]];
const NOTHING_TO_TELL: Ranges = [[0, 0]];

export function isEmpty(set: ConnectionSet): boolean {
  for (const ranges of set.values()) if (ranges.length > 0) return false;
  return true;
}

export function isEverything(set: ConnectionSet): boolean {
  return protocolsOf(set).every((protocol) => equalRanges(set.get(protocol) ?? NO_RANGES, wholeOf(protocol)));
}

/** TCP, UDP and SCTP, then the other protocols that one of the sets looked at. */
function protocolsOf(...sets: readonly ConnectionSet[]): readonly Protocol[] {
  if (sets.every(({ size }) => size <= PORT_PROTOCOLS.length) && sets.every(hasPortsOnly)) return PORT_PROTOCOLS;
  const others = new Set(sets.flatMap((set) => [...set.keys()]).filter((key) => !PORT_PROTOCOLS.includes(key)));
  return [...PORT_PROTOCOLS, ...[...others].sort((a, b) => a - b)];
}

function hasPortsOnly(set: ConnectionSet): boolean {
  for (const protocol of set.keys()) if (!PORT_PROTOCOLS.includes(protocol)) return false;
  return true;
}

function combine(a: ConnectionSet, b: ConnectionSet, with_: (x: Ranges, y: Ranges) => Ranges): ConnectionSet {
  const out = new Map<Protocol, Ranges>();
  for (const protocol of protocolsOf(a, b)) {
    const ranges = with_(a.get(protocol) ?? NO_RANGES, b.get(protocol) ?? NO_RANGES);
    if (ranges.length > 0 || !PORT_PROTOCOLS.includes(protocol)) out.set(protocol, ranges);
  }
  return out;
}

export const unionConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet => combine(a, b, unionRanges);
export const intersectConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet =>
  combine(a, b, intersectRanges);
export const subtractConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet => combine(a, b, subtractRanges);

export function equalConnections(a: ConnectionSet, b: ConnectionSet): boolean {
  return protocolsOf(a, b).every((protocol) => equalRanges(a.get(protocol) ?? NO_RANGES, b.get(protocol) ?? NO_RANGES));
}

/** `all`, `none`, or `TCP 80, 443; UDP 53; ICMP type 8`. */
export function formatConnections(set: ConnectionSet): string {
  if (isEmpty(set)) return 'none';
  if (isEverything(set)) return 'all';
  return protocolsOf(set)
    .map((protocol) => formatProtocol(protocol, set.get(protocol) ?? NO_RANGES))
    .filter((text) => text !== '')
    .join('; ');
}

function formatProtocol(protocol: Protocol, ranges: Ranges): string {
  if (ranges.length === 0) return '';
  const name = protocolName(protocol);
  if (hasPorts(protocol)) return `${name} ${formatRanges(ranges)}`;
  return equalRanges(ranges, wholeOf(protocol)) ? name : `${name} type ${formatRanges(ranges)}`;
}

/** True for a protocol and port of the set. */
export function allowsPort(set: ConnectionSet, protocol: Protocol, port: number): boolean {
  if (!hasPorts(protocol)) return false;
  return (set.get(protocol) ?? NO_RANGES).some(([from, to]) => from <= port && port <= to);
}
