import { objectLabel } from '../model/index.js';
import type { RuleRef } from '../model/index.js';

/** `shop/web-egress#0`, with the rule's own name where it has one; `shop/web-egress` for the policy as a whole. */
export function ruleLabel(rule: RuleRef): string {
  const policy = objectLabel(rule.policy);
  if (rule.index < 0) return policy;
  return rule.name === '' ? `${policy}#${rule.index}` : `${policy}#${rule.index} (${rule.name})`;
}

/** Names joined for a sentence, at most three of them. */
export function nameList(names: readonly string[]): string {
  if (names.length === 1) return names[0] as string;
  const distinct = [...new Set(names)];
  if (distinct.length <= 3) return distinct.join(', ');
  return `${distinct.slice(0, 3).join(', ')} and ${distinct.length - 3} more`;
}
