import { pushTo } from '../base/index.js';
import type { Direction, PortMatch, PortSpec, Protocol, Verdict } from '../model/index.js';
import { cutRange, mergeRanges } from '../net/index.js';
import type { Ranges } from '../net/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { NO } from '../compile/match-selector.js';
import { selecting } from '../compile/ready-entry.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import { inFamily, pairFamilies, pairVerdict } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { PORT_PROTOCOLS, subtractConnections } from './connection-set.js';
import type { ConnectionSet } from './connection-set.js';

/**
 * What two endpoints may say to each other: certainly allowed, and not certainly denied. Two that share both families are
 * judged in each, and what one of them admits counts, as in rows.
 */
export interface Connections {
  readonly allowed: ConnectionSet;
  /** Ports on which the verdict is unknown: allow in no family, and unknown in one. */
  readonly unknown: ConnectionSet;
}

/**
 * The connection set of two endpoints over TCP, UDP and SCTP. The port space is cut where the rules that may concern
 * the pair begin and end; between two cuts every port has the same verdict, so one of them speaks for all.
 * Either family that the pair shares counts. `sourcePort` decides rules that look at the client's port; without it such
 * rules make ports unknown.
 */
export function connectionsBetween(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  reading: ReadingName,
  sourcePort?: number,
): Connections {
  const allowed = new Map<Protocol, [number, number][]>();
  const unknown = new Map<Protocol, [number, number][]>();
  const families = pairFamilies(source, destination);
  for (const family of families) {
    const matches = matchesThatSpeak(snapshot[reading], inFamily(source, family), inFamily(destination, family));
    for (const protocol of PORT_PROTOCOLS) {
      for (const [from, to] of atomsOf(matches, destination, protocol)) {
        const flow = { protocol, port: from, family, ...(sourcePort === undefined ? {} : { sourcePort }) };
        const verdict: Verdict = pairVerdict(snapshot[reading], source, destination, flow);
        const into = verdict === 'allow' ? allowed : verdict === 'unknown' ? unknown : null;
        if (into !== null) pushTo(into, protocol, [from, to]);
      }
    }
  }
  const passes = merged(allowed);
  const open = merged(unknown);
  return { allowed: passes, unknown: families.length === 1 ? open : subtractConnections(open, passes) };
}

function merged(ranges: ReadonlyMap<Protocol, [number, number][]>): ConnectionSet {
  return new Map([...ranges].map(([protocol, list]) => [protocol, mergeRanges(list)]));
}

/** The pieces of 1–65535 on which every rule that may concern the pair is constant. */
export function portAtoms(
  readings: readonly Reading[],
  source: Endpoint,
  destination: Endpoint,
  protocol: Protocol,
): Ranges {
  return atomsOf(portMatchesOf(readings, source, destination), destination, protocol);
}

function atomsOf(matches: readonly PortMatch[], destination: Endpoint, protocol: Protocol): Ranges {
  const starts = new Set<number>();
  const cut = (match: PortMatch): void => {
    if (match.type === 'range' && match.protocol === protocol) {
      starts.add(match.from).add(match.to + 1);
    } else if (match.type === 'named') {
      for (const port of destination.ports) {
        if (port.name === match.name && port.protocol === protocol) starts.add(port.port).add(port.port + 1);
      }
    }
  };
  matches.forEach(cut);
  return cutRange(1, 65535, starts);
}

/** What rules that may concern the pair say of protocols and ports. */
export function portMatchesOf(
  readings: readonly Reading[],
  source: Endpoint,
  destination: Endpoint,
): readonly PortMatch[] {
  const out: PortMatch[] = [];
  for (const reading of readings) {
    eachRule(reading, 'egress', source, ({ rule }) => note(rule.ports, out));
    eachRule(reading, 'ingress', destination, ({ rule }) => note(rule.ports, out));
  }
  return out;
}

/** The same of rules alone that select their side and name the other: a verdict depends on no others. */
function matchesThatSpeak(reading: Reading, source: Endpoint, destination: Endpoint): readonly PortMatch[] {
  const out: PortMatch[] = [];
  const noteWhatSpeaks = (direction: Direction, subject: Endpoint, peer: Endpoint): void => {
    const selects = selecting(subject);
    eachRule(reading, direction, subject, (ready) => {
      if (selects(ready) !== NO && mayName(ready, peer, subject)) note(ready.rule.ports, out);
    });
  };
  noteWhatSpeaks('egress', source, destination);
  noteWhatSpeaks('ingress', destination, source);
  return out;
}

function mayName({ peers }: ReadyEntry, peer: Endpoint, subject: Endpoint): boolean {
  return peers === 'any' || peers.some((matches) => matches(peer, subject) !== NO);
}

function eachRule(reading: Reading, direction: Direction, subject: Endpoint, visit: (ready: ReadyEntry) => void): void {
  for (const { gates } of reading.sets) {
    for (const { tiers } of gates) {
      for (const { groups } of tiers) for (const group of groups[direction].rulesFor(subject)) group.forEach(visit);
    }
  }
}

function note({ include, except }: PortSpec, out: PortMatch[]): void {
  if (include !== 'any') out.push(...include);
  out.push(...except);
}
