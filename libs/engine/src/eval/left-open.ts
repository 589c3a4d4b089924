import type { Condition, Direction, DirectionDecision, Limit, Limits, NamePattern, Selector } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, YES } from '../compile/match-selector.js';
import { matchPeer } from '../compile/match-some-pod.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { Flow } from './flow.js';
import { asksForAuthentication, asksWhetherCarried, matchCondition, readsPathEitherWay } from './match-condition.js';
import { matchPorts } from './match-ports.js';

/** Where an entry is looked at. */
export interface Place {
  readonly direction: Direction;
  readonly subject: Endpoint;
  readonly peer: Endpoint;
}

/** What each of `entries` asks of a flow that it lets pass; null when one of them asks nothing. */
export function limitsOf(entries: readonly ReadyEntry[], flow: Flow, place: Place): readonly Limits[] | null {
  const out = entries.map((entry) => entryLimits(entry, flow, place) ?? []);
  return out.some((limits) => limits.length === 0) ? null : out;
}

/** A request may be any that the client makes; which name an address belongs to is a fact that is not known here. */
export function areRequests(limits: Limits): boolean {
  return limits.every((limit) => limit.type !== 'hostName');
}

/** What a request must be so that none of `denials`, open for its sake alone, meets it. */
export function limitsBeside(denials: readonly ReadyEntry[], flow: Flow): readonly Limits[] {
  return [...new Set(denials)]
    .map(({ rule }) =>
      rule.conditions.filter((condition) => matchCondition(condition, flow) === MAYBE).flatMap(outside),
    )
    .reduce(bothLimits, []);
}

/** The requests that a condition leaves out. */
function outside(condition: Condition): Limits[] {
  if (condition.type !== 'l7') return [];
  const { protocol, rules } = condition;
  const [only] = rules;
  const negated = rules.length === 1 && only !== undefined && Object.keys(only).every((key) => key === 'except');
  return [[{ type: 'l7', protocol, rules: negated ? (only.except ?? []) : [{ except: rules }] }]];
}

/** What two sides ask that must both let a flow pass. */
export function bothLimits(a: readonly Limits[], b: readonly Limits[]): readonly Limits[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  return a.flatMap((one) => b.map((other) => [...one, ...other]));
}

/**
 * What would make an undecided entry match for certain, when the request and the name behind an outside address are all
 * that the question leaves open; null when something else is open too.
 */
export function entryLimits(ready: ReadyEntry, flow: Flow, { direction, subject, peer }: Place): Limits | null {
  const { rule } = ready;
  const open: Limit[] = rule.conditions.filter((condition) => matchCondition(condition, flow) === MAYBE);
  if (open.some((condition) => isBesideRequests(condition) || readsPathEitherWay(condition, flow))) return null;
  const destination = direction === 'ingress' ? subject : peer;
  if (ready.subject(subject, subject) !== YES || matchPorts(rule.ports, flow, destination) !== YES) return null;
  if (rule.peers.type !== 'of') return open;
  const results = rule.peers.selectors.map((selector) => matchPeer(selector, peer, subject));
  if (results.includes(YES)) return open;
  const candidates = rule.peers.selectors.filter((_, i) => results[i] === MAYBE);
  const names = candidates.flatMap((selector) => openNames(selector, peer, subject) ?? []);
  return names.length === 0 ? null : [...open, { type: 'hostName', patterns: names }];
}

/** Whether something is open that no request settles. */
const isBesideRequests = ({ type }: Limit): boolean => type === 'unsupported' || type === 'service';

/** The names that would make an undecided selector match; null when more than a name is open. */
function openNames(selector: Selector, peer: Endpoint, subject: Endpoint): readonly NamePattern[] | null {
  if (selector.type === 'hostName') return [selector.pattern];
  if (selector.type !== 'and' && selector.type !== 'or') return null;
  const open = selector.of.filter((member) => matchPeer(member, peer, subject) === MAYBE);
  if (selector.type === 'and' && open.length > 1) return null;
  const names = open.map((member) => openNames(member, peer, subject));
  return names.includes(null) ? null : names.flatMap((list) => list ?? []);
}

/** What is decided of a flow if the mesh carries it and if it does not; null where nothing that is open asks for that. */
export function bothWays<T>(
  open: readonly (readonly ReadyEntry[] | null)[],
  flow: Flow,
  decide: (flow: Flow) => T,
): readonly [T, T] | null {
  if (flow.carried !== undefined || !open.some((entries) => entries?.some(({ rule }) => asksWhetherCarried(rule)))) {
    return null;
  }
  return [decide({ ...flow, carried: false }), decide({ ...flow, carried: true })];
}

/** Whether something is open because it is not told whether the two sides have authenticated to each other. */
export function waitsForAuthentication(open: readonly ReadyEntry[], flow: Flow): boolean {
  return flow.authenticated === undefined && open.some(({ rule }) => asksForAuthentication(rule));
}

/** What is decided of those who authenticate, and `others` of those who do not; null where both are denied. */
export function ofAuthenticated(others: DirectionDecision, those: DirectionDecision): DirectionDecision | null {
  if (those.verdict === 'deny') return null;
  if (those.verdict === others.verdict) return others;
  return { ...those, onlyFor: bothLimits(those.onlyFor, [[{ type: 'authentication', mode: 'mutual' }]]) };
}

/** Two decisions with one verdict: the first speaks, and the rules of both decide. */
export function alike(one: DirectionDecision, other: DirectionDecision): DirectionDecision {
  return {
    ...one,
    determining: [...new Set([...one.determining, ...other.determining])],
    onlyFor: bothLimits(one.onlyFor, other.onlyFor),
  };
}

/** Why entries could not be decided, in words. */
export function describeOpen(entries: readonly ReadyEntry[]): string {
  const whys = new Set<string>();
  for (const { rule } of entries) {
    for (const condition of rule.conditions) if (condition.type === 'unsupported') whys.add(condition.what);
  }
  return whys.size === 0 ? 'whether these rules match cannot be told from the inventory' : [...whys].join('; ');
}
