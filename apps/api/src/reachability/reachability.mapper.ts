import type { BatchOutcome, Provenance } from '#analysis';
import type { Answer, FlowView, Judgement, RuleView, StepView } from '#engine';
import { cniToBody, diagnosticToBody, pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import { STATUS_BY_CODE } from '../http/status-table.js';
import type { reachabilityBatchBody, reachabilityBody, verdictBody } from './reachability.body.js';

export type ReachabilityBody = Body<typeof reachabilityBody>;
export type VerdictBody = Body<typeof verdictBody>;
export type ReachabilityBatchBody = Body<typeof reachabilityBatchBody>;

/** An answer as JSON. */
export function reachabilityToBody(answer: Answer, provenance: Provenance): ReachabilityBody {
  const { asOf, completeness, engineVersion } = provenanceToBody(provenance);
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
    asOf,
    completeness,
    engineVersion,
  };
}

export function verdictToBody({ verdict, reason, summary }: Judgement, provenance: Provenance): VerdictBody {
  const { asOf, completeness, engineVersion } = provenanceToBody(provenance);
  return { verdict, reason, summary, asOf, completeness, engineVersion };
}

function flowToBody(flow: FlowView): ReachabilityBody['flows'][number] {
  return { ...flow, steps: flow.steps.map(stepToBody) };
}

export function stepToBody(step: StepView): ReachabilityBody['steps'][number] {
  return {
    ...step,
    rules: step.rules.map(ruleToBody),
    nearMisses: step.nearMisses.map((miss) => ({ rule: ruleToBody(miss.rule), part: miss.part, why: miss.why })),
  };
}

export function ruleToBody(rule: RuleView): ReachabilityBody['steps'][number]['rules'][number] {
  return { policy: pickRef(rule.policy), pointer: rule.pointer, label: rule.label };
}

export function batchToBody(outcomes: readonly BatchOutcome[]): ReachabilityBatchBody {
  return { items: outcomes.map(itemToBody) };
}

function itemToBody(item: BatchOutcome): ReachabilityBatchBody['items'][number] {
  const { ref } = item;
  if (item.type === 'answer') {
    return { ref, status: 200, answer: reachabilityToBody(item.outcome.answer, item.outcome), problem: null };
  }
  const { code, message, errors = [], details } = item.error;
  const near = Array.isArray(details['near']) ? details['near'].map(String) : [];
  return { ref, status: STATUS_BY_CODE[code], answer: null, problem: { code, detail: message, errors, near } };
}
