import type { Direction, DirectionDecision, DirectionReason, RuleRef, Verdict } from '../model/index.js';
import type { ReadyEntry } from '../compile/ready-entry.js';
import type { TraceRecorder } from './recorder.js';

/** What a walk through the tiers came to. */
export interface Outcome {
  readonly allowed: boolean;
  readonly reason: DirectionReason;
  readonly determining: readonly ReadyEntry[];
  /** Of the rules; '' where none matched. */
  readonly tier: string;
}

export const DEFAULT_ALLOW: Outcome = { allowed: true, reason: 'default-allow', determining: [], tier: '' };

export const source = (ready: ReadyEntry): RuleRef => ready.source;

/** A decision with what was noted on the way. */
export function decision(verdict: Verdict, outcome: Outcome, recorder: TraceRecorder): DirectionDecision {
  return {
    direction: recorder.direction,
    verdict,
    reason: outcome.reason,
    determining: outcome.determining.map(source),
    steps: recorder.steps,
    nearMisses: verdict === 'allow' ? [] : recorder.nearMisses(),
    onlyFor: [],
    diagnostics: [],
  };
}

/** A decision without evidence. */
export function codesOf(direction: Direction, { allowed, reason, tier }: Outcome): DirectionDecision {
  return {
    direction,
    verdict: allowed ? 'allow' : 'deny',
    reason,
    determining: [],
    steps: allowed || tier === '' ? [] : [{ direction, tier, outcome: 'deny', rules: [], why: '' }],
    nearMisses: [],
    onlyFor: [],
    diagnostics: [],
  };
}
