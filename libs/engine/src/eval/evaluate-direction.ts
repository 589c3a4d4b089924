import type { Direction, DirectionDecision, Limits, Verdict } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { NO, YES } from '../compile/match-selector.js';
import { samePolicy } from '../compile/policy-set.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { Flow } from './flow.js';
import { asksOfRequests, exampleRequests } from './example-requests.js';
import {
  alike,
  bothLimits,
  bothWays,
  describeOpen,
  limitsBeside,
  limitsOf,
  ofAuthenticated,
  waitsForAuthentication,
} from './left-open.js';
import { matchEntry } from './match-entry.js';
import { codesOf, decision, source } from './direction-decision.js';
import type { Outcome } from './direction-decision.js';
import { TraceRecorder } from './recorder.js';
import { Walk, walk } from './walk-tiers.js';
import type { Heeds, Reading, WalkTier } from './walk-tiers.js';

/**
 * What a decision tells: its evidence, or verdict and reason alone, of which those rules are asked that many policies
 * share. Then it names no rule, and its only step is the tier that denied.
 */
export type Detail = 'evidence' | 'codes';

/**
 * Decides one direction of a flow in one gate: tiers in order, groups of equal order in order, first allow or deny is
 * final, pass leaves the tier, and a tier whose entries isolate the subject denies at its end.
 *
 * Where a part cannot be told, the walk is made again, in favour of the flow as well as against it. If both agree that is
 * the verdict; if the request alone stands between them, or a request is found that passes although rules deny some, the
 * verdict is an allow that says what it is limited to; otherwise it is unknown, and says which names would make it an allow.
 */
export function evaluateDirection(
  tiers: readonly WalkTier[],
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  heeds: Heeds = 'isolation',
  detail: Detail = 'evidence',
): DirectionDecision {
  if (detail === 'codes') {
    const state = new Walk(direction, subject, peer, flow, 'restrictive', heeds, null);
    const outcome = walk(tiers, state);
    if (state.open === null || outcome.allowed) return codesOf(direction, outcome);
  }
  const recorder = new TraceRecorder(direction, flow);
  const state = new Walk(direction, subject, peer, flow, 'restrictive', heeds, recorder);
  const outcome = walk(tiers, state);
  const { open } = state;
  if (open === null || outcome.allowed) return decision(outcome.allowed ? 'allow' : 'deny', outcome, recorder);
  return openDecision(tiers, state, open, outcome, recorder);
}

/** The decision where the walk against the flow denied it and left something open. */
function openDecision(
  tiers: readonly WalkTier[],
  state: Walk,
  open: readonly ReadyEntry[],
  outcome: Outcome,
  recorder: TraceRecorder,
): DirectionDecision {
  const { direction, subject, peer, flow, heeds } = state;
  const attempt = (
    reading: Reading,
    asked = flow,
  ): { outcome: Outcome; open: ReadyEntry[] | null; recorder: TraceRecorder } => {
    const recorder = new TraceRecorder(direction, asked);
    const again = new Walk(direction, subject, peer, asked, reading, heeds, recorder);
    return { outcome: walk(tiers, again), open: again.open, recorder };
  };
  if (waitsForAuthentication(open, flow)) {
    const suppose = (authenticated: boolean): DirectionDecision =>
      evaluateDirection(tiers, direction, subject, peer, { ...flow, authenticated }, heeds);
    const decided = ofAuthenticated(suppose(false), suppose(true));
    if (decided !== null) return decided;
  }
  const limits = (allowed: Outcome): readonly Limits[] =>
    (allowed.allowed ? limitsOf(allowed.determining, flow, { direction, subject, peer }) : null) ?? [];
  const requests = attempt('requests');
  if (requests.outcome.allowed) {
    return { ...decision('allow', requests.outcome, requests.recorder), onlyFor: limits(requests.outcome) };
  }
  const permissive = attempt('permissive');
  if (!permissive.outcome.allowed) return decision('deny', outcome, recorder);
  const ways = bothWays([open, permissive.open], flow, (way) =>
    evaluateDirection(tiers, direction, subject, peer, way, heeds),
  );
  if (ways !== null && agree(ways[0].verdict, ways[1].verdict, tiers, state)) return alike(...ways);
  const rules = requestRules(tiers, direction, subject);
  for (const l7 of exampleRequests(rules, flow.l7)) {
    const example = attempt('restrictive', { ...flow, l7 });
    if (!example.outcome.allowed) continue;
    const inFavour = new Walk(direction, subject, peer, flow, 'permissive', heeds, null);
    const denials = rules.filter(
      (entry) =>
        entry.rule.action === 'deny' && example.recorder.hasMet(entry) && matchEntry(entry, YES, inFavour) !== NO,
    );
    const isTold = (entry: ReadyEntry): boolean => denials.some((denial) => sameRule(denial, entry));
    const allows = example.outcome.determining.filter((entry) => !isTold(entry));
    const onlyFor = bothLimits(limitsOf(allows, flow, inFavour) ?? [], limitsBeside(denials, flow));
    return { ...decision('allow', example.outcome, example.recorder), onlyFor };
  }
  const undecided = [...new Set(open)];
  recorder.step('', 'unknown', undecided.map(source), describeOpen(undecided));
  return {
    ...decision('unknown', outcome, recorder),
    reason: 'unevaluable',
    determining: undecided.map(source),
    onlyFor: limits(attempt('names').outcome),
  };
}

