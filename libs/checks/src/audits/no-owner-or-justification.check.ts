import { field, objectLabel, parseCidr } from '#engine';
import type { IpRange } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { publicParts } from '../context/address-space.js';
import { firstAddress } from '../context/example-address.js';
import type { RuleView } from '../context/policy-view.js';
import { rulePort } from '../context/rule-ports.js';
import { NETWORK_POLICY, PODS_AND_NETWORK_POLICIES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** Annotations of a policy that say who answers for it and why it is needed. */
const OWNER = 'netpol-atlas/owner';
const REASON = 'netpol-atlas/reason';

/** HYG-05. */
export const check = defineCheck({
  id: 'no-owner-or-justification',
  number: 'HYG-05',
  area: 'hygiene',
  core: false,
  title: 'nobody says who answers for an opening to the internet, or why it is needed',
  description:
    'Finds policies that allow public addresses in either direction and carry no owner (annotation netpol-atlas/owner) or no reason (netpol-atlas/reason).',
  remediation: 'Annotate the policy with its owner and the need that it serves, or close what nobody needs.',
  severity: 'low',
  confidence: 'certain',
  scope: 'policy',
  reads: { raw: NETWORK_POLICY },
  needs: PODS_AND_NETWORK_POLICIES,
  compliance: ['PCI-1.2.5'],
  references: ['https://www.pcisecuritystandards.org/document_library/'],
  run(context) {
    const findings: FindingDraft[] = [];
    let examined = 0;
    for (const policy of context.networkPolicies) {
      const opening = policy.rules.find((rule) => publicBlock(rule) !== null);
      if (opening === undefined) continue;
      examined++;
      const { annotations } = policy.fact.meta;
      const missing = [OWNER, REASON].filter((key) => (annotations[key] ?? '').trim() === '');
      if (missing.length === 0) continue;
      findings.push({
        title: `${objectLabel(policy.ref)} opens a way to or from the internet without ${missing.length === 2 ? 'an owner and a reason' : missing[0] === OWNER ? 'an owner' : 'a reason'}`,
        scope: 'policy',
        object: policy.ref,
        evidence: [{ what: 'missing', value: missing.join(', ') }],
        counterexample: flowOf(context, opening),
        fix: annotated(opening, missing),
      });
    }
    return conclude({ examined, findings, nothing: 'no NetworkPolicy names public addresses' });
  },
});

/** The first public addresses that a rule names; null for none. A rule without peers is another check's. */
function publicBlock({ peers }: RuleView): IpRange | null {
  for (const peer of peers) {
    const cidr = field(field(peer, 'ipBlock'), 'cidr');
    const range = typeof cidr === 'string' ? parseCidr(cidr) : null;
    const [part] = range === null ? [] : publicParts(range);
    if (part !== undefined) return part;
  }
  return null;
}

function flowOf(context: AuditContext, rule: RuleView): FindingDraft['counterexample'] {
  const [subject] = rule.policy.selected;
  const block = publicBlock(rule);
  if (subject === undefined || block === null) return null;
  const outside = firstAddress(block);
  const [source, destination] = rule.direction === 'ingress' ? [outside, subject] : [subject, outside];
  const { protocol, port } = rulePort(rule, destination);
  return context.flow(source, destination, protocol, port);
}

function annotated({ policy }: RuleView, missing: readonly string[]): FindingDraft['fix'] {
  const command = missing.map((key) => `${key}='…'`).join(' ');
  const { namespace, name } = policy.ref;
  return operatorTask(
    `annotate ${objectLabel(policy.ref)}`,
    'write who and why in the place of …',
    `kubectl annotate networkpolicy --namespace ${namespace} ${name} ${command}\n`,
  );
}
