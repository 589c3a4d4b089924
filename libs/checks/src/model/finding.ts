import type { ObjectRef, Verdict } from '#engine';

import type { Fix } from '../fix/fix.js';
import type { Confidence, Severity } from './severity.js';

/** What a check, and each of its findings, speaks of. A workload is the owner of pods, never a pod that has one. */
export const SCOPES = ['cluster', 'namespace', 'workload', 'policy', 'rule', 'node'] as const;
export type ScopeType = (typeof SCOPES)[number];

/** One thing that was looked at and what it was. */
export interface Evidence {
  readonly what: string;
  readonly value: string;
}

/** A flow that shows the finding: decided by the engine in both readings of policy. */
export interface Counterexample {
  /** `shop/web-1`, `any pod of any namespace`, or an address. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  /** Null for any. */
  readonly port: number | null;
  /** What policy says. */
  readonly intended: Verdict;
  /** What this cluster's network plugin makes of it. */
  readonly enforced: Verdict;
  /** Names the rules that decided. */
  readonly summary: string;
}

/** What a check found at one place. The runner adds the check's own data and the fingerprint. */
export interface FindingDraft {
  /** One line without a full stop, in lower case but for names. */
  readonly title: string;
  /** The check's own severity when it is left out. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly scope: ScopeType;
  /** The object the finding is about; null for the cluster. */
  readonly object: ObjectRef | null;
  /** JSON pointer into the object, '' for the whole. */
  readonly pointer?: string;
  /** Other objects involved. */
  readonly related?: readonly ObjectRef[];
  readonly evidence: readonly Evidence[];
  readonly counterexample: Counterexample | null;
  readonly fix: Fix | null;
}

/**
 * What running a check came to. `unknown`: what is there does not settle it. `skip`: a source that it needs is missing.
 * `error`: the check itself broke.
 */
export const OUTCOMES = ['pass', 'fail', 'unknown', 'not-applicable', 'skip', 'error'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The outcome of one run, with a reason for everything that is neither a pass nor a fail. */
export type CheckOutcome =
  | { readonly outcome: 'pass' }
  | {
      readonly outcome: 'fail';
      readonly findings: readonly FindingDraft[];
      /** What could not be told beside the findings, '' for nothing. */
      readonly reason: string;
    }
  | { readonly outcome: 'unknown' | 'not-applicable' | 'skip'; readonly reason: string };

/** How a check comes from what it looked at to its outcome: findings count, then doubts, then whether there was anything. */
export function conclude(seen: {
  /** How many things were examined. */
  readonly examined: number;
  readonly findings: readonly FindingDraft[];
  /** One line for each thing that could not be told. */
  readonly open?: readonly string[];
  /** Why the check does not apply when nothing was examined. */
  readonly nothing: string;
}): CheckOutcome {
  const open = [...new Set(seen.open ?? [])];
  const reason = open.length <= 3 ? open.join('; ') : `${open.slice(0, 3).join('; ')} and ${open.length - 3} more`;
  if (seen.findings.length > 0) return { outcome: 'fail', findings: seen.findings, reason };
  if (open.length > 0) return { outcome: 'unknown', reason };
  return seen.examined === 0 ? { outcome: 'not-applicable', reason: seen.nothing } : { outcome: 'pass' };
}