/** The verdict alone, for callers that ask about very many flows. */
export function directionVerdict(
  tiers: readonly WalkTier[],
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  heeds: Heeds = 'isolation',
): Verdict {
  const first = new Walk(direction, subject, peer, flow, 'restrictive', heeds, null);
  if (walk(tiers, first).allowed) return 'allow';
  return first.open === null ? 'deny' : openVerdict(tiers, first);
}

/** The verdict where it holds whatever a request asks for and whatever cannot be told turns out to be, else null. */
export function settledVerdict(
  tiers: readonly WalkTier[],
  direction: Direction,
  subject: Endpoint,
  peer: Endpoint,
  flow: Flow,
  heeds: Heeds = 'isolation',
): 'allow' | 'deny' | null {
  const against = new Walk(direction, subject, peer, flow, 'restrictive', heeds, null);
  if (walk(tiers, against).allowed) return 'allow';
  if (against.open === null) return 'deny';
  const inFavour = new Walk(direction, subject, peer, flow, 'permissive', heeds, null);
  if (!walk(tiers, inFavour).allowed) return 'deny';
  const ways = bothWays([against.open, inFavour.open], flow, (way) =>
    settledVerdict(tiers, direction, subject, peer, way, heeds),
  );
  return ways !== null && ways[0] === ways[1] ? ways[0] : null;
}

/** The verdict where the walk against the flow denied it and left something open. */
function openVerdict(tiers: readonly WalkTier[], state: Walk): Verdict {
  const { direction, subject, peer, flow, heeds, open } = state;
  const inReading = (reading: Reading, asked = flow): Walk =>
    new Walk(direction, subject, peer, asked, reading, heeds, null);
  if (open !== null && waitsForAuthentication(open, flow)) {
    return directionVerdict(tiers, direction, subject, peer, { ...flow, authenticated: true }, heeds);
  }
  if (walk(tiers, inReading('requests')).allowed) return 'allow';
  const inFavour = inReading('permissive');
  if (!walk(tiers, inFavour).allowed) return 'deny';
  const ways = bothWays([open, inFavour.open], flow, (way) =>
    directionVerdict(tiers, direction, subject, peer, way, heeds),
  );
  if (ways !== null && agree(...ways, tiers, state)) return ways[0];
  for (const l7 of exampleRequests(requestRules(tiers, direction, subject), flow.l7)) {
    if (walk(tiers, inReading('restrictive', { ...flow, l7 })).allowed) return 'allow';
  }
  return 'unknown';
}

/** Whether a flow has one verdict if the mesh carries it and if it does not: an allow for the sake of one request alike. */
function agree(one: Verdict, other: Verdict, tiers: readonly WalkTier[], state: Walk): boolean {
  return one === other && (one !== 'allow' || someRequestPassesBothWays(tiers, state));
}

/**
 * Of a flow that is allowed if the mesh carries it and if it does not, for some requests at least: whether there is one
 * that passes both ways, as there is where one of them lets everything pass.
 */
function someRequestPassesBothWays(
  tiers: readonly WalkTier[],
  { direction, subject, peer, flow, heeds }: Walk,
): boolean {
  const passes = (asked: Flow): boolean =>
    walk(tiers, new Walk(direction, subject, peer, asked, 'restrictive', heeds, null)).allowed;
  const ways: readonly Flow[] = [false, true].map((carried) => ({ ...flow, carried }));
  if (ways.some(passes)) return true;
  for (const l7 of exampleRequests(requestRules(tiers, direction, subject), flow.l7)) {
    if (ways.every((way) => passes({ ...way, l7 }))) return true;
  }
  return false;
}

/** Rules about requests that select the subject: of all walks the same, whatever else they leave open. */
function requestRules(tiers: readonly WalkTier[], direction: Direction, subject: Endpoint): readonly ReadyEntry[] {
  return tiers
    .flatMap(({ groups }) => groups[direction].groupsFor(subject).flat())
    .filter((entry) => asksOfRequests(entry) && entry.subject(subject, subject) !== NO);
}

/** Whether one rule made both entries, as one does that denies what requests it does not allow. */
const sameRule = (a: ReadyEntry, b: ReadyEntry): boolean =>
  samePolicy(a, b) && a.rule.source.pointer === b.rule.source.pointer;
