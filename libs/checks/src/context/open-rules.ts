import { counted, groupBy, ruleLabel } from '#engine';
import type { Direction, Endpoint, ObjectRef, PolicyEntry } from '#engine';

import { replaceSpec, specOfRules } from '../fix/make-fix.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type CheckOutcome, type Counterexample, type FindingDraft } from '../model/finding.js';
import { nameObjects, type AuditContext } from './audit-context.js';
import type { PolicyView, RuleView } from './policy-view.js';

/** Finds rules that allow everything in a direction; `show` makes the flow that proves it of one pod. */
export function openRules(
  context: AuditContext,
  direction: Direction,
  show: (subject: Endpoint) => Counterexample,
): CheckOutcome {
  const findings: FindingDraft[] = [];
  let examined = 0;
  for (const { entries } of context.policySet.policies) {
    for (const entry of entries) {
      if (entry.direction !== direction || entry.isolates || entry.action !== 'allow') continue;
      examined++;
      if (!isOpen(entry)) continue;
      const subjects = context.podsChosenBy(entry.subject);
      const [subject] = subjects;
      if (subject === undefined) continue;
      const counterexample = show(subject);
      if (counterexample.intended !== 'allow') continue;
      findings.push({
        title: `${ruleLabel(entry.source)} allows all ${direction} of ${counted(subjects.length, 'pod')}`,
        scope: 'rule',
        object: entry.source.policy,
        pointer: entry.source.pointer,
        evidence: [{ what: 'pods that it opens', value: nameObjects(subjects) }],
        counterexample,
        fix: withoutRule(context, entry.source.policy, entry.source.pointer),
      });
    }
  }
  return conclude({ examined, findings, nothing: `no policy has an ${direction} rule` });
}

function isOpen({ peers, ports, conditions, family }: PolicyEntry): boolean {
  const everywhere = peers.type === 'any' && family === null && conditions.length === 0;
  return everywhere && ports.include === 'any' && ports.except.length === 0;
}

/** The policy without one of its rules, for NetworkPolicy. */
export function withoutRule(context: AuditContext, policy: ObjectRef, at: string): Fix | null {
  const view = context.networkPolicy(policy);
  return view === undefined || policy.group !== 'networking.k8s.io' ? null : withoutRules(view, [at]);
}

/** For each of some rules the change that takes it out, one for all those of a policy. */
export function takenOut(rules: readonly RuleView[]): ReadonlyMap<RuleView, Fix> {
  return new Map(
    [...groupBy(rules, (rule) => rule.policy)].flatMap(([policy, own]) => {
      const pointers = own.map((rule) => rule.pointer);
      const fix = withoutRules(policy, pointers);
      return own.map((rule) => [rule, fix] as const);
    }),
  );
}

/** A NetworkPolicy without some of its rules, which are named by their pointers. */
function withoutRules(view: PolicyView, pointers: readonly string[]): Fix {
  const gone = new Set(pointers);
  const spec = specOfRules(view, ({ pointer, raw }) => (gone.has(pointer) ? undefined : raw));
  const [only] = pointers;
  const title = pointers.length === 1 && only !== undefined ? `the rule at ${only}` : `${pointers.length} rules`;
  return replaceSpec(
    view,
    `take ${title} out`,
    spec,
    'add rules for the connections that are needed before it is applied',
  );
}
