import { ENGINE_VERSION } from '#engine';
import type { CompiledSnapshot } from '#engine';

import type { AuditSettings } from '../context/audit-settings.js';
import type { Check } from '../define-check.js';
import { predictFix } from '../fix/predict-fix.js';
import type { Runbook, RunbookInput, RunbookInputs, RunbookStep } from './define-runbook.js';
import type { RunbookReport, RunResult, StepReport, StepResult } from './model.js';
import { RunbookContext } from './runbook-context.js';
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
  /** Told after each step. */
  readonly onStep?: (step: StepReport) => void;
}

/** The inputs that a runbook needs and was not given. */
export function missingInputs(runbook: Runbook, inputs: RunbookInputs): readonly RunbookInput[] {
  return runbook.needs.filter((input) => inputs[input] === undefined);
}

/** Walks through a runbook to the first step that settles it. Needs every input that the runbook names. */
export async function runRunbook(run: RunbookRun): Promise<RunbookReport> {
  const { runbook, snapshot, inputs, sources, settings } = run;
  const checks = new Map(run.checks.map((check) => [check.id, check]));
  const context = new RunbookContext(snapshot, { ...runbook.presets, ...inputs }, sources, checks, settings);
  const steps: StepReport[] = [];
  for (const step of runbook.steps) {
    const { id, title, expected } = step;
    const report = { id, title, expected, ...(await runStep(step, context)) };
    steps.push(report);
    run.onStep?.(report);
    if (report.conclusion !== null && run.all !== true) break;
  }
  return conclude(runbook, snapshot, steps);
}

/** A step that breaks says nothing about the cluster, and the others go on. */
async function runStep(step: RunbookStep, context: RunbookContext): Promise<StepResult> {
  try {
    return await step.run(context);
  } catch (error) {
    return unknown(`this step broke: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function conclude(runbook: Runbook, snapshot: CompiledSnapshot, steps: readonly StepReport[]): RunbookReport {
  const conclusion = steps.find((step) => step.conclusion !== null)?.conclusion ?? null;
  const missing = conclusion === null ? unanswered(runbook, steps) : [];
  const fix = conclusion?.fix ?? null;
  return {
    runbook: runbook.id,
    number: runbook.number,
    title: runbook.title,
    result: resultOf(conclusion, missing),
    answer: conclusion?.answer ?? (missing.length === 0 ? runbook.clean : 'what was looked at does not settle it'),
    steps,
    advice: conclusion?.advice ?? steps.flatMap(({ next }) => (next === '' ? [] : [next])),
    fix,
    prediction: fix === null ? null : predictFix(snapshot, fix),
    missing,
    engineVersion: ENGINE_VERSION,
  };
}

function resultOf(conclusion: StepReport['conclusion'], missing: readonly string[]): RunResult {
  if (conclusion !== null) return conclusion.result === 'cause' ? 'cause-found' : 'not-the-cause';
  return missing.length === 0 ? 'not-the-cause' : 'undetermined';
}

function unanswered(runbook: Runbook, steps: readonly StepReport[]): readonly string[] {
  const decisive = new Set(runbook.steps.filter((step) => step.decisive === true).map((step) => step.id));
  return steps
    .filter(({ id, outcome }) => decisive.has(id) && (outcome === 'skip' || outcome === 'unknown'))
    .map(({ title, found }) => `${title}: ${found}`);
}
