import { field, list, TCP } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { internetFor } from '../context/example-address.js';
import { typeName, type PolicyView } from '../context/policy-view.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES, REFERENCES } from '../context/sources.js';
import { DEFAULTS_FILLED_IN, isAsWritten } from '../context/written-by-hand.js';
import { defineCheck } from '../define-check.js';
import { replaceSpec, specWith } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

const SAYS_EGRESS = /egress|outbound|deny-?all|default-?deny/i;

/** COR-03. */
export const check = defineCheck({
  id: 'missing-policy-types',
  number: 'COR-03',
  area: 'correctness',
  core: true,
  title: 'a policy leaves its policy types out',
  description:
    'Without the list a policy always closes ingress, and egress only when it has an egress rule. Weighs more when the policy’s name or a label speaks of egress or of denying everything and it has no egress rule, for then the default is not what was meant.',
  remediation: 'Write the list that matches the intent into every policy.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['CM-6'],
  references: [REFERENCES.concepts, REFERENCES.api],
  run(context) {
    const findings: FindingDraft[] = [];
    const written = context.networkPolicies.filter((policy) => isAsWritten(policy.fact));
    if (written.length === 0 && context.networkPolicies.length > 0) {
      return { outcome: 'skip', reason: DEFAULTS_FILLED_IN };
    }
    for (const policy of written) {
      if (list(field(policy.spec, 'policyTypes')).length === 0) findings.push(findingFor(context, policy));
    }
    return conclude({ examined: written.length, findings, nothing: 'there is no NetworkPolicy' });
  },
});

/** Where authors say what a policy is for. */
function wordsOf({ ref, fact: { meta } }: PolicyView): readonly string[] {
  return [ref.name, ...Object.values(meta.labels)];
}

function findingFor(context: AuditContext, policy: PolicyView): FindingDraft {
  const { namespace, name } = policy.ref;
  const surprising = !policy.directions.has('egress') && wordsOf(policy).some((words) => SAYS_EGRESS.test(words));
  const [subject = context.newPod(namespace)] = policy.selected;
  const applied = [...policy.directions].map(typeName);
  const meant = surprising ? ['Ingress', 'Egress'] : applied;
  return {
    title: `${namespace}/${name} does not say which directions it speaks for`,
    severity: surprising ? 'high' : 'medium',
    confidence: surprising ? 'likely' : 'certain',
    scope: 'policy',
    object: policy.ref,
    pointer: '/spec/policyTypes',
    evidence: [
      { what: 'in force by default', value: applied.join(', ') },
      { what: 'selected pods', value: String(policy.selected.length) },
    ],
    counterexample: surprising ? context.flow(subject, internetFor(subject), TCP, 443) : null,
    fix: replaceSpec(
      policy,
      `write policyTypes: [${meant.join(', ')}]`,
      specWith(policy, '/spec/policyTypes', meant),
      surprising ? 'this closes egress, as the name says; allow DNS and what else is needed first' : '',
    ),
  };
}
