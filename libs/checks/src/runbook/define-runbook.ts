import type { Fact, PeerQuery, Protocol } from '#engine';

import type { RunResult, StepResult, StepSource } from './model.js';
import type { RunbookContext } from './runbook-context.js';

/** What a runbook may be asked about. */
export interface RunbookInputs {
  readonly from?: PeerQuery | undefined;
  readonly to?: PeerQuery | undefined;
  readonly protocol?: Protocol | undefined;
  readonly port?: number | string | undefined;
  readonly namespace?: string | undefined;
  readonly node?: string | undefined;
  /** What nobody has applied yet. */
  readonly manifests?: readonly Fact[] | undefined;
}
export const RUNBOOK_INPUTS = ['from', 'to', 'protocol', 'port', 'namespace', 'node', 'manifests'] as const;
export type RunbookInput = (typeof RUNBOOK_INPUTS)[number];

/** One step: looks at one thing and says what it found. Steps read; none writes to a cluster. */
export interface RunbookStep {
  /** Lower case words joined by dashes, unique in its runbook. */
  readonly id: string;
  /** What is looked at: a question, or what is read. */
  readonly title: string;
  readonly source: StepSource;
  /** What must hold for a pass, one line. */
  readonly expected: string;
  /** A run that nothing settles is undetermined when such a step could not be answered. */
  readonly decisive?: boolean;
  readonly run: (context: RunbookContext) => Promise<StepResult> | StepResult;
}

/** An ordered procedure for one symptom. */
export interface Runbook {
  /** Equal to the file's name. */
  readonly id: string;
  /** As `RB-1`. */
  readonly number: string;
  /** The symptom, as the person on call would say it. */
  readonly title: string;
  /** When to use it and what it decides. Ends with a full stop. */
  readonly description: string;
  readonly needs: readonly RunbookInput[];
  readonly takes: readonly RunbookInput[];
  /** Inputs that the symptom implies. */
  readonly presets?: RunbookInputs;
  /** Names of alerts that lead here. */
  readonly alerts: readonly string[];
  readonly steps: readonly RunbookStep[];
  /** What a result comes to, where the runbook does not look for a cause. */
  readonly heads?: Readonly<Record<RunResult, string>>;
  /** The answer when every step passed. */
  readonly clean: string;
}

/** A runbook that is not fit to be loaded. */
export class RunbookDefinitionError extends Error {
  override readonly name = 'RunbookDefinitionError';
}

/** Validates a runbook and freezes it. Throws `RunbookDefinitionError` with everything that is wrong with it. */
export function defineRunbook(runbook: Runbook): Runbook {
  const problems = problemsOf(runbook);
  if (problems.length > 0) throw new RunbookDefinitionError(`runbook \`${runbook.id}\`: ${problems.join('; ')}`);
  return Object.freeze({ ...runbook, steps: Object.freeze([...runbook.steps]) });
}

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

function problemsOf(runbook: Runbook): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  must(ID.test(runbook.id), 'the id must be lower case words joined by dashes');
  must(/^RB-\d+$/.test(runbook.number), 'the number must look like `RB-1`');
  must(/^[^A-Z].{10,}[^.]$/.test(runbook.title), 'the title must be a line in lower case without a full stop');
  must(/^[A-Z].{30,}\.$/s.test(runbook.description), 'the description must be sentences that end with a full stop');
  must(runbook.steps.length > 0, 'it must have steps');
  must(new Set(runbook.steps.map((step) => step.id)).size === runbook.steps.length, 'two steps have one id');
  must(!runbook.needs.some((input) => runbook.takes.includes(input)), 'an input is both needed and optional');
  for (const { id } of runbook.steps)
    must(ID.test(id), `the step id \`${id}\` must be lower case words joined by dashes`);
  return problems;
}
