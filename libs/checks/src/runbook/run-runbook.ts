import { groupBy, type CompiledSnapshot } from '#engine';

import type { AuditSettings } from '../context/audit-settings.js';
import type { Check } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { predictFix } from '../fix/predict-fix.js';
import type { Runbook, RunbookInput, RunbookInputs, RunbookStep } from './define-runbook.js';
import type { Conclusion, RunbookFix, RunbookReport, RunResult, StepReport, StepResult } from './model.js';
import { RunbookContext, type Paced } from './runbook-context.js';
import type { RunbookSources } from './sources.js';
import { unknown } from './step-result.js';

/** What a run is made of. */
export interface RunbookRun {
  readonly runbook: Runbook;
  readonly snapshot: CompiledSnapshot;
  readonly inputs: RunbookInputs;
  readonly sources: RunbookSources;
  /** Every check that steps may ask for. */
  readonly checks: readonly Check[];
  readonly settings?: AuditSettings;
  /** Goes on behind the step that settled it. */
  readonly all?: boolean;
  /** Does work that may take long; at once, unless it is told how to let other work go on in between. */
  readonly paced?: Paced;
  /** Told after each step; the run waits for it. */
  readonly onStep?: (step: StepReport) => Promise<void>;
}

/** The inputs that a runbook needs and was not given. */
export function missingInputs(runbook: Runbook, inputs: RunbookInputs): readonly RunbookInput[] {
  return runbook.needs.filter((input) => inputs[input] === undefined);
}

/** Walks through a runbook to the first step that settles it. Needs every input that the runbook names. */
export async function runRunbook(run: RunbookRun): Promise<RunbookReport> {
  const { runbook, snapshot, inputs, sources, settings, paced } = run;
  const checks = new Map(run.checks.map((check) => [check.id, check]));
  // An input that was left out may stand there as undefined.
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
  const context = new RunbookContext(snapshot, { ...runbook.presets, ...given }, sources, checks, { settings, paced });
  const steps: StepReport[] = [];
  let settled: Conclusion | null = null;
  for (const step of runbook.steps) {
    const { id, title, expected } = step;
    const { conclusion, ...found } = await runStep(step, context);
    const report = { id, title, expected, ...found, conclusive: conclusion !== null };
    settled ??= conclusion;
    steps.push(report);
    await run.onStep?.(report);
    if (settled !== null && run.all !== true) break;
  }
  return conclude(runbook, snapshot, steps, settled);
}

/** A step that breaks says nothing about the cluster, and the others go on. */
async function runStep(step: RunbookStep, context: RunbookContext): Promise<StepResult> {
  try {
    return await step.run(context);
  } catch (error) {
    return unknown(`this step broke: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function conclude(
  { id, number, title, steps: defined, clean }: Runbook,
  snapshot: CompiledSnapshot,
  steps: readonly StepReport[],
  conclusion: Conclusion | null,
): RunbookReport {
  const missing = conclusion === null ? unanswered(defined, steps) : [];
  return {
    runbook: id,
    number,
    title,
    result: resultOf(conclusion, missing),
    answer: conclusion?.answer ?? (missing[0] === undefined ? clean : `it cannot be told: ${missing[0].found}`),
    steps,
    advice: conclusion?.advice ?? steps.flatMap(({ next }) => (next === '' ? [] : [next])),
    fix: toldFix(snapshot, conclusion?.fix ?? null),
    missing: byReason(missing),
  };
}

function toldFix(snapshot: CompiledSnapshot, fix: Fix | null): RunbookFix | null {
  if (fix === null) return null;
  const { action, title, manifest, note } = fix;
  return { action, title, manifest, note, prediction: predictFix(snapshot, fix) };
}

/** Many steps want the same source: what it is said of is named once. */
function byReason(steps: readonly StepReport[]): string[] {
  return [...groupBy(steps, ({ found }) => found)].map(
    ([found, alike]) => `${alike.map(({ title }) => title).join(', ')}: ${found}`,
  );
}

function resultOf(conclusion: Conclusion | null, missing: readonly StepReport[]): RunResult {
  if (conclusion !== null) return conclusion.result === 'cause' ? 'cause-found' : 'not-the-cause';
  return missing.length === 0 ? 'not-the-cause' : 'undetermined';
}

/** Steps that would have settled it, and could not. */
function unanswered(defined: Runbook['steps'], steps: readonly StepReport[]): readonly StepReport[] {
  const decisive = new Set(defined.filter((step) => step.decisive === true).map((step) => step.id));
  return steps.filter(({ id, outcome }) => decisive.has(id) && (outcome === 'skip' || outcome === 'unknown'));
}
