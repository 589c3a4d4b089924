import type { Provenance } from '#analysis';
import type { Answer, CniDetection, FlowView, StepView } from '#engine';
import { cniToBody, diagnosticToBody, provenanceToBody } from '../rest/provenance.mapper.js';
import { textBytes } from '../rest/text-bytes.js';
import { stepToBody } from './reachability.mapper.js';

/** The CNI is one object for all answers of a snapshot. */
const CNI_TEXTS = new WeakMap<CniDetection, string>();

/**
 * The JSON of `reachabilityToBody`, byte by byte, in half its time: what stands in an answer twice is written once, and what
 * is the same in many is kept.
 */
export function reachabilityJson(answer: Answer, provenance: Provenance): Buffer {
  const { verdict, reason, summary, intended, enforced, source, destination, protocol, port } = answer;
  const { asOf, completeness, engineVersion } = provenanceToBody(provenance);
  const steps = stepsText(answer.steps);
  const said = JSON.stringify({ verdict, reason, summary, intended, enforced, source, destination, protocol, port });
  const pieces = [said.slice(0, -1)];
  let before = `,"steps":${steps},"flows":[`;
  for (const flow of answer.flows) {
    pieces.push(before);
    pieces.push(flowSaid(flow));
    const ofFlow = flow.steps === answer.steps ? steps : stepsText(flow.steps);
    pieces.push(`,"steps":${ofFlow},"onlyFor":${JSON.stringify(flow.onlyFor)}}`);
    before = ',';
  }
  const { fixes, assumptions, confidence } = answer;
  const rest = JSON.stringify({ fixes, assumptions, diagnostics: answer.diagnostics.map(diagnosticToBody) });
  const about = JSON.stringify({ confidence, asOf, completeness, engineVersion });
  pieces.push(`${before === ',' ? '' : before}],${rest.slice(1, -1)},"cni":${cniText(answer.cni)},${about.slice(1)}`);
  return textBytes(pieces);
}

/** A flow before its steps. */
function flowSaid(flow: FlowView): string {
  const { source, destination, protocol, port, ports, intended, enforced, count, verdict } = flow;
  const said = { source, destination, protocol, port, ports, intended, enforced, count, verdict };
  return JSON.stringify(said).slice(0, -1);
}

function stepsText(steps: readonly StepView[]): string {
  return JSON.stringify(steps.map(stepToBody));
}

function cniText(cni: CniDetection): string {
  let text = CNI_TEXTS.get(cni);
  if (text === undefined) CNI_TEXTS.set(cni, (text = JSON.stringify(cniToBody(cni))));
  return text;
}
