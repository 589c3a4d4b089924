import { groupBy, objectLabel } from '#engine';

import type { PolicyView } from '../context/policy-view.js';
import { SaidByOthers } from '../context/rule-coverage.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { deletePolicy } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-01. */
export const check = defineCheck({
  id: 'overlapping-policies',
  number: 'HYG-01',
  area: 'hygiene',
  core: true,
  title: 'a policy says nothing that other policies of its namespace do not say',
  description:
    'Policies add up. Finds NetworkPolicies that are identical to another one, or whose every selected pod is closed by others and whose every rule lies within a rule of others, for pods that exist and for those that do not. Overlaps that add something are not reported.',
  remediation: 'Delete the policy that adds nothing, or merge the two.',
  severity: 'low',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const gone = new Set<PolicyView>();
    const policies = context.networkPolicies;
    const byNamespace = new Map(
      [...groupBy(policies, ({ ref }) => ref.namespace)].map(([namespace, members]) => [
        namespace,
        new SaidByOthers(context, members, ({ entries }) => entries),
      ]),
    );
    // Of two equal policies the later name goes, so that a report never asks for both.
    for (const policy of policies.toReversed()) {
      const said = byNamespace.get(policy.ref.namespace);
      const covering = said?.covering(policy.entries, (other) => other !== policy && !gone.has(other)) ?? null;
      if (covering === null) continue;
      gone.add(policy);
      findings.push(findingFor(policy, covering));
    }
    return conclude({
      examined: policies.length,
      findings: findings.toReversed(),
      nothing: 'there is no NetworkPolicy',
    });
  },
});

function findingFor(policy: PolicyView, covering: readonly PolicyView[]): FindingDraft {
  const names = covering.map((other) => objectLabel(other.ref)).join(', ');
  return {
    title: `${objectLabel(policy.ref)} adds nothing to ${names}`,
    scope: 'policy',
    object: policy.ref,
    related: covering.map((other) => other.ref),
    evidence: [
      { what: 'policies that say the same', value: names },
      { what: 'selected pods', value: String(policy.selected.length) },
    ],
    counterexample: null,
    fix: deletePolicy(policy.ref, 'the prediction holds for pods that exist and for those that do not'),
  };
}
