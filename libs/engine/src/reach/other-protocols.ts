import { hasPorts, ICMP, ICMPV6 } from '../model/index.js';
import type { PortMatch, Protocol } from '../model/index.js';
import { cutRange, mergeRanges } from '../net/index.js';
import type { Ranges } from '../net/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { pairFamilies, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Flow } from '../eval/flow.js';
import { PORT_PROTOCOLS, wholeOf } from './connection-set.js';
import { portAtoms, portMatchesOf } from './connections-between.js';
import type { Connections } from './connections-between.js';

/**
 * What two endpoints may say to each other over protocols beyond TCP, UDP and SCTP: over those that a rule which may
 * concern the pair names, each with a key. Of the codes of an ICMP type all must have one verdict, else it is unknown.
 */
export function otherConnections(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  reading: ReadingName,
): Connections {
  const set = snapshot[reading];
  const matches = portMatchesOf([set], source, destination);
  const named = new Set(matches.flatMap(({ protocol }) => (protocol === null ? [] : [protocol])));
  const others = [...named].filter((protocol) => !PORT_PROTOCOLS.includes(protocol)).sort((a, b) => a - b);
  const allowed = new Map<Protocol, Ranges>();
  const unknown = new Map<Protocol, Ranges>();
  const families = pairFamilies(source, destination);
  for (const protocol of others) {
    const found: Record<'allow' | 'deny' | 'unknown', [number, number][]> = { allow: [], deny: [], unknown: [] };
    for (const family of families.filter((each) => speaks(protocol, each))) {
      for (const [from, to] of atoms(protocol, matches, set, source, destination)) {
        found[pairVerdict(set, source, destination, flowOf(protocol, from, family))].push([from, to]);
      }
    }
    allowed.set(protocol, mergeRanges(found.allow));
    unknown.set(protocol, mergeRanges(found.unknown));
  }
  return { allowed, unknown };
}

/** Each family has an ICMP of its own. */
function speaks(protocol: Protocol, family: 4 | 6 | null): boolean {
  if (protocol === ICMP) return family !== 6;
  return protocol !== ICMPV6 || family !== 4;
}

function flowOf(protocol: Protocol, value: number, family: 4 | 6 | null): Flow {
  if (hasPorts(protocol)) return { protocol, port: value, family };
  const icmp = protocol === ICMP || protocol === ICMPV6 ? { icmp: { type: value, code: null } } : {};
  return { protocol, port: null, family, ...icmp };
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
