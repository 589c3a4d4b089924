import type { Direction, PolicyEntry } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { Matcher, Tri } from '../compile/match-selector.js';
import { samePolicy } from '../compile/policy-set.js';
import type { ReadyTier } from '../compile/policy-set.js';
import type { SubjectIndex } from '../compile/subject-index.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { Flow } from './flow.js';
import { areRequests, entryLimits } from './left-open.js';
import { matchEntry } from './match-entry.js';
import { DEFAULT_ALLOW, source } from './direction-decision.js';
import type { Outcome } from './direction-decision.js';
import type { Mark, TraceRecorder } from './recorder.js';

/** What a walk needs of a tier: its entries for a subject, in groups of equal order. */
export interface WalkTier extends Pick<ReadyTier, 'tier'> {
  readonly groups: Readonly<Record<Direction, Pick<SubjectIndex, 'isEmpty' | 'groupsFor' | 'rulesFor'>>>;
}

/**
 * How an undecidable part is read: against the flow; against it, but taking the request to be one that a rule allows
 * (`requests`), and an outside address to be one of a name that it allows (`names`); or in favour of the flow.
 */
export type Reading = 'restrictive' | 'requests' | 'names' | 'permissive';

/**
 * What a walk heeds: rules, and isolation where none of them matches; rules alone; or all but the tier of NetworkPolicy,
 * which by isolating a pod still keeps it from later tiers.
 */
export type Heeds = 'isolation' | 'rules-alone' | 'cluster-wide';

/** One walk through the tiers: what is asked, how open parts are read, and what was open on the way. */
export class Walk {
  /** Entries that could not be decided on the way; null while there is none, which is nearly always. */
  open: ReadyEntry[] | null = null;
  /** In the tier at hand a pass that may or may not match was met before anything was decided. */
  mayPass = false;

  constructor(
    readonly direction: Direction,
    readonly subject: Endpoint,
    readonly peer: Endpoint,
    readonly flow: Flow,
    readonly reading: Reading,
    readonly heeds: Heeds,
    readonly recorder: TraceRecorder | null,
  ) {}

  leaveOpen(entry: ReadyEntry): void {
    if (this.open === null) this.open = [entry];
    else this.open.push(entry);
  }
}

/** Walks the tiers from one of them on. */
export function walk(tiers: readonly WalkTier[], state: Walk, from = 0): Outcome {
  let index = from;
  while (index < tiers.length) {
    const mark = state.recorder?.mark() ?? null;
    state.mayPass = false;
    const result = walkTier(tiers[index] as WalkTier, state);
    if (result === 'pass') index = passTarget(tiers, index);
    else if (passIsOpen(state)) return eitherWay(tiers, state, index, result, mark);
    else if (result === 'next') index++;
    else return result;
  }
  return DEFAULT_ALLOW;
}

const passIsOpen = (state: Walk): boolean => state.mayPass;

/**
 * A pass of this tier may or may not match, so both ways are tried: as all passes of a tier lead to the same place, the
 * one that suits the reading is enough.
 */
function eitherWay(
  tiers: readonly WalkTier[],
  state: Walk,
  index: number,
  result: Outcome | 'next',
  before: Mark | null,
): Outcome {
  const { recorder } = state;
  const stayed = result === 'next' ? walk(tiers, state, index + 1) : result;
  if (stayed.allowed === (state.reading === 'permissive')) return stayed;
  const left = recorder?.mark() ?? null;
  const passed = walk(tiers, state, passTarget(tiers, index));
  const better = passed.allowed !== stayed.allowed;
  if (before !== null && left !== null) {
    if (better) recorder?.forget(before, left);
    else recorder?.forget(left);
  }
  return better ? passed : stayed;
}

/** The tier that a pass leads to: the one named, if it comes later, else the next. */
export function passTarget(tiers: readonly Pick<WalkTier, 'tier'>[], index: number): number {
  const name = tiers[index]?.tier.passTo ?? '';
  const target = name === '' ? -1 : tiers.findIndex((candidate) => candidate.tier.id === name);
  return target > index ? target : index + 1;
}

