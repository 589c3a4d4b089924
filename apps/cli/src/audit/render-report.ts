import { settledTogether, worstFirst } from '#checks';
import type { Check, Finding, Outcome, Prediction, SettledTogether } from '#checks';
import { counted, objectLabel } from '#engine';

import type { Telling } from '../output/tell.js';

/** A finding as far as it is shown; a server works out what a fix would change only when it is asked for one finding. */
export type ShownFinding = Pick<
  Finding,
  'severity' | 'confidence' | 'title' | 'object' | 'pointer' | 'evidence' | 'counterexample' | 'fix'
> & { readonly prediction?: Prediction | null };

/** What one check came to, as far as it is shown. */
export interface ShownResult {
  readonly check: Pick<Check, 'id' | 'number' | 'title'> & { readonly compliance: readonly string[] };
  readonly outcome: Outcome;
  readonly reason: string;
  readonly findings: readonly ShownFinding[];
}

export interface ShownReport {
  readonly results: readonly ShownResult[];
}

const UNSETTLED: ReadonlySet<Outcome> = new Set(['unknown', 'skip', 'error']);
/** Changes of a fix that are shown one by one. */
const MOST_CHANGES = 4;

/** The report as text: what is wrong, the worst first, each with its proof and its fix, then what could not be told. */
export function renderReport(report: ShownReport): string {
  const found = foundBy(report);
  const open = report.results.filter(
    ({ outcome, reason }) => UNSETTLED.has(outcome) || (outcome === 'fail' && reason !== ''),
  );
  return [
    summary(report),
    ...settledTogether(found).flatMap((together) => ['', ...findingLines(together)]),
    ...(open.length === 0 ? [] : ['', 'Not settled:', ...open.map(openLine)]),
  ].join('\n');
}

function foundBy({ results }: ShownReport): (ShownFinding & Pick<ShownResult, 'check'>)[] {
  return results.flatMap(({ check, findings }) => findings.map((finding) => ({ ...finding, check }))).sort(worstFirst);
}

/** The same as rows, a finding each; `data` is all of the report. */
export function findingsTelling(report: ShownReport, data: unknown, words: () => void): Telling {
  return {
    data,
    words,
    columns: ['severity', 'number', 'check', 'confidence', 'object', 'pointer', 'title', 'proof', 'fix'],
    rows: () =>
      foundBy(report).map(({ severity, check, confidence, object, pointer, title, counterexample, fix }) => [
        ...[severity, check.number, check.id, confidence, placeOf(object), pointer, title],
        ...[counterexample?.summary ?? '', fix?.title ?? ''],
      ]),
  };
}

function placeOf(object: ShownFinding['object']): string {
  return object === null ? 'cluster' : `${object.kind} ${objectLabel(object)}`;
}

function summary({ results }: ShownReport): string {
  const findings = results.flatMap((result) => result.findings);
  const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const weights = ['critical', 'high', 'medium', 'low', 'info']
    .map((severity) => ({ severity, found: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ found }) => found > 0)
    .map(({ severity, found }) => `${found} ${severity}`);
  const rest = `${count('pass')} of ${results.length} checks pass, ${count('not-applicable')} do not apply`;
  return findings.length === 0
    ? `no findings; ${rest}`
    : `${counted(findings.length, 'finding')} (${weights.join(', ')}); ${rest}`;
}

function findingLines({ finding, also }: SettledTogether<ShownFinding & Pick<ShownResult, 'check'>>): string[] {
  const { severity, confidence, title, object, pointer, evidence, counterexample, check } = finding;
  const place = object === null || pointer === '' ? placeOf(object) : `${placeOf(object)} ${pointer}`;
  const sure = confidence === 'certain' ? '' : ` (${confidence})`;
  const keys = check.compliance.length === 0 ? '' : ` [${check.compliance.join(' ')}]`;
  return [
    `${severity}${sure}: ${title}`,
    `  ${check.number} ${check.id}${keys}`,
    `  at: ${place}`,
    ...evidence.map(({ what, value }) => `  ${what}: ${value}`),
    ...(counterexample === null ? [] : [`  proof: ${counterexample.summary}`]),
    ...fixLines(finding).map((line) => `  ${line}`),
    ...also.map((one) => `  settles too: ${one.check.number} ${one.severity}: ${one.title}`),
  ];
}

function fixLines({ fix, prediction }: ShownFinding): string[] {
  if (fix === null) return [];
  return [
    `fix: ${fix.title}${fix.note === '' ? '' : ` (${fix.note})`}`,
    ...predictionLines(prediction).map((line) => `  ${line}`),
  ];
}

function predictionLines(prediction: Prediction | null | undefined): string[] {
  if (prediction === null || prediction === undefined) return [];
  const { changes, opened, closed } = prediction;
  if (changes.length === 0) return ['changes no connection'];
  const shown = changes.slice(0, MOST_CHANGES).map(({ source, destination, opens, closes }) => {
    const words = [opens === 'none' ? '' : `opens ${opens}`, closes === 'none' ? '' : `closes ${closes}`];
    return `${source} → ${destination}: ${words.filter(Boolean).join(', ')}`;
  });
  const more = opened + closed - shown.length;
  return [...shown, ...(more > 0 ? [`and ${counted(more, 'more change')}`] : [])];
}

function openLine({ check, outcome, reason }: ShownResult): string {
  return `  ${check.number} ${check.id}: ${outcome}: ${reason}`;
}
