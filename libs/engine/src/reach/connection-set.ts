import { hasPorts, protocolName, SCTP, TCP, UDP } from '../model/index.js';
import type { Protocol } from '../model/index.js';
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

/** Allowed destination ports per protocol (TCP, UDP, SCTP), 1–65535. A protocol without a key is not allowed. */
export type ConnectionSet = ReadonlyMap<Protocol, Ranges>;

export const NO_CONNECTIONS: ConnectionSet = new Map();
export const ALL_CONNECTIONS: ConnectionSet = new Map(PORT_PROTOCOLS.map((protocol) => [protocol, ALL_PORTS]));

export function isEmpty(set: ConnectionSet): boolean {
  return set.size === 0;
}

export function isEverything(set: ConnectionSet): boolean {
  return PORT_PROTOCOLS.every((protocol) => equalRanges(set.get(protocol) ?? NO_RANGES, ALL_PORTS));
}

function combine(a: ConnectionSet, b: ConnectionSet, with_: (x: Ranges, y: Ranges) => Ranges): ConnectionSet {
  const out = new Map<Protocol, Ranges>();
  for (const protocol of PORT_PROTOCOLS) {
    const ranges = with_(a.get(protocol) ?? NO_RANGES, b.get(protocol) ?? NO_RANGES);
    if (ranges.length > 0) out.set(protocol, ranges);
  }
  return out;
}

export const unionConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet => combine(a, b, unionRanges);
export const intersectConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet =>
  combine(a, b, intersectRanges);
export const subtractConnections = (a: ConnectionSet, b: ConnectionSet): ConnectionSet => combine(a, b, subtractRanges);

export function equalConnections(a: ConnectionSet, b: ConnectionSet): boolean {
  return PORT_PROTOCOLS.every((protocol) => equalRanges(a.get(protocol) ?? NO_RANGES, b.get(protocol) ?? NO_RANGES));
}

/** `all`, `none`, or `TCP 80, 443; UDP 53`. */
export function formatConnections(set: ConnectionSet): string {
  if (isEmpty(set)) return 'none';
  if (isEverything(set)) return 'all';
  return PORT_PROTOCOLS.filter((protocol) => set.has(protocol))
    .map((protocol) => `${protocolName(protocol)} ${formatRanges(set.get(protocol) ?? NO_RANGES)}`)
    .join('; ');
}

/** True for a protocol and port of the set. */
export function allowsPort(set: ConnectionSet, protocol: Protocol, port: number): boolean {
  if (!hasPorts(protocol)) return false;
  return (set.get(protocol) ?? NO_RANGES).some(([from, to]) => from <= port && port <= to);
}
