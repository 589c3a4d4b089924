import { headOf, type Runbook, type RunbookReport } from '#checks';
import type { ReachabilityInput } from '#contracts';
import type { MessageWords } from '#delivery';
import {
  counted,
  driftHeadline,
  type Answer,
  type DriftEntryView,
  type DriftReport,
  type FixView,
  type PredictedFix,
  type StepView,
} from '#engine';
import type { AuditAnswer } from '../audits/audit-view.js';
import type { FindingView } from '../audits/finding-view.js';
import type { Provenance } from '../provenance/provenance.js';

type Fact = MessageWords['facts'][number];

/** What a phone shows at once; who wants all of it asks by another door. */
export const MOST_LINES = 5;
const SEVERITY_OF = { allowed: 'info', denied: 'error', mixed: 'warning', undetermined: 'warning' } as const;
const MARK_OF: Readonly<Record<StepView['decision'], string>> = {
  allow: '✓',
  deny: '✗',
  isolated: '✗',
  pass: '→',
  'no-match': '→',
  'not-isolated': '✓',
  unknown: '?',
  info: '•',
};

/** Something said in one line. */
export function said(severity: MessageWords['severity'], title: string, text = ''): MessageWords {
  return { severity, title, text, facts: [], link: null };
}

/** The verdict, the line that says how it came to be, and the fix. */
export function verdictWords(answer: Answer, input: ReachabilityInput, about: Provenance): MessageWords {
  return { ...headOfAnswer(answer, input), facts: [...fixFacts(answer.fixes), ...aboutFacts(about)] };
}

/** The verdict, then each step that decides something, then what each fix would open and close. */
export function whyWords(
  answer: Answer,
  fixes: readonly PredictedFix[],
  input: ReachabilityInput,
  about: Provenance,
): MessageWords {
  const steps = answer.steps.filter(({ hop }) => hop !== 'source' && hop !== 'destination');
  const facts = [...steps.slice(0, MOST_LINES).map(stepFact), ...fixFacts(fixes), ...aboutFacts(about)];
  return { ...headOfAnswer(answer, input), facts };
}

type ToldEntry = Pick<DriftEntryView, 'type' | 'dangerous' | 'breaking' | 'summary' | 'causes'>;

/** What the newest change opened and closed, in the order of the report: the dangerous first. */
export function driftWords(
  report: { readonly entries: readonly ToldEntry[]; readonly summary: DriftReport['summary'] },
  about: Provenance,
  since: Date,
): MessageWords {
  const { dangerous, breaking, entries } = report.summary;
  const worst = report.entries.slice(0, MOST_LINES);
  const severity = dangerous > 0 ? 'error' : breaking > 0 ? 'warning' : 'info';
  return {
    ...said(severity, `${about.asOf.cluster}: ${driftHeadline(report)}`),
    facts: [
      ...worst.map(entryFact),
      ...moreFact(entries - worst.length, 'difference'),
      { name: 'when', value: moment(since) },
      ...aboutFacts(about),
    ],
  };
}

/** What an audit counted, then the worst that it found with what mends it. */
export function auditWords(
  { severities, score, ...about }: Pick<AuditAnswer, 'severities' | 'score' | keyof Provenance>,
  worst: readonly Pick<FindingView, 'severity' | 'title' | 'fix'>[],
): MessageWords {
  const { critical, high, medium, low, info } = severities;
  const all = critical + high + medium + low + info;
  const counts = `${String(critical)} critical, ${String(high)} high, ${String(medium)} medium`;
  const title = `${about.asOf.cluster}: ${counts} findings; score ${score === null ? 'unknown' : `${String(score)} of 100`}`;
  return {
    ...said(critical + high > 0 ? 'error' : medium > 0 ? 'warning' : 'info', title),
    facts: [
      ...worst.map(({ severity, title: what, fix }) => ({
        name: severity,
        value: fix === null ? what : `${what}; fix: ${fix.title}`,
      })),
      ...moreFact(all - worst.length, 'finding'),
      ...aboutFacts(about),
    ],
  };
}

