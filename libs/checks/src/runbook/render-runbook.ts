import type { Runbook } from './define-runbook.js';
import type { RunbookReport, RunResult, StepOutcome, StepReport } from './model.js';

const HEADS: Readonly<Record<RunResult, string>> = {
  'cause-found': 'CAUSE FOUND',
  'not-the-cause': 'NOT THE CAUSE',
  undetermined: 'UNDETERMINED',
};

const MARKS: Readonly<Record<StepOutcome, string>> = {
  pass: '✓',
  fail: '✗',
  unknown: '?',
  skip: '-',
  'not-applicable': '·',
};

/** What a run came to, in a word or two: `CAUSE FOUND`. */
export function headOf({ result }: Pick<RunbookReport, 'result'>, { heads = HEADS }: Pick<Runbook, 'heads'>): string {
  return heads[result];
}

/** A run as text: the answer, the evidence, the fix, in that order. */
export function renderRunbook(report: RunbookReport, runbook: Pick<Runbook, 'heads'>): string {
  return [
    `${headOf(report, runbook)}  ${report.answer}`,
    `  ${report.number} ${report.title}`,
    '',
    'Evidence',
    ...alike(report.steps).flatMap(stepLines),
    ...listed('Could not be looked at', report.missing),
    ...fixLines(report),
    ...listed('Do', report.advice),
    '',
  ].join('\n');
}

/** Steps in a row that could not be taken for the same reason are told as one. */
function alike(steps: readonly StepReport[]): readonly StepReport[] {
  const told: StepReport[] = [];
  for (const step of steps) {
    const last = told.at(-1);
    if (step.outcome !== 'skip' || last?.outcome !== 'skip' || last.found !== step.found) told.push(step);
    else told[told.length - 1] = { ...last, title: `${last.title}\n  - ${step.title}`, expected: '' };
  }
  return told;
}

function stepLines({ title, outcome, found, source, evidence, conclusive, expected }: StepReport): string[] {
  const lines = [`  ${MARKS[outcome]} ${title}`, `      ${found}`];
  if (outcome === 'not-applicable') return lines;
  if (outcome !== 'pass' && expected !== '') lines.push(`      expected: ${expected}`);
  if (source !== 'snapshot') lines.push(`      read from: ${source}`);
  if (conclusive) lines.push(...evidence.map(({ what, value }) => `      ${what}: ${value}`));
  return lines;
}

function fixLines({ fix }: RunbookReport): string[] {
  if (fix === null) return [];
  const lines = ['', `Fix: ${fix.title}`];
  if (fix.note !== '') lines.push(`  ${fix.note}`);
  if (fix.manifest !== '')
    lines.push(
      '',
      ...fix.manifest
        .trimEnd()
        .split('\n')
        .map((line) => `    ${line}`),
    );
  const { prediction } = fix;
  if (prediction === null) return lines;
  lines.push('', `  it opens ${count(prediction.opened)} and closes ${count(prediction.closed)}`);
  for (const { source, destination, opens, closes } of prediction.changes.slice(0, 10)) {
    const what = [opens === 'none' ? '' : ` +${opens}`, closes === 'none' ? '' : ` -${closes}`].join('');
    lines.push(`    ${source} → ${destination}${what}`);
  }
  if (prediction.changes.length > 10) lines.push(`    and ${prediction.opened + prediction.closed - 10} more`);
  return lines;
}

function count(pairs: number): string {
  return pairs === 1 ? '1 pair of peers' : `${pairs} pairs of peers`;
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  • ${line}`)];
}
