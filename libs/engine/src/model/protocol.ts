import type { Protocol } from './fact.js';

export const TCP: Protocol = 6;
export const UDP: Protocol = 17;
export const SCTP: Protocol = 132;
export const ICMP: Protocol = 1;
export const ICMPV6: Protocol = 58;
export const UDPLITE: Protocol = 136;
export const IGMP: Protocol = 2;

const NAMES: readonly (readonly [string, Protocol])[] = [
  ['TCP', TCP],
  ['UDP', UDP],
  ['SCTP', SCTP],
  ['ICMP', ICMP],
  ['ICMPV6', ICMPV6],
  ['UDPLITE', UDPLITE],
  ['IGMP', IGMP],
  ['IPIP', 4],
  ['GRE', 47],
  ['ESP', 50],
  ['AH', 51],
  ['VRRP', 112],
];
const BY_NAME = new Map(NAMES);
const BY_NUMBER = new Map(NAMES.map(([name, number]) => [number, name === 'ICMPV6' ? 'ICMPv6' : name]));

/** The protocol number for a name in any case; null when the name is unknown. */
export function protocolByName(name: string): Protocol | null {
  return BY_NAME.get(name.toUpperCase()) ?? null;
}

/** `TCP`, `ICMPv6`, or the number as text when the protocol has no common name. */
export function protocolName(protocol: Protocol): string {
  return BY_NUMBER.get(protocol) ?? String(protocol);
}

/** The address family that a protocol belongs to: each has an ICMP of its own. Null for those of both. */
export function familyOf(protocol: Protocol): 4 | 6 | null {
  return protocol === ICMP ? 4 : protocol === ICMPV6 ? 6 : null;
}

/** True for protocols whose messages rules tell apart by a type, from 0 to 255. */
export function hasTypes(protocol: Protocol): boolean {
  return protocol === ICMP || protocol === ICMPV6 || protocol === IGMP;
}

/** True for protocols that carry port numbers. */
export function hasPorts(protocol: Protocol): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP || protocol === UDPLITE;
}
