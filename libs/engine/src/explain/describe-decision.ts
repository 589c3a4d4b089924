import type { DirectionDecision, FlowDecision, ObjectRef, ReasonCode, RuleRef, TraceStep } from '../model/index.js';
import { nameList, ruleLabel } from './rule-label.js';

const ADMIN_TIERS: ReadonlySet<string> = new Set(['admin', 'kube-admin']);
const BASELINE_TIERS: ReadonlySet<string> = new Set(['baseline', 'kube-baseline', 'upstream-baseline']);

/**
 * One line for a flow: `egress shop/web: allowed by … → ingress pay/api: no rule of … matches → denied`. `settled` is what
 * ingress came to where its own decision does not say all.
 */
export function describeFlow(
  flow: FlowDecision,
  source: string,
  destination: string,
  settled: string | null = null,
): string {
  const egress = `egress ${source}: ${describeDirection(flow.egress)}`;
  const end = flow.verdict === 'allow' ? 'allowed' : flow.verdict === 'deny' ? 'denied' : 'undetermined';
  if (flow.egress.verdict === 'deny') return `${egress} → ${end}`;
  return `${egress} → ingress ${destination}: ${settled ?? describeDirection(flow.ingress)} → ${end}`;
}

/** What a direction came to, in a few words. */
export function describeDirection(decision: DirectionDecision): string {
  if (!decision.steps.some(isPass)) return describeEnd(decision);
  const passes = decision.steps.filter(isPass).flatMap((step) => step.rules);
  const passed = passes.length === 0 ? '' : `passed on by ${nameList(passes.map(ruleLabel))}, then `;
  return `${passed}${describeEnd(decision)}`;
}

const isPass = ({ outcome }: TraceStep): boolean => outcome === 'pass';

function describeEnd(decision: DirectionDecision): string {
  const names = nameList(decision.determining.map(ruleLabel));
  switch (decision.reason) {
    case 'rule-matched':
      return deniedByWholePolicies(decision)
        ? `no rule of ${names} matches${nearMiss(decision)}`
        : `${settledWord(decision)} by ${names}`;
    case 'isolated-no-rule-matched':
      return `no rule of ${names} matches${nearMiss(decision)}`;
    case 'default-allow':
      return 'open, no policy isolates it';
    case 'default-deny':
      return 'closed by default';
    case 'not-subject':
    case 'same-pod':
    case 'same-node':
      return decision.steps.at(-1)?.rules.length === 0 && decision.reason !== 'not-subject'
        ? (decision.steps.at(-1)?.why ?? '')
        : 'not subject to policy';
    case 'unevaluable':
      return `cannot be told (${names})`;
  }
}

/** Policies that refuse what none of their rules admits, as ALLOW policies of a mesh do. */
function deniedByWholePolicies({ verdict, determining }: DirectionDecision): boolean {
  return verdict === 'deny' && determining.every((rule) => rule.pointer === '');
}

/** The rule of the deciding policies that was nearest to match; named when there are several policies. */
function nearMiss({ determining, nearMisses }: DirectionDecision): string {
  const miss = nearMisses.find(({ rule }) => determining.some(isOf(rule.policy)));
  if (miss === undefined) return '';
  return determining.every(isOf(miss.rule.policy)) ? ` (${miss.why})` : ` (${ruleLabel(miss.rule)}: ${miss.why})`;
}

function isOf({ group, kind, namespace, name }: ObjectRef): (rule: RuleRef) => boolean {
  return ({ policy: one }) =>
    one.name === name && one.namespace === namespace && one.kind === kind && one.group === group;
}

function settledWord({ verdict, determining }: DirectionDecision): string {
  if (verdict === 'allow') return 'allowed';
  return determining[0]?.refusal === 'reject' ? 'rejected' : 'denied';
}

/** The stable reason code of a decided flow. */
export function reasonCode(flow: FlowDecision): ReasonCode {
  if (flow.verdict === 'unknown') return 'FEATURE_NOT_IMPLEMENTED';
  if (flow.verdict === 'deny') return denyCode(flow.egress.verdict === 'deny' ? flow.egress : flow.ingress);
  const { egress, ingress } = flow;
  if (egress.reason === 'same-pod') return 'SAME_POD';
  if (egress.reason === 'same-node' || ingress.reason === 'same-node') return 'SAME_NODE_HOST_TRAFFIC';
  if (ingress.reason === 'rule-matched') return 'INGRESS_RULE_MATCHED';
  if (egress.reason === 'rule-matched') return 'EGRESS_RULE_MATCHED';
  return ingress.reason === 'not-subject' ? 'DEFAULT_ALLOW_EGRESS' : 'DEFAULT_ALLOW_INGRESS';
}

function denyCode(decision: DirectionDecision): ReasonCode {
  const egress = decision.direction === 'egress';
  if (decision.reason === 'isolated-no-rule-matched') {
    return egress ? 'EGRESS_NO_RULE_MATCHED' : 'INGRESS_NO_RULE_MATCHED';
  }
  const tier = decision.steps.findLast((step) => step.outcome === 'deny')?.tier ?? '';
  if (ADMIN_TIERS.has(tier)) return 'ADMIN_TIER_DENY';
  if (BASELINE_TIERS.has(tier)) return 'BASELINE_TIER_DENY';
  return tier === 'mesh' ? 'MESH_DENY' : 'VENDOR_POLICY_DENY';
}
