import { oncePer } from '../base/index.js';
import type { FlowDecision, RuleRef, TraceStep } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { ruleLabel } from '../explain/rule-label.js';
import type { EndpointView, RuleView, StepView } from './answer.js';
import { describeEndpoint } from './describe-endpoint.js';

/** How a flow comes to its verdict, from its source to its destination. */
export function stepViews(
  snapshot: CompiledSnapshot,
  decision: FlowDecision,
  source: EndpointView,
  destination: EndpointView,
  translation: string,
): StepView[] {
  const titles = tierTitles(snapshot);
  const out: StepView[] = [info('source', describeEndpoint(source))];
  if (translation !== '') out.push(info('translation', translation));
  for (const direction of ['egress', 'ingress'] as const) {
    const { steps, nearMisses } = decision[direction];
    const missed = lastDeny(steps);
    for (const [i, { tier, outcome, rules, why }] of steps.entries()) {
      out.push({
        hop: direction,
        direction,
        tier: titles.get(tier) ?? tier,
        decision: outcome,
        rules: rules.map(ruleView),
        why,
        nearMisses: i === missed ? nearMisses.map(missView) : [],
      });
    }
  }
  out.push(info('destination', describeEndpoint(destination)));
  return out;
}

function info(hop: StepView['hop'], why: string): StepView {
  return { hop, direction: null, tier: '', decision: 'info', rules: [], why, nearMisses: [] };
}

const tierTitles = oncePer(({ intended }: CompiledSnapshot): ReadonlyMap<string, string> => {
  const tiers = intended.sets.flatMap(({ gates }) => gates.flatMap((gate) => gate.tiers));
  return new Map(tiers.map(({ tier }) => [tier.id, tier.title]));
});

function lastDeny(steps: readonly TraceStep[]): number {
  return steps.findLastIndex((step) => step.outcome === 'isolated' || step.outcome === 'deny');
}

/** One object for each rule, so that who writes answers down may keep what it made of it. */
const ruleView = oncePer((rule: RuleRef): RuleView => ({
  policy: rule.policy,
  pointer: rule.pointer,
  label: ruleLabel(rule),
}));

function missView(miss: FlowDecision['egress']['nearMisses'][number]): StepView['nearMisses'][number] {
  return { rule: ruleView(miss.rule), part: miss.part, why: miss.why };
}
