import { settledTogether, worstFirst } from '#checks';
import type { Check, Finding, Outcome, Prediction, SettledTogether } from '#checks';
import { counted, groupBy, objectLabel } from '#engine';

import type { Telling } from '../output/tell.js';
import { renderTable } from '../table.js';

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
/** Findings that one fix settles too, when not all are asked for. */
const MOST_ALSO = 10;
/** As many fixes are read through; of more, counts by check and the worst are told. */
const MOST_FIXES = 20;
const WORST = 10;
const WORST_OF_A_CHECK = 2;

/**
 * The report as text: what is wrong, the worst first, each with its proof and its fix, then what could not be told. Of
 * very many findings it has counts and the worst, unless `all` are asked for.
 */
export function renderReport(report: ShownReport, all: boolean): string {
  const found = foundBy(report);
  const fixes = settledTogether(found);
  const isBrief = !all && fixes.length > MOST_FIXES;
  const shown = isBrief ? worstOf(fixes) : fixes;
  const told = shown.reduce((count, { also }) => count + 1 + also.length, 0);
  const open = report.results.filter(
    ({ outcome, reason }) => UNSETTLED.has(outcome) || (outcome === 'fail' && reason !== ''),
  );
  return [
    summary(report),
    ...(isBrief ? ['', countsByCheck(found)] : []),
    ...shown.flatMap((together) => ['', ...findingLines(together, all)]),
    ...(isBrief
      ? [
          '',
          `${counted(found.length - told, 'more finding')}: --all tells each, --check and -n choose some, -o csv and -o json have everything`,
        ]
      : []),
    ...(open.length === 0 ? [] : ['', 'Not settled:', ...open.map(openLine)]),
  ].join('\n');
}

type Shown = ShownFinding & Pick<ShownResult, 'check'>;

/** The worst are first already: some of each check, so that one that finds much hides no other. */
function worstOf(fixes: readonly SettledTogether<Shown>[]): readonly SettledTogether<Shown>[] {
  const told = new Map<string, number>();
  const chosen = fixes.filter(({ finding: { check } }) => {
    const before = told.get(check.id) ?? 0;
    told.set(check.id, before + 1);
    return before < WORST_OF_A_CHECK;
  });
  return chosen.slice(0, WORST);
}

/** Of each check its worst severity, how much it found, and in how many namespaces. */
function countsByCheck(found: readonly Shown[]): string {
  const rows = [...groupBy(found, ({ check }) => check.id).values()].map((own) => {
    const { severity, check } = own[0] as Shown;
    const namespaces = new Set(own.map(({ object }) => namespaceOf(object)));
    return [severity, check.number, check.id, String(own.length), String(namespaces.size)];
  });
  return renderTable(['SEVERITY', 'NUMBER', 'CHECK', 'FINDINGS', 'NAMESPACES'], rows);
}

function namespaceOf(object: ShownFinding['object']): string {
  return object?.kind === 'Namespace' ? object.name : (object?.namespace ?? '');
}

function foundBy({ results }: ShownReport): Shown[] {
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

function findingLines({ finding, also }: SettledTogether<Shown>, all: boolean): string[] {
  const alsoShown = all || also.length <= MOST_ALSO ? also : also.slice(0, MOST_ALSO - 1);
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
    ...alsoShown.map((one) => `  settles too: ${one.check.number} ${one.severity}: ${one.title}`),
    ...(alsoShown.length < also.length
      ? [`  settles too: ${counted(also.length - alsoShown.length, 'more finding')}, which --all tells`]
      : []),
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
