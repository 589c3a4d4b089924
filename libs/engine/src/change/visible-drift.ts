import type { RuleView } from '../ask/answer.js';
import { HIDDEN_POLICY, hiddenRule, seesObject, type Sees } from '../ask/visibility.js';
import { sideText, visibleSide } from './drift-side.js';
import { summarise } from './drift-summary.js';
import type {
  DriftCauseView,
  DriftEntryView,
  DriftExample,
  DriftReport,
  DriftSide,
  DriftVerdict,
} from './drift-view.js';

/** The part of a report that a caller may see, counts included; a rule or cause that it may not see has no name. */
export function visibleDrift(report: DriftReport, sees: Sees): DriftReport {
  const objects = report.objects.filter(({ object }) => seesObject(object, sees));
  const entries = report.entries.flatMap((entry) => visibleEntry(entry, sees));
  return { ...report, summary: summarise(objects, entries), objects, entries };
}

function visibleEntry(entry: DriftEntryView, sees: Sees): DriftEntryView[] {
  const { sources, destinations, subjects, example, causes } = entry;
  const all = [sources, destinations, subjects].flatMap((side) => Object.keys(side?.namespaces ?? {}));
  const policies = [...causes.map(({ object }) => object), ...rulesOf(example).map(({ policy }) => policy)];
  if (all.every(sees) && policies.every((object) => object === null || seesObject(object, sees))) return [entry];
  const see = (side: DriftSide | null): DriftSide | null => (side === null ? null : visibleSide(side, sees));
  const [from, to, of] = [see(sources), see(destinations), see(subjects)];
  if ([from, to, of].some((side) => side?.endpoints === 0)) return [];
  const isWhole = all.every(sees);
  return [
    {
      ...entry,
      sources: from,
      destinations: to,
      subjects: of,
      // The rest of a line may name what is hidden.
      summary: isWhole && of === null ? entry.summary : summaryOf(entry, from, to, of),
      before: of === null ? entry.before : '',
      after: of === null ? entry.after : '',
      pairs: Math.min(entry.pairs, (from?.endpoints ?? 0) * (to?.endpoints ?? 0)),
      example: example === null || !isWhole ? null : hideRules(example, sees),
      causes: causes.map((cause) => visibleCause(cause, sees)),
    },
  ];
}

function summaryOf(
  { type, before, after, direction }: DriftEntryView,
  from: DriftSide | null,
  to: DriftSide | null,
  of: DriftSide | null,
): string {
  if (from !== null && to !== null) return `${sideText(from)} → ${sideText(to)}: ${before} → ${after}`;
  return `${type}${direction === null ? '' : ` for ${direction}`}: ${of === null ? '' : sideText(of)}`;
}

function rulesOf(example: DriftExample | null): readonly RuleView[] {
  return example === null ? [] : [...example.before.rules, ...example.after.rules];
}

function hideRules(example: DriftExample, sees: Sees): DriftExample {
  const hide = ({ verdict, rules }: DriftVerdict): DriftVerdict => ({
    verdict,
    rules: rules.map((rule) => (seesObject(rule.policy, sees) ? rule : hiddenRule(rule))),
  });
  return { ...example, before: hide(example.before), after: hide(example.after) };
}

function visibleCause(cause: DriftCauseView, sees: Sees): DriftCauseView {
  if (cause.object === null || seesObject(cause.object, sees)) return cause;
  const text = cause.type === 'policy' ? HIDDEN_POLICY : 'an object you may not see';
  return { ...cause, object: null, text: `${text} ${cause.change}` };
}