function walkTier(ready: WalkTier, state: Walk): Outcome | 'next' | 'pass' {
  const { tier } = ready;
  if (state.heeds === 'cluster-wide' && tier.id === 'default') return spare(ready, state);
  const plain = state.recorder === null;
  const isolation = state.heeds === 'isolation';
  let isolating: ReadyEntry[] | null = null;
  let selected = false;
  let selects: Matcher | null = null;
  let subject: Tri = NO;
  const index = ready.groups[state.direction];
  for (const group of plain ? index.rulesFor(state.subject) : index.groupsFor(state.subject)) {
    state.recorder?.meet(group);
    let matched: ReadyEntry[] | null = null;
    let openPass: ReadyEntry | null = null;
    for (const entry of group) {
      // Where only policies have no order among them, the first rule of each that matches speaks for it.
      if (matched !== null && entry.rule.tieUndefined && samePolicy(matched.at(-1) as ReadyEntry, entry)) continue;
      // The rules of a policy mostly stand together, and share what selects their subject.
      if (entry.subject !== selects) {
        selects = entry.subject;
        subject = selects(state.subject, state.subject);
      }
      if (subject === NO) continue;
      selected = true;
      if (isolation && entry.isolates && decide(subject, 'deny', entry, state)) (isolating ??= []).push(entry);
      const match = matchEntry(entry, subject, state);
      if (match === NO) continue;
      if (match === MAYBE && entry.rule.action === 'pass') openPass = entry;
      if (!decide(match, entry.rule.action, entry, state)) continue;
      (matched ??= []).push(entry);
      // Those that it would beat come after it.
      if (plain && matched.length === 1 && !entry.rule.tieUndefined) break;
    }
    if (openPass !== null && (matched === null || hasNoOrder([openPass, ...matched]))) state.mayPass = true;
    if (matched === null) continue;
    return settle(matched, tier.id, state);
  }
  if (isolating !== null) {
    const names = 'no rule of the policies that isolate it matches';
    state.recorder?.step(tier.id, 'isolated', isolating.map(source), names);
    return { allowed: false, reason: 'isolated-no-rule-matched', determining: isolating, tier: '' };
  }
  const isolates = tier.isolatesLater !== true;
  if (selected) {
    const what = `policies select it, no rule matches${isolates ? ', none isolates it' : ''}`;
    state.recorder?.step(tier.id, 'no-match', [], what);
  }
  // Of tiers that the cluster does not use only NetworkPolicy's is worth a line.
  else if ((tier.id === 'default' && isolates) || !index.isEmpty) {
    state.recorder?.step(tier.id, 'not-isolated', [], 'no policy selects it');
  }
  return 'next';
}

/** NetworkPolicy has the last word about whom it isolates, and lets a pod reach itself. */
function spare({ tier, groups }: WalkTier, state: Walk): Outcome | 'next' {
  const { direction, subject, recorder } = state;
  const isolating = groups[direction]
    .groupsFor(subject)
    .flat()
    .filter((entry) => entry.rule.isolates && decide(entry.subject(subject, subject), 'allow', entry, state));
  if (isolating.length === 0) return 'next';
  recorder?.step(tier.id, 'allow', [], 'NetworkPolicy does not judge what a pod sends to itself');
  return { allowed: true, reason: 'same-pod', determining: [], tier: '' };
}

const hasNoOrder = (entries: readonly ReadyEntry[]): boolean => entries.some(({ rule }) => rule.tieUndefined);

/** Reads a three-valued match for an action: what is open counts for the flow or against it. */
function decide(match: Tri, action: 'allow' | 'deny' | 'pass', entry: ReadyEntry, state: Walk): boolean {
  if (match !== MAYBE) return match === YES;
  state.leaveOpen(entry);
  if (action === 'pass') return false;
  if (state.reading === 'permissive' || state.reading === 'restrictive') {
    return (action === 'allow') === (state.reading === 'permissive');
  }
  if (action === 'deny') return true;
  // Where policies have no order a request must suit them all: which one does is seen when it is tried.
  if (state.reading === 'requests' && entry.rule.tieUndefined) return false;
  const limits = entryLimits(entry, state.flow, state);
  return limits !== null && (state.reading === 'names' || areRequests(limits));
}

/** Settles one group: deny beats allow beats pass, unless the kind leaves a conflict open. */
function settle(matched: readonly ReadyEntry[], tier: string, state: Walk): Outcome | 'pass' {
  const first = matched[0] as ReadyEntry;
  if (matched.length === 1 && first.rule.action !== 'pass') {
    return outcomeOf(matched, first.rule.action === 'allow', tier, state);
  }
  const by = (action: PolicyEntry['action']): ReadyEntry[] => matched.filter((ready) => ready.rule.action === action);
  const allow = by('allow');
  const deny = by('deny');
  const pass = by('pass');
  const conflict = new Set(matched.map((ready) => ready.rule.action)).size > 1;
  const undefinedTie = conflict && hasNoOrder(matched);
  const permissive = undefinedTie && state.reading === 'permissive';
  if (undefinedTie) for (const ready of matched) state.leaveOpen(ready);
  // A pass leads to an allow or a deny, so it lies between them.
  const denies = deny.length > 0 && !(permissive && (allow.length > 0 || pass.length > 0));
  if (denies) return outcomeOf(deny, false, tier, state);
  const allows = allow.length > 0 && !(undefinedTie && !permissive && pass.length > 0);
  if (allows) return outcomeOf(allow, true, tier, state);
  state.recorder?.step(tier, 'pass', pass.map(source), 'a matching rule passes the decision on');
  return 'pass';
}

const DENIALS = {
  deny: 'a rule denies it',
  drop: 'a rule drops it without an answer',
  reject: 'a rule rejects it with an answer to the client',
} as const;

function denial(entries: readonly ReadyEntry[]): string {
  if (entries.every(({ rule }) => rule.source.pointer === '')) {
    return 'no rule of the policies that refuse the rest matches';
  }
  return DENIALS[entries[0]?.rule.source.refusal ?? 'deny'];
}

function outcomeOf(entries: readonly ReadyEntry[], allowed: boolean, tier: string, state: Walk): Outcome {
  if (state.recorder !== null) {
    const why = allowed ? 'a rule allows it' : denial(entries);
    state.recorder.step(tier, allowed ? 'allow' : 'deny', entries.map(source), why);
  }
  return { allowed, reason: 'rule-matched', determining: entries, tier };
}
