import { objectLabel } from '#engine';

import type { PolicyView } from '../context/policy-view.js';
import { NETWORK_POLICY, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { deletePolicy } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** COR-19. */
export const check = defineCheck({
  id: 'duplicate-or-conflicting-manifests',
  number: 'COR-19',
  area: 'correctness',
  core: false,
  title: 'two policies of a namespace say the same',
  description:
    'Finds NetworkPolicies of one namespace with equal specifications under two names: whoever changes one of them changes nothing. That one name stands twice in a set of manifests is told as a problem of its files.',
  remediation: 'Keep one of the two, and delete the other one.',
  severity: 'low',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: [NETWORK_POLICY],
  compliance: ['PCI-1.2.1', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    const seen = new Map<string, PolicyView>();
    for (const policy of context.networkPolicies) {
      const key = `${policy.ref.namespace} ${JSON.stringify(policy.spec)}`;
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, policy);
        continue;
      }
      findings.push({
        title: `${objectLabel(policy.ref)} says what ${first.ref.name} says`,
        scope: 'policy',
        object: policy.ref,
        related: [first.ref],
        evidence: [{ what: 'equal specification', value: objectLabel(first.ref) }],
        counterexample: null,
        fix: deletePolicy(policy.ref),
      });
    }
    return conclude({ examined: context.networkPolicies.length, findings, nothing: 'there are no NetworkPolicies' });
  },
});
