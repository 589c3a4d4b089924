import { canonicalJson, finish, pushTo } from '../base/index.js';
import type { CniDetection, Direction, FlowDecision, ObjectRef, Protocol, RuleRef, Verdict } from '../model/index.js';
import { hasNumber } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { isHost } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import { evaluatePair, flowsBetween } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { isEmpty, subtractConnections } from '../reach/connection-set.js';
import type { ConnectionSet } from '../reach/connection-set.js';
import { addressPeers } from '../reach/exposure/peer-connections.js';
import { otherProtocols } from '../reach/matrix/port-classes.js';
import { connectionsOf } from '../reach/rows/refine-ports.js';
import { refineTables } from '../reach/rows/refine-tables.js';
import type { CommonTable } from '../reach/rows/refine-tables.js';
import { makingRowTable } from '../reach/rows/row-table.js';
import { findingAffectedClasses } from './affected-classes.js';
import { isolatingPolicies } from './isolation.js';
import { matchEndpoints } from './match-endpoints.js';
import type { EndpointMatch, MatchBy } from './match-endpoints.js';
import { findingRowChanges } from './row-changes.js';
import type { RowChange } from './row-changes.js';

/** Why one state decides as it does: the verdict of one flow of the entry, and the rules that settle it. */
export interface DriftCause {
  readonly verdict: Verdict;
  readonly rules: readonly RuleRef[];
}

/** Connections that two states allow differently: every source to every destination, an endpoint to itself left out. */
export interface ConnectionDrift {
  /**
   * `opened`: nothing was allowed before; `closed`: nothing is after; `widened` and `narrowed`: ports came or went;
   * `changed`: both; `uncertain`: one of the states does not settle it.
   */
  readonly type: 'opened' | 'closed' | 'widened' | 'narrowed' | 'changed' | 'uncertain';
  /** As the later state has them. */
  readonly sources: readonly Endpoint[];
  readonly destinations: readonly Endpoint[];
  /** What is certainly allowed. */
  readonly before: ConnectionSet;
  readonly after: ConnectionSet;
  readonly pairs: number;
  /** One flow that stands for the entry, with its endpoints as each state has them. */
  readonly example: {
    readonly before: readonly [Endpoint, Endpoint];
    readonly after: readonly [Endpoint, Endpoint];
    readonly protocol: Protocol;
    /** A port, a type of ICMP, or 0 for protocols that have neither. */
    readonly port: number;
  };
  readonly cause: { readonly before: DriftCause; readonly after: DriftCause };
}

export interface IsolationDrift {
  readonly type: 'isolation.gained' | 'isolation.lost';
  readonly direction: Direction;
  readonly endpoints: readonly Endpoint[];
  /** The policies that isolate, in the state that has them. */
  readonly policies: readonly ObjectRef[];
}

/** The reading of policy itself changed: another engine, version or set of nodes that enforce. */
export interface EnforcementDrift {
  readonly type: 'enforcement.changed';
  readonly before: CniDetection;
  readonly after: CniDetection;
}

/** Something came or went. What it may reach is no drift of what was there. */
export interface EndpointDrift {
  readonly type: 'endpoint.added' | 'endpoint.removed';
  readonly endpoint: Endpoint;
}

export type DriftEntry = ConnectionDrift | IsolationDrift | EnforcementDrift | EndpointDrift;

export interface ReachabilityDriftOptions {
  /** `enforced` by default. */
  readonly reading?: ReadingName;
  /** How endpoints of the two states are matched; by `name` by default. */
  readonly matchBy?: MatchBy;
}

/**
 * What can talk to what in one state and not in another, over TCP, UDP, SCTP and other protocols that policies of either
 * name, addresses outside the cluster included. Rows of classes are compared, not pairs: policies that are rewritten with
 * the same meaning leave no entry of connections. Only endpoints that both states have are compared.
 */
export function reachabilityDrift(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  options: ReachabilityDriftOptions = {},
): readonly DriftEntry[] {
  return finish(findingReachabilityDrift(before, after, options));
}

/** The same in steps: the way there may pause at each null. */
export function* findingReachabilityDrift(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  { reading = 'enforced', matchBy = 'name' }: ReachabilityDriftOptions = {},
): Generator<null, readonly DriftEntry[]> {
  const families = ([4, 6] as const).filter((family) => [before, after].some((state) => maySpeak(state, family)));
  const outside = families.flatMap((family) => outsideEndpoints([before, after], reading, family));
  yield null;
  const match = matchEndpoints(before.endpoints, after.endpoints, matchBy);
  yield null;
  const comparison = yield* comparing(before, after, reading, match, outside);
  yield null;
  const connections = yield* findingConnections(comparison);
  return [
    ...enforcementDrift(before, after),
    ...connections,
    ...isolationDrift(comparison),
    ...match.added.map((index): EndpointDrift => ({ type: 'endpoint.added', endpoint: at(after.endpoints, index) })),
    ...match.removed.map((index): EndpointDrift => ({
      type: 'endpoint.removed',
      endpoint: at(before.endpoints, index),
    })),
  ];
}

