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
  const info = (hop: StepView['hop'], why: string): StepView => ({
    hop,
    direction: null,
    tier: '',
    decision: 'info',
    rules: [],
    why,
    nearMisses: [],
  });
  const titles = tierTitles(snapshot);
  const hop = (direction: 'egress' | 'ingress'): StepView[] =>
    decision[direction].steps.map((step, i, all) => ({
      hop: direction,
      direction,
      tier: titles.get(step.tier) ?? step.tier,
      decision: step.outcome,
      rules: step.rules.map(ruleView),
      why: step.why,
      nearMisses: i === lastDeny(all) ? decision[direction].nearMisses.map(missView) : [],
    }));
  return [
    info('source', describeEndpoint(source)),
    ...(translation === '' ? [] : [info('translation', translation)]),
    ...hop('egress'),
    ...hop('ingress'),
    info('destination', describeEndpoint(destination)),
  ];
}

const TITLES = new WeakMap<CompiledSnapshot, ReadonlyMap<string, string>>();

function tierTitles(snapshot: CompiledSnapshot): ReadonlyMap<string, string> {
  let known = TITLES.get(snapshot);
  if (known === undefined) {
    const tiers = snapshot.intended.sets.flatMap(({ gates }) => gates.flatMap((gate) => gate.tiers));
    TITLES.set(snapshot, (known = new Map(tiers.map(({ tier }) => [tier.id, tier.title]))));
  }
  return known;
}

function lastDeny(steps: readonly TraceStep[]): number {
  return steps.findLastIndex((step) => step.outcome === 'isolated' || step.outcome === 'deny');
}

function ruleView(rule: RuleRef): RuleView {
  return { policy: rule.policy, pointer: rule.pointer, label: ruleLabel(rule) };
}

function missView(miss: FlowDecision['egress']['nearMisses'][number]): StepView['nearMisses'][number] {
  return { rule: ruleView(miss.rule), part: miss.part, why: miss.why };
}
