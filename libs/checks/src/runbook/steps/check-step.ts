import { objectLabel } from '#engine';

import type { Finding } from '../../run-checks.js';
import type { RunbookStep } from '../define-runbook.js';
import type { RunbookContext } from '../runbook-context.js';
import { cause, fail, notApplicable, pass, skip, unknown } from '../step-result.js';

/** What a step makes of an audit. */
export interface CheckStepOptions {
  /** Id of the audit; the step has it too. */
  readonly check: string;
  readonly title: string;
  readonly expected: string;
  /** The findings that concern this run; all of them by default. */
  readonly about?: (finding: Finding, context: RunbookContext) => boolean;
  /** The answer when there are findings; without one they are told and the run goes on. */
  readonly answer?: (findings: readonly [Finding, ...Finding[]]) => string;
  readonly decisive?: boolean;
}

/** A step that runs an audit and looks at what it finds. */
export function checkStep({ check, title, expected, about, answer, decisive = false }: CheckStepOptions): RunbookStep {
  return {
    id: check,
    title,
    source: 'model',
    expected,
    decisive,
    run(context) {
      const { outcome, reason, findings } = context.check(check);
      if (outcome === 'skip') return skip(reason);
      if (outcome === 'unknown' || outcome === 'error') return unknown(reason);
      if (outcome === 'not-applicable') return notApplicable(reason);
      const concerning = findings.filter((finding) => about?.(finding, context) ?? true);
      const [first, ...others] = concerning;
      if (first === undefined) return pass('nothing found');
      const found = others.length === 0 ? first.title : `${first.title}, and ${others.length} more`;
      const evidence = concerning.slice(0, 3).flatMap(evidenceOf);
      if (answer === undefined) return fail(found, { evidence, next: first.remediation });
      return cause(found, answer([first, ...others]), { advice: [first.remediation], fix: first.fix }, { evidence });
    },
  };
}

function evidenceOf({ object, evidence, counterexample, title }: Finding): { what: string; value: string }[] {
  const where = object === null ? 'cluster' : `${object.kind} ${objectLabel(object)}`;
  const flow = counterexample === null ? [] : [{ what: 'flow', value: counterexample.summary }];
  return [{ what: where, value: title }, ...evidence, ...flow];
}

/** Findings about a namespace, or about objects in it; all of them when the run names none. */
export function inNamespace(finding: Finding, { inputs }: RunbookContext): boolean {
  const { namespace } = inputs;
  if (namespace === undefined || finding.object === null) return true;
  return finding.object.kind === 'Namespace'
    ? finding.object.name === namespace
    : finding.object.namespace === namespace;
}
