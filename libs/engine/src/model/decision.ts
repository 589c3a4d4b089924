import type { Diagnostic } from './diagnostic.js';
import type { Action, Condition, Direction, RuleRef } from './policy.js';
import type { NamePattern } from './selector.js';

/** What happens to a flow. Unknown is a verdict of its own: it never turns into allow. */
export type Verdict = 'allow' | 'deny' | 'unknown';

/** Which part of a rule did not match. */
export type MismatchPart = 'peer' | 'namespace' | 'port' | 'protocol' | 'family' | 'condition';

/** A rule that almost applied: everything matched but `part`. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly part: MismatchPart;
  /** Short, as `port 8443 not in 8080`. */
  readonly why: string;
}

/** What one tier (or a fact such as the own-node exemption) contributed in one direction. */
export interface TraceStep {
  readonly direction: Direction;
  /** Tier id, or '' for a step outside every tier. */
  readonly tier: string;
  readonly outcome: Action | 'no-match' | 'not-isolated' | 'isolated' | 'unknown';
  /** The rules that brought the outcome. Empty for `not-isolated`. */
  readonly rules: readonly RuleRef[];
  readonly why: string;
}

/** Why a direction came out as it did: stable codes, listed in the API conventions. */
export type DirectionReason =
  | 'rule-matched'
  | 'isolated-no-rule-matched'
  | 'default-allow'
  | 'default-deny'
  | 'not-subject'
  | 'same-pod'
  | 'same-node'
  | 'unevaluable';

/** What lets a flow pass that its question left open: the request, or the name whose address an outside address is. */
export type Limit = Condition | { readonly type: 'hostName'; readonly patterns: readonly NamePattern[] };

/** Limits that must all hold. */
export type Limits = readonly Limit[];

/** The verdict of one gate in one direction, with its evidence. */
export interface DirectionDecision {
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly reason: DirectionReason;
  /** The rules that settled it: the matching rule, or the isolating policies. */
  readonly determining: readonly RuleRef[];
  readonly steps: readonly TraceStep[];
  readonly nearMisses: readonly NearMiss[];
  /**
   * What the flow must be to pass: an allow holds only for requests that meet one of these, an unknown would be an allow
   * for them; empty when nothing of the kind limits it.
   */
  readonly onlyFor: readonly Limits[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Both directions of one gate, combined: deny beats unknown beats allow. */
export interface FlowDecision {
  readonly verdict: Verdict;
  readonly egress: DirectionDecision;
  readonly ingress: DirectionDecision;
}

/** Combines verdicts of stages that must all admit a flow. */
export function combineVerdicts(verdicts: Iterable<Verdict>): Verdict {
  let unknown = false;
  for (const verdict of verdicts) {
    if (verdict === 'deny') return 'deny';
    if (verdict === 'unknown') unknown = true;
  }
  return unknown ? 'unknown' : 'allow';
}
