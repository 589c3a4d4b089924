import { hasPorts } from '../model/index.js';
import type { PortMatch, Protocol } from '../model/index.js';
import { cutRange, mergeRanges, subtractRanges } from '../net/index.js';
import type { Ranges } from '../net/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { flowsBetween, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { protocolsBeyondPorts, wholeOf } from './connection-set.js';
import { portAtoms, portMatchesOf } from './connections-between.js';
import type { Connections } from './connections-between.js';

/**
 * What two endpoints may say to each other over protocols beyond TCP, UDP and SCTP, each with a key: over `protocols`, or
 * those that a rule which may concern the pair names. Of the codes of an ICMP type all must have one verdict, else it is
 * unknown.
 */
export function otherConnections(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  reading: ReadingName,
  protocols?: readonly Protocol[],
): Connections {
  const set = snapshot[reading];
  const matches = portMatchesOf([set], source, destination);
  const allowed = new Map<Protocol, Ranges>();
  const unknown = new Map<Protocol, Ranges>();
  for (const protocol of protocols ?? protocolsBeyondPorts(matches)) {
    const found: Record<'allow' | 'deny' | 'unknown', [number, number][]> = { allow: [], deny: [], unknown: [] };
    for (const [from, to] of atoms(protocol, matches, set, source, destination)) {
      for (const flow of flowsBetween(source, destination, protocol, from)) {
        found[pairVerdict(set, source, destination, flow)].push([from, to]);
      }
    }
    const passes = mergeRanges(found.allow);
    allowed.set(protocol, passes);
    unknown.set(protocol, subtractRanges(mergeRanges(found.unknown), passes));
  }
  return { allowed, unknown };
}

function atoms(
  protocol: Protocol,
  matches: readonly PortMatch[],
  set: Reading,
  source: Endpoint,
  destination: Endpoint,
): Ranges {
  if (hasPorts(protocol)) return portAtoms([set], source, destination, protocol);
  const [whole] = wholeOf(protocol);
  const [first, last] = whole as readonly [number, number];
  const starts = matches.flatMap((match) => {
    if (match.type !== 'icmp' || match.protocol !== protocol || match.icmpType === null) return [];
    return [match.icmpType, match.icmpType + 1];
  });
  return cutRange(first, last, starts);
}
