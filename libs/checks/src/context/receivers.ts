import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';
import type { RuleView } from './policy-view.js';

/** The pods at whose ports a rule is looked up: those selected for ingress, the peers for egress. */
export function receiversOf(context: AuditContext, rule: RuleView): readonly Endpoint[] {
  if (rule.direction === 'ingress') return rule.policy.selected;
  return peersOf(context, rule);
}

/** Pods that open the connections of a rule: the peers for ingress, those selected for egress. */
export function sendersOf(context: AuditContext, rule: RuleView): readonly Endpoint[] {
  if (rule.direction === 'egress') return rule.policy.selected;
  return peersOf(context, rule);
}

/** Every pod that a peer of a rule matches, each once. */
export function peersOf(context: AuditContext, rule: RuleView): readonly Endpoint[] {
  return context.choices.byAny(rule.selectors);
}