/** Whether some endpoint has an address of a family, or may have one: else nobody outside that has is ever met. */
function maySpeak({ endpoints }: CompiledSnapshot, family: 4 | 6): boolean {
  return endpoints.some(({ ips }) => ips.length === 0 || ips.some((ip) => ip.family === family));
}

/** One endpoint for all parts of the address space that no policy tells apart, under the name of those parts. */
function outsideEndpoints(
  snapshots: readonly CompiledSnapshot[],
  reading: ReadingName,
  family: 4 | 6,
): readonly Endpoint[] {
  const parts = new Map<Endpoint, string[]>();
  for (const { key, endpoints } of addressPeers(snapshots, reading, family)) {
    for (const endpoint of endpoints) pushTo(parts, endpoint, key);
  }
  return [...parts].map(([endpoint, ranges]) => ({ ...endpoint, name: partsText(ranges) }));
}

function partsText(ranges: readonly string[]): string {
  const shown = ranges.slice(0, MOST_PARTS).join(' + ');
  return ranges.length <= MOST_PARTS ? shown : `${shown} + ${ranges.length - MOST_PARTS} more`;
}

const MOST_PARTS = 3;

const at = <T>(list: readonly T[], index: number): T => list[index] as T;

function enforcementDrift(before: CompiledSnapshot, after: CompiledSnapshot): EnforcementDrift[] {
  const told = ({ cni }: CompiledSnapshot): string => canonicalJson({ ...cni, evidence: null, confidence: null });
  return told(before) === told(after) ? [] : [{ type: 'enforcement.changed', before: before.cni, after: after.cni }];
}

/** Two states with the classes of endpoints that neither tells apart. */
interface Comparison {
  readonly before: CompiledSnapshot;
  readonly after: CompiledSnapshot;
  readonly reading: ReadingName;
  readonly common: CommonTable;
  /** Protocols beyond TCP, UDP and SCTP that are compared: those that policies of a state name. */
  readonly others: readonly Protocol[];
  /** By common class. */
  readonly members: readonly (readonly Pair[])[];
  /** Whether some endpoint may be isolated that was not, or the other way round. */
  readonly mayIsolate: boolean;
}

function* comparing(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  reading: ReadingName,
  match: EndpointMatch,
  outside: readonly Endpoint[],
): Generator<null, Comparison> {
  const others = otherProtocols([before, after].flatMap((state) => state[reading].sets));
  const was = yield* makingRowTable(before, reading, outside, others);
  const tables = [was, yield* makingRowTable(after, reading, outside, others)] as const;
  yield null;
  const [inBefore, inAfter] = [before.endpoints.length, after.endpoints.length];
  const pairs = [...match.pairs, ...outside.map((_, index) => [inBefore + index, inAfter + index] as const)];
  const affected = yield* findingAffectedClasses(
    { reading: before[reading], classes: tables[0].classes, endpoints: tables[0].endpoints },
    { reading: after[reading], classes: tables[1].classes, endpoints: tables[1].endpoints },
    pairs,
  );
  yield null;
  const common = refineTables(...tables, pairs, affected);
  yield null;
  const members = common.members.map((pairs) =>
    pairs.map((pair): Pair => [at(tables[0].endpoints, pair[0]), at(tables[1].endpoints, pair[1])]),
  );
  return { before, after, reading, common, others, members, mayIsolate: affected === null };
}

function* findingConnections(comparison: Comparison): Generator<null, readonly ConnectionDrift[]> {
  const out: ConnectionDrift[] = [];
  for (const change of yield* findingRowChanges(comparison.common)) {
    out.push(...entriesOf(change, comparison));
    yield null;
  }
  return out;
}

/** An endpoint as each state has it. */
type Pair = readonly [Endpoint, Endpoint];

function entriesOf(
  change: RowChange,
  { before, after, reading, common, members, others }: Comparison,
): ConnectionDrift[] {
  const allowed = (numbers: readonly number[]): ConnectionSet => {
    const ports = numbers.map((number) => at(common.ports, number));
    return connectionsOf(ports, others);
  };
  const [was, is] = [allowed(change.allowedBefore), allowed(change.allowedAfter)];
  const gained = subtractConnections(is, was);
  const lost = subtractConnections(was, is);
  const moved = isEmpty(gained) ? lost : gained;
  const destinations = change.destinations.flatMap((id) => at(members, id));
  const flow = flowWithin(moved, destinations);
  if (flow === null) return [];
  const decide = (snapshot: CompiledSnapshot, source: Endpoint, destination: Endpoint): FlowDecision | null => {
    const decisions = flowsBetween(source, destination, flow.protocol, flow.port).map((each) =>
      evaluatePair(snapshot, source, destination, each, reading),
    );
    return decisions.find(({ verdict }) => verdict === 'allow') ?? decisions[0] ?? null;
  };
  const sources = change.sources.flatMap((id) => at(members, id));
  const differs = (from: Pair, to: Pair): boolean =>
    decide(before, from[0], to[0])?.verdict !== decide(after, from[1], to[1])?.verdict;
  return withoutExempt(sources, destinations, differs).flatMap((block): ConnectionDrift[] => {
    const example = examplePair(block);
    if (example === null) return [];
    const [from, to] = example;
    const cause = { before: causeOf(decide(before, from[0], to[0])), after: causeOf(decide(after, from[1], to[1])) };
    const open = cause.before.verdict === 'unknown' || cause.after.verdict === 'unknown';
    return [
      {
        type: open ? 'uncertain' : typeOf(was, is, gained, lost),
        sources: block.sources.map((pair) => pair[1]),
        destinations: block.destinations.map((pair) => pair[1]),
        before: was,
        after: is,
        pairs: countPairs(block),
        example: { before: [from[0], to[0]], after: [from[1], to[1]], ...flow },
        cause,
      },
    ];
  });
}

