import { objectLabel } from '#engine';
import type { Json } from '#engine';

import type { RuleView } from '../context/policy-view.js';
import { NETWORK_POLICY, REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { withoutRule } from '../context/open-rules.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** HYG-02. */
export const check = defineCheck({
  id: 'redundant-rule',
  number: 'HYG-02',
  area: 'hygiene',
  core: false,
  title: 'a rule allows nothing that another rule of its policy does not allow',
  description:
    'Finds rules whose every peer and port stands in another rule of the same policy and direction, so that taking the rule away changes no connection, of pods that are there or still to come.',
  remediation: 'Take the rule out: what it allows is allowed all the same.',
  severity: 'low',
  confidence: 'certain',
  scope: 'rule',
  reads: { raw: NETWORK_POLICY },
  needs: [NETWORK_POLICY],
  compliance: ['PCI-1.2.7', 'CM-6'],
  references: [REFERENCES.concepts],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const { rules } of context.networkPolicies) {
      for (const rule of rules) {
        examined++;
        const other = rules.find(
          (each) => each !== rule && covers(each, rule) && !(covers(rule, each) && rule.index < each.index),
        );
        if (other === undefined || rule.entry === null) continue;
        findings.push({
          title: `${objectLabel(rule.policy.ref)} allows at ${rule.pointer} what ${other.pointer} allows already`,
          scope: 'rule',
          object: rule.policy.ref,
          pointer: rule.pointer,
          evidence: [{ what: 'covered by', value: other.pointer }],
          counterexample: null,
          fix: withoutRule(context, rule.policy.ref, rule.pointer),
        });
      }
    }
    return conclude({ examined, findings, nothing: 'no policy has a rule' });
  },
});

/** Whether everything that `b` allows stands in `a`. Equal text means equal peers; what is only equivalent is not found. */
function covers(a: RuleView, b: RuleView): boolean {
  return a.direction === b.direction && holds(a.peers, b.peers) && holds(a.ports, b.ports);
}

/** No peers, and no ports, are all of them. */
function holds(all: readonly Json[], some: readonly Json[]): boolean {
  if (all.length === 0) return true;
  const known = new Set(all.map((one) => JSON.stringify(one)));
  return some.length > 0 && some.every((one) => known.has(JSON.stringify(one)));
}