/** What a run came to, what its steps found, what to do. */
export function runbookWords(report: RunbookReport, runbook: Pick<Runbook, 'heads'>, about: Provenance): MessageWords {
  const { result, answer, title, steps, advice, missing, fix } = report;
  const telling = steps.filter(({ outcome, conclusive }) => conclusive || outcome === 'fail' || outcome === 'unknown');
  const told = telling.length > 0 ? telling : steps.filter(({ outcome }) => outcome === 'pass');
  return {
    ...said(result === 'cause-found' ? 'error' : result === 'undetermined' ? 'warning' : 'info', ''),
    title: `${headOf(report, runbook)}  ${answer}`,
    text: title,
    facts: [
      ...told.slice(0, MOST_LINES).map(({ title: name, found }) => ({ name, value: found })),
      ...(missing.length === 0 ? [] : [{ name: 'could not be looked at', value: missing.join('; ') }]),
      ...(fix === null ? [] : [{ name: 'fix', value: fix.title + effectOf(fix.prediction, 'peers') }]),
      ...advice.slice(0, MOST_LINES).map((value) => ({ name: 'do', value })),
      ...aboutFacts(about),
    ],
  };
}

/** Which state this is about, how old it is, and what is not known of it. */
export function aboutFacts({ asOf, completeness }: Provenance): readonly Fact[] {
  const { cluster, seq, takenAt, stalenessMs } = asOf;
  const state = `snapshot ${String(seq)} of ${cluster} (${moment(takenAt)}), known good ${ageWords(stalenessMs)} ago`;
  const gaps = completeness.incomplete.map(({ kind, reason }) => `${kind} (${reason})`);
  return [
    ...(gaps.length === 0 ? [] : [{ name: 'not fully known', value: gaps.join('; ') }]),
    { name: 'as of', value: state },
  ];
}

/** How many a list leaves out, where it does. */
function moreFact(left: number, noun: string): readonly Fact[] {
  return left > 0 ? [{ name: 'and', value: counted(left, `more ${noun}`) }] : [];
}

function headOfAnswer({ verdict, summary }: Answer, { from, to, port }: ReachabilityInput): MessageWords {
  const place = port === undefined ? to : `${to}:${String(port)}`;
  return said(SEVERITY_OF[verdict], `${verdict.toUpperCase()}  ${from} → ${place}`, summary);
}

function stepFact({ hop, decision, rules, why, nearMisses }: StepView): Fact {
  const labels = rules.map(({ label }) => label);
  const by = labels.length === 0 ? '' : ` [${labels.slice(0, MOST_LINES).join(', ')}${ellipsis(labels)}]`;
  const [near] = nearMisses;
  const miss = near === undefined ? '' : `; near miss ${near.rule.label}: ${near.why}`;
  return { name: `${MARK_OF[decision]} ${hop}`, value: `${why}${by}${miss}` };
}

function ellipsis(list: readonly unknown[]): string {
  return list.length > MOST_LINES ? ', …' : '';
}

function fixFacts(fixes: readonly (FixView | PredictedFix)[]): readonly Fact[] {
  const shown = fixes.slice(0, MOST_LINES);
  return shown.map((fix, index) => ({
    name: fixes.length === 1 ? 'fix' : `fix ${String(index + 1)} of ${String(fixes.length)}`,
    value: fix.title + ('prediction' in fix ? effectOf(fix.prediction, 'endpoints') : ''),
  }));
}

function effectOf(
  prediction: { readonly opened: number; readonly closed: number } | null,
  of: 'endpoints' | 'peers',
): string {
  if (prediction === null) return '';
  const { opened, closed } = prediction;
  const pairs = (count: number): string =>
    count === 0 ? 'nothing' : counted(count, `pair of ${of}`, `pairs of ${of}`);
  return `; opens ${pairs(opened)}, closes ${pairs(closed)}`;
}

function entryFact({ type, dangerous, breaking, summary, causes }: ToldEntry): Fact {
  const [cause] = causes;
  const marks = [...(dangerous ? ['dangerous'] : []), ...(breaking ? ['breaking'] : [])];
  return {
    name: [...marks, type].join(', '),
    value: cause === undefined ? summary : `${summary}; because ${cause.text}`,
  };
}

/** To the minute, as a person reads it; a chat has no room for more. */
function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `12 s`, `3 min`, `5 h`, `2 d`. */
export function ageWords(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each) ?? ['s', 1_000];
  return `${String(Math.floor(ms / length))} ${unit}`;
}