/** One of the connections that came or went; where there is a choice, to a port that somebody listens on. */
function flowWithin(
  moved: ConnectionSet,
  destinations: readonly Pair[],
): { readonly protocol: Protocol; readonly port: number } | null {
  for (const [, { ports }] of destinations) {
    const served = ports.find(({ protocol, port }) => hasNumber(moved.get(protocol) ?? [], port));
    if (served !== undefined) return { protocol: served.protocol, port: served.port };
  }
  for (const [protocol, [range]] of moved) if (range !== undefined) return { protocol, port: range[0] };
  return null;
}

function typeOf(
  before: ConnectionSet,
  after: ConnectionSet,
  gained: ConnectionSet,
  lost: ConnectionSet,
): ConnectionDrift['type'] {
  if (isEmpty(before)) return 'opened';
  if (isEmpty(after)) return 'closed';
  if (isEmpty(lost)) return 'widened';
  return isEmpty(gained) ? 'narrowed' : 'changed';
}

/** Every source to every destination. */
interface Block {
  readonly sources: Pair[];
  readonly destinations: readonly Pair[];
}

/**
 * Splits a block so that no pair is left that an exemption keeps open in both states. Rows know nothing of exemptions;
 * only pairs on one node with a host at one side can have one, so only those are asked about.
 */
function withoutExempt(
  sources: readonly Pair[],
  destinations: readonly Pair[],
  differs: (from: Pair, to: Pair) => boolean,
): readonly Block[] {
  const hosts = destinations.filter((pair) => pair.some(isHost));
  const blocks = new Map<string, Block>();
  for (const from of sources) {
    const asked = from.some(isHost) ? destinations : hosts;
    const exempt = asked.filter((to) => from[1] !== to[1] && onOneNode(from, to) && !differs(from, to));
    const key = exempt.map((to) => `${to[1].kind}/${to[1].namespace}/${to[1].name}`).join();
    const known = blocks.get(key);
    if (known !== undefined) known.sources.push(from);
    else {
      const left = exempt.length === 0 ? destinations : destinations.filter((to) => !exempt.includes(to));
      blocks.set(key, { sources: [from], destinations: left });
    }
  }
  return [...blocks.values()];
}

function onOneNode(from: Pair, to: Pair): boolean {
  return ([0, 1] as const).some((side) => from[side].node !== '' && from[side].node === to[side].node);
}

function examplePair({ sources, destinations }: Block): readonly [Pair, Pair] | null {
  for (const from of sources) {
    const to = destinations.find((each) => each[1] !== from[1]);
    if (to !== undefined) return [from, to];
  }
  return null;
}

function countPairs({ sources, destinations }: Block): number {
  const there = new Set(destinations.map((pair) => pair[1]));
  return sources.length * destinations.length - sources.filter((pair) => there.has(pair[1])).length;
}

function causeOf(decision: FlowDecision | null): DriftCause {
  return { verdict: decision?.verdict ?? 'deny', rules: decidingRules(decision) };
}

/** The rules of the direction that settles the flow; of both when both let it pass. */
function decidingRules(decision: FlowDecision | null): readonly RuleRef[] {
  if (decision === null) return [];
  return [decision.egress, decision.ingress]
    .filter(({ verdict }) => verdict === decision.verdict)
    .flatMap(({ determining }) => determining);
}

/** One member speaks for its class: what selects subjects cannot tell them apart. */
function isolationDrift({ before, after, reading, members, mayIsolate }: Comparison): IsolationDrift[] {
  if (!mayIsolate) return [];
  const found = new Map<string, IsolationDrift & { readonly endpoints: Endpoint[] }>();
  for (const pairs of members) {
    const [earlier, later] = at(pairs, 0);
    if (later.kind === 'external') continue;
    for (const direction of ['ingress', 'egress'] as const) {
      const was = isolatingPolicies(before, reading, earlier, direction);
      const is = isolatingPolicies(after, reading, later, direction);
      if (was.length > 0 === is.length > 0) continue;
      const type = is.length > 0 ? 'isolation.gained' : 'isolation.lost';
      const policies = is.length > 0 ? is : was;
      const endpoints = pairs.map((pair) => pair[1]);
      const key = `${type} ${direction} ${JSON.stringify(policies)}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { type, direction, endpoints, policies });
      else known.endpoints.push(...endpoints);
    }
  }
  return [...found.values()];
}
