import type { Answer, EndpointView, FlowView, ReadingView, StepView } from './answer.js';
import { describeEndpoint } from './describe-endpoint.js';
import { HIDDEN_POLICY, hiddenRule, seesObject, visibleCni, type Sees } from './visibility.js';

/**
 * The part of an answer that a caller may see. Verdicts stay; whoever is behind an address, and the policies that decide
 * there, have no name. A fix would name what it opens, so there is none where something is hidden.
 */
export function visibleAnswer(answer: Answer, sees: Sees): Answer {
  const flows = answer.flows.map((flow) => visibleFlow(flow, sees));
  const isWhole = flows.every((flow, i) => flow.intended === answer.flows[i]?.intended);
  const decides = answer.flows.findIndex((flow) => flow.steps === answer.steps);
  return {
    ...answer,
    ...(isWhole
      ? {}
      : {
          reason: 'NOT_PERMITTED_TO_SEE' as const,
          summary: summaryOf(answer.verdict),
          intended: hiddenReading(answer.intended),
          enforced: hiddenReading(answer.enforced),
          fixes: [],
        }),
    steps: flows[decides]?.steps ?? [],
    flows,
    diagnostics: answer.diagnostics.filter(({ object }) => object !== null && seesObject(object, sees)),
    cni: visibleCni(answer.cni, sees),
  };
}

function visibleFlow(flow: FlowView, sees: Sees): FlowView {
  const source = visibleEndpoint(flow.source, sees);
  const destination = visibleEndpoint(flow.destination, sees);
  const ends = { source, destination, egress: source, ingress: destination };
  const originals = {
    source: flow.source,
    destination: flow.destination,
    egress: flow.source,
    ingress: flow.destination,
  };
  const isHiddenEnd = (hop: StepView['hop']): boolean =>
    hop !== 'translation' && ends[hop].kind !== originals[hop].kind;
  const steps = flow.steps.map((step) =>
    step.hop === 'source' || step.hop === 'destination'
      ? { ...step, why: describeEndpoint(ends[step.hop]) }
      : visibleStep(step, isHiddenEnd(step.hop), sees),
  );
  const isWhole =
    !isHiddenEnd('source') &&
    !isHiddenEnd('destination') &&
    flow.steps.every((step) => rulesOf(step).every((rule) => seesObject(rule.policy, sees)));
  if (isWhole) return { ...flow, source, destination, steps };
  return {
    ...flow,
    source,
    destination,
    steps,
    intended: hiddenReading(flow.intended),
    enforced: hiddenReading(flow.enforced),
    onlyFor: [],
  };
}

function visibleStep(step: StepView, isHiddenEnd: boolean, sees: Sees): StepView {
  const nearMisses = isHiddenEnd ? [] : step.nearMisses.filter((miss) => seesObject(miss.rule.policy, sees));
  if (!isHiddenEnd && step.rules.every((rule) => seesObject(rule.policy, sees))) return { ...step, nearMisses };
  const rules = step.rules.map((rule) => (!isHiddenEnd && seesObject(rule.policy, sees) ? rule : hiddenRule(rule)));
  return { ...step, tier: '', rules, why: `decided by ${HIDDEN_POLICY}`, nearMisses };
}

function rulesOf(step: StepView): StepView['rules'] {
  return [...step.rules, ...step.nearMisses.map((miss) => miss.rule)];
}

/** A hidden pod or node is an address like any other; a node is not told where nodes are hidden. */
function visibleEndpoint(endpoint: EndpointView, sees: Sees): EndpointView {
  const { kind, namespace, address } = endpoint;
  if (kind === 'external' || kind === 'special') return endpoint;
  if (!sees(namespace)) {
    return { kind: 'external', namespace: '', name: address, label: address, address, workload: '', node: '' };
  }
  return sees('') ? endpoint : { ...endpoint, node: '' };
}

function hiddenReading({ verdict }: ReadingView): ReadingView {
  return { verdict, reason: 'NOT_PERMITTED_TO_SEE', summary: summaryOf(verdict) };
}

function summaryOf(verdict: string): string {
  return `the reason involves ${HIDDEN_POLICY} → ${verdict}`;
}
