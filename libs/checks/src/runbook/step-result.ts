import type { Fix } from '../fix/fix.js';
import type { Evidence } from '../model/finding.js';
import type { Conclusion, StepResult } from './model.js';

/** The parts of a result that are seldom needed. */
export interface StepDetails {
  readonly source?: string;
  readonly evidence?: readonly Evidence[];
  readonly next?: string;
}

const SNAPSHOT = 'snapshot';

function result(
  outcome: StepResult['outcome'],
  found: string,
  details: StepDetails,
  conclusion: Conclusion | null,
): StepResult {
  return { outcome, found, source: SNAPSHOT, evidence: [], next: '', ...details, conclusion };
}

/** It is as it must be. */
export function pass(found: string, details: StepDetails = {}): StepResult {
  return result('pass', found, details, null);
}

/** It is not as it must be, but that alone settles nothing. */
export function fail(found: string, details: StepDetails = {}): StepResult {
  return result('fail', found, details, null);
}

/** It is the cause. */
export function cause(
  found: string,
  answer: string,
  remedy: { readonly advice?: readonly string[]; readonly fix?: Fix | null },
  details: StepDetails = {},
): StepResult {
  const { advice = [], fix = null } = remedy;
  return result('fail', found, details, { result: 'cause', answer, advice, fix });
}

/** What was asked about works. */
export function works(found: string, answer: string, advice: readonly string[], details: StepDetails = {}): StepResult {
  return result('pass', found, details, { result: 'not-the-cause', answer, advice, fix: null });
}

/** What is there does not settle it. */
export function unknown(found: string, details: StepDetails = {}): StepResult {
  return result('unknown', found, details, null);
}

/** A source is missing. */
export function skip(reason: string, details: StepDetails = {}): StepResult {
  return result('skip', reason, details, null);
}

/** The question does not arise. */
export function notApplicable(reason: string): StepResult {
  return result('not-applicable', reason, {}, null);
}
