import { counted, hasPassed, objectKey, objectLabel } from '#engine';
import type { Endpoint, ObjectRef, PlacedFlow } from '#engine';

import { nameObjects, type AuditContext } from '../context/audit-context.js';
import { NO_FLOWS } from '../context/audit-settings.js';
import { takenOut } from '../context/open-rules.js';
import type { RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { seenPairs } from '../context/seen-pair.js';
import { peersOf } from '../context/receivers.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import type { Fix } from '../fix/fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-08. */
export const check = defineCheck({
  id: 'unused-allow',
  number: 'HYG-08',
  area: 'hygiene',
  core: false,
  title: 'a rule allows what was not seen to happen',
  description:
    'Holds the rules of policies against a week or more of flows that were seen to pass. Finds rules by which none of them passed; rules that are younger than the first flow, and rules between peers that are not there, do not count.',
  remediation:
    'Take the rule out if what it allows is not needed: what happens seldom may lie outside the time that was watched.',
  severity: 'info',
  confidence: 'guess',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  settings: ['flows'],
  compliance: ['AC-4', 'PCI-1.2.7'],
  references: [REFERENCES.concepts],
  run(context) {
    const flows = context.flows?.filter(hasPassed) ?? null;
    if (flows === null) return { outcome: 'skip', reason: NO_FLOWS };
    const first = sorted(flows.map(({ firstSeen }) => firstSeen)).at(0);
    const last = sorted(flows.map(({ lastSeen }) => lastSeen)).at(-1) ?? '';
    if (first === undefined) return { outcome: 'skip', reason: 'no flow that passed tells when it was seen' };
    const watchedDays = Math.floor((Date.parse(last) - Date.parse(first)) / DAY_MS);
    if (watchedDays < context.settings.unusedAfterDays) {
      const needed = counted(context.settings.unusedAfterDays, 'day');
      return { outcome: 'skip', reason: `flows of ${counted(watchedDays, 'day')} do not tell: ${needed} are needed` };
    }
    const used = usedRules(context, flows);
    let examined = 0;
    const unused = context.networkPolicies
      .filter(({ fact }) => fact.meta.createdAt === '' || Date.parse(fact.meta.createdAt) <= Date.parse(first))
      .flatMap(({ rules }) => rules)
      .flatMap((rule): UnusedRule[] => {
        const [peer] = peersOf(context, rule);
        if (rule.policy.selected.length === 0 || peer === undefined) return [];
        examined++;
        return used.has(ruleKey(rule.policy.ref, rule.pointer)) ? [] : [{ rule, peer }];
      });
    const fixes = takenOut(unused.map(({ rule }) => rule));
    const findings = unused.map((one) => findingFor(context, one, `${first} to ${last}`, fixes.get(one.rule) ?? null));
    return conclude({ examined, findings, nothing: 'no rule is old enough and names pods that are there' });
  },
});

interface UnusedRule {
  readonly rule: RuleView;
  /** One of those whom it names. */
  readonly peer: Endpoint;
}

const DAY_MS = 86_400_000;

function sorted(times: readonly string[]): readonly string[] {
  return times.filter(Boolean).sort();
}

/** Rules that let some flow through, alone or beside others. */
function usedRules(context: AuditContext, flows: readonly PlacedFlow[]): ReadonlySet<string> {
  const used = new Set<string>();
  for (const flow of flows) {
    for (const { source, destination, port } of seenPairs(context.snapshot, flow)) {
      const decision = context.decide(source, destination, flow.protocol, port);
      for (const { determining } of decision === null ? [] : [decision.egress, decision.ingress]) {
        for (const { policy, pointer } of determining) used.add(ruleKey(policy, pointer));
      }
    }
  }
  return used;
}

function ruleKey(policy: ObjectRef, pointer: string): string {
  return `${objectKey(policy)}${pointer}`;
}

function findingFor(context: AuditContext, { rule, peer }: UnusedRule, watched: string, fix: Fix | null): FindingDraft {
  const { ref, selected } = rule.policy;
  const subject = selected.find((pod) => pod !== peer);
  const ends = rule.direction === 'ingress' ? ([peer, subject] as const) : ([subject, peer] as const);
  const [source, destination] = ends;
  const asked = rulePort(rule, destination ?? null);
  return {
    title: `nothing was seen to pass by the ${rule.direction} rule ${rule.index} of ${objectLabel(ref)}`,
    scope: 'rule',
    object: ref,
    pointer: rule.pointer,
    evidence: [
      { what: 'watched', value: watched },
      { what: 'pods of the policy', value: nameObjects(selected.map(workloadRef)) },
    ],
    counterexample:
      source === undefined || destination === undefined
        ? null
        : context.flow(source, destination, asked.protocol, asked.port),
    fix,
  };
}
