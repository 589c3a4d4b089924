import type { Provenance } from '#analysis';
import type { Answer, FlowView, RuleView, StepView } from '#engine';
import { cniToBody, diagnosticToBody, pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { reachabilityBody } from './reachability.body.js';

export type ReachabilityBody = Body<typeof reachabilityBody>;

/** An answer as JSON. */
export function reachabilityToBody(answer: Answer, provenance: Provenance): ReachabilityBody {
  return {
    verdict: answer.verdict,
    reason: answer.reason,
    summary: answer.summary,
    intended: answer.intended,
    enforced: answer.enforced,
    source: answer.source,
    destination: answer.destination,
    protocol: answer.protocol,
    port: answer.port,
    steps: answer.steps.map(stepToBody),
    flows: answer.flows.map(flowToBody),
    fixes: answer.fixes,
    assumptions: answer.assumptions,
    diagnostics: answer.diagnostics.map(diagnosticToBody),
    cni: cniToBody(answer.cni),
    confidence: answer.confidence,
    ...provenanceToBody(provenance),
  };
}

function flowToBody(flow: FlowView): ReachabilityBody['flows'][number] {
  return { ...flow, steps: flow.steps.map(stepToBody) };
}

function stepToBody(step: StepView): ReachabilityBody['steps'][number] {
  return {
    ...step,
    rules: step.rules.map(ruleToBody),
    nearMisses: step.nearMisses.map((miss) => ({ rule: ruleToBody(miss.rule), part: miss.part, why: miss.why })),
  };
}

function ruleToBody(rule: RuleView): ReachabilityBody['steps'][number]['rules'][number] {
  return { policy: pickRef(rule.policy), pointer: rule.pointer, label: rule.label };
}
