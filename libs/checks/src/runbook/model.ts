import type { Fix, Prediction } from '../fix/fix.js';
import type { Evidence } from '../model/finding.js';

/** What a step came to. `fail`: what it looked at is not as it must be. `skip`: a source is missing. */
export const STEP_OUTCOMES = ['pass', 'fail', 'unknown', 'skip', 'not-applicable'] as const;
export type StepOutcome = (typeof STEP_OUTCOMES)[number];

/** What a step looks at. `probe` is work for a person in the cluster. */
export const STEP_SOURCES = ['inventory', 'model', 'history', 'metric', 'flows', 'probe'] as const;
export type StepSource = (typeof STEP_SOURCES)[number];

/** What settles a run. */
export interface Conclusion {
  /** `cause`: this is why. `not-the-cause`: what was asked about works, look elsewhere. */
  readonly result: 'cause' | 'not-the-cause';
  /** The answer, one line, that a tired person understands. */
  readonly answer: string;
  /** What to do, in order, beside the fix. */
  readonly advice: readonly string[];
  readonly fix: Fix | null;
}

/** What one step found. */
export interface StepResult {
  readonly outcome: StepOutcome;
  /** What was found, one line. */
  readonly found: string;
  /** Where it was read: `snapshot`, or the metrics source with the query. */
  readonly source: string;
  readonly evidence: readonly Evidence[];
  /** What to do next, '' to go on. */
  readonly next: string;
  readonly conclusion: Conclusion | null;
}

/** A step as a report tells it. */
export interface StepReport extends Omit<StepResult, 'conclusion'> {
  readonly id: string;
  readonly title: string;
  /** What must hold for a pass. */
  readonly expected: string;
  /** Whether it settled the run. */
  readonly conclusive: boolean;
}

/** How a run ended. */
export const RUN_RESULTS = ['cause-found', 'not-the-cause', 'undetermined'] as const;
export type RunResult = (typeof RUN_RESULTS)[number];

/** The change that a run ends with, with what it would open and close; no prediction without a manifest. */
export interface RunbookFix extends Pick<Fix, 'action' | 'title' | 'manifest' | 'note'> {
  readonly prediction: Prediction | null;
}

/** A run from the answer down: the answer, the evidence, the fix. Plain JSON. */
export interface RunbookReport {
  readonly runbook: string;
  readonly number: string;
  readonly title: string;
  readonly result: RunResult;
  readonly answer: string;
  /** In order, up to the one that settled it; all of them when that was asked for. */
  readonly steps: readonly StepReport[];
  readonly advice: readonly string[];
  readonly fix: RunbookFix | null;
  /** What could not be looked at and might have settled it. */
  readonly missing: readonly string[];
}
