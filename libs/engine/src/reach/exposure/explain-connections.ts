import { pushTo } from '../../base/index.js';
import type {
  Direction,
  DirectionDecision,
  ObjectRef,
  PolicyEntry,
  Protocol,
  RuleRef,
  Verdict,
} from '../../model/index.js';
import { isNamedBy, objectKey } from '../../model/index.js';
import { mergeRanges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { evaluatePair, pairFamilies } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { PORT_PROTOCOLS } from '../connection-set.js';
import type { ConnectionSet } from '../connection-set.js';
import { portAtoms } from '../connections-between.js';

/** A policy that isolates, and its rules that miss the flow by its port alone. */
export interface IsolationReason {
  readonly policy: ObjectRef;
  /** It has no rule in this direction at all. */
  readonly noRules: boolean;
  /** `unknownName`: every port of the rule is a name that the destination does not define. */
  readonly missedByPort: readonly { readonly rule: RuleRef; readonly unknownName: boolean }[];
}

/** Why one direction came out as it did. Without passes, rules and isolation it is allowed because nothing applies. */
export interface DirectionReasons {
  readonly verdict: Verdict;
  /** Rules that passed the decision on, in order of evaluation. */
  readonly passes: readonly RuleRef[];
  /** Rules that allow, or deny. */
  readonly rules: readonly RuleRef[];
  readonly isolation: readonly IsolationReason[];
}

/** Ports of a pair that have the same verdict for the same reasons. */
export interface ExplainedPart {
  readonly verdict: Verdict;
  readonly connections: ConnectionSet;
  readonly egress: DirectionReasons;
  readonly ingress: DirectionReasons;
}

/**
 * All connections of two endpoints over TCP, UDP and SCTP, cut into parts by their reasons; together the parts are every
 * port once. Empty for a pair that shares no address family; the first shared family speaks for the pair.
 */
export function explainConnections(
  snapshot: CompiledSnapshot,
  source: Endpoint,
  destination: Endpoint,
  reading: ReadingName,
): readonly ExplainedPart[] {
  const [family] = pairFamilies(source, destination);
  if (family === undefined) return [];
  const entries = entriesByPolicy(snapshot, reading);
  const parts = new Map<
    string,
    { part: Omit<ExplainedPart, 'connections'>; ranges: Map<Protocol, [number, number][]> }
  >();
  for (const protocol of PORT_PROTOCOLS) {
    for (const [from, to] of portAtoms([snapshot[reading]], source, destination, protocol)) {
      const decision = evaluatePair(snapshot, source, destination, { protocol, port: from, family }, reading);
      const part = {
        verdict: decision.verdict,
        egress: reasonsOf(decision.egress, entries, destination),
        ingress: reasonsOf(decision.ingress, entries, destination),
      };
      const key = JSON.stringify(part);
      const known = parts.get(key) ?? { part, ranges: new Map<Protocol, [number, number][]>() };
      parts.set(key, known);
      pushTo(known.ranges, protocol, [from, to]);
    }
  }
  return [...parts.values()].map(({ part, ranges }) => ({
    ...part,
    connections: new Map([...ranges].map(([protocol, list]) => [protocol, mergeRanges(list)])),
  }));
}

type Entries = ReadonlyMap<string, readonly PolicyEntry[]>;

function entriesByPolicy(snapshot: CompiledSnapshot, reading: ReadingName): Entries {
  const sets = snapshot[reading].sets;
  return new Map(sets.flatMap((set) => set.policies).map((policy) => [objectKey(policy.policy), policy.entries]));
}

function reasonsOf(decision: DirectionDecision, entries: Entries, destination: Endpoint): DirectionReasons {
  const { direction, verdict, reason, determining } = decision;
  const passes = decision.steps.filter((step) => step.outcome === 'pass').flatMap((step) => step.rules);
  const isolated = reason === 'isolated-no-rule-matched';
  return {
    verdict,
    passes,
    rules: reason === 'rule-matched' ? determining : [],
    isolation: isolated
      ? determining.map((whole) => isolationReason(whole.policy, decision, entries, direction, destination))
      : [],
  };
}

function isolationReason(
  policy: ObjectRef,
  decision: DirectionDecision,
  entries: Entries,
  direction: Direction,
  destination: Endpoint,
): IsolationReason {
  const own = (entries.get(objectKey(policy)) ?? []).filter(
    (entry) => entry.direction === direction && entry.source.index >= 0,
  );
  const missed = decision.nearMisses.filter(
    (miss) => objectKey(miss.rule.policy) === objectKey(policy) && (miss.part === 'port' || miss.part === 'protocol'),
  );
  return {
    policy,
    noRules: own.length === 0,
    missedByPort: missed.map(({ rule }) => ({
      rule,
      unknownName: own.some((entry) => entry.source.pointer === rule.pointer && onlyUnknownNames(entry, destination)),
    })),
  };
}

function onlyUnknownNames({ ports }: PolicyEntry, destination: Endpoint): boolean {
  if (ports.include === 'any' || ports.include.length === 0) return false;
  return ports.include.every(
    (match) => match.type === 'named' && !destination.ports.some((port) => isNamedBy(port, match)),
  );
}
