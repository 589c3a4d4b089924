import { field, list, TCP, text } from '#engine';
import type { Direction } from '#engine';

import { somePort, type AuditContext } from '../context/audit-context.js';
import { internetFor } from '../context/example-address.js';
import { DIRECTIONS, typeName, type PolicyView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-04. */
export const check = defineCheck({
  id: 'rules-not-in-policy-types',
  number: 'COR-04',
  area: 'correctness',
  core: false,
  title: 'a policy has rules for a direction that its policy types leave out',
  description:
    'By the specification such rules do nothing: the pods are not closed in that direction, so they stay open unless another policy closes them. Some plugins apply the rules all the same, so that one object means two things on two clusters.',
  remediation: 'Add the direction to the policy types, or delete the rules.',
  severity: 'high',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['CM-6'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const findings: FindingDraft[] = [];
    for (const policy of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        if (policy.directions.has(direction) || !policy.rules.some((rule) => rule.direction === direction)) continue;
        findings.push(findingFor(context, policy, direction));
      }
    }
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

function findingFor(context: AuditContext, policy: PolicyView, direction: Direction): FindingDraft {
  const { namespace, name } = policy.ref;
  const [subject = context.newPod(namespace)] = policy.selected;
  const rules = policy.rules.filter((rule) => rule.direction === direction);
  const port = somePort(subject);
  return {
    title: `${rules.length} ${direction} rules of ${namespace}/${name} do nothing`,
    scope: 'policy',
    object: policy.ref,
    pointer: `/spec/${direction}`,
    evidence: [
      { what: 'policy types', value: list(field(policy.spec, 'policyTypes')).map(text).join(', ') },
      { what: 'selected pods', value: String(policy.selected.length) },
    ],
    counterexample:
      direction === 'egress'
        ? context.flow(subject, internetFor(subject), TCP, 443)
        : context.flow(context.stranger, subject, TCP, port),
    fix: replaceSpec(
      policy,
      `add ${typeName(direction)} to the policy types`,
      specWith(policy, '/spec/policyTypes', [...policy.directions, direction].map(typeName)),
      `this closes the selected pods for ${direction}, but for what the rules allow`,
    ),
  };
}
