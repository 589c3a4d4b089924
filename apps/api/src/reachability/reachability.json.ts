import type { Provenance } from '#analysis';
import {
  oncePer,
  type Answer,
  type CniDetection,
  type Diagnostic,
  type EndpointView,
  type FixView,
  type FlowView,
  type ReadingView,
  type RuleView,
  type SideView,
  type StepView,
} from '#engine';
import { listText, quoted } from '../rest/json-text.js';
import { provenanceText } from '../rest/provenance.json.js';
import { cniToBody, diagnosticToBody } from '../rest/provenance.mapper.js';
import { RecentTexts } from '../rest/recent-texts.js';
import { textBytes } from '../rest/text-bytes.js';
import { ruleToBody } from './reachability.mapper.js';

/** The engine tells of a rule by one object. */
const ruleTexts = new RecentTexts<RuleView>(16_384);
/** The CNI is one object for all answers of a snapshot. */
const cniText = oncePer((cni: CniDetection): string => JSON.stringify(cniToBody(cni)));

/**
 * The JSON of `reachabilityToBody`, byte by byte, in a third of its time: words of our own are not looked at for what has to
 * be escaped, what stands in an answer twice is written once, and what is the same in many is kept. Pieces stand apart that have
 * arrows in them (`textBytes`), and those that come twice: text is put together when it is written, then once for both.
 */
export function reachabilityJson(answer: Answer, provenance: Provenance): Buffer {
  const { verdict, reason, summary, source, destination, protocol, port } = answer;
  const readings = readingsText(answer);
  const steps = stepsText(answer.steps);
  const sides = `"source":${sideText(source)},"destination":${sideText(destination)}`;
  const pieces = [
    `{"verdict":"${verdict}","reason":"${reason}","summary":${quoted(summary)},`,
    readings,
    `,${sides},"protocol":${quoted(protocol)},"port":${quoted(port)},"steps":`,
    steps,
  ];
  let before = `,"flows":[`;
  for (const flow of answer.flows) {
    const isSame = flow.intended === answer.intended && flow.enforced === answer.enforced;
    pieces.push(
      `${before}${endsText(flow)}`,
      isSame ? readings : readingsText(flow),
      `,"count":${String(flow.count)},"verdict":"${flow.verdict}","steps":`,
      flow.steps === answer.steps ? steps : stepsText(flow.steps),
    );
    before = `,"onlyFor":${textsText(flow.onlyFor)}},`;
  }
  const { fixes, assumptions, diagnostics } = answer;
  const end = answer.flows.length === 0 ? before : before.slice(0, -1);
  const told = `"fixes":${listText(fixes, fixText)},"assumptions":${textsText(assumptions)}`;
  const about = `"diagnostics":${diagnosticsText(diagnostics)},"cni":${cniText(answer.cni)}`;
  pieces.push(`${end}],${told},${about},"confidence":${String(answer.confidence)},${provenanceText(provenance)}}`);
  return textBytes(pieces);
}

/** A flow before its readings. */
function endsText({ source, destination, protocol, port, ports }: FlowView): string {
  const ends = `"source":${endpointText(source)},"destination":${endpointText(destination)}`;
  return `{${ends},"protocol":${quoted(protocol)},"port":${String(port)},"ports":${quoted(ports)},`;
}

function endpointText({ kind, namespace, name, label, address, workload, node }: EndpointView): string {
  const named = `"kind":"${kind}","namespace":${quoted(namespace)},"name":${quoted(name)},"label":${quoted(label)}`;
  return `{${named},"address":${quoted(address)},"workload":${quoted(workload)},"node":${quoted(node)}}`;
}

function readingsText({ intended, enforced }: Pick<Answer, 'intended' | 'enforced'>): string {
  return `"intended":${readingText(intended)},"enforced":${readingText(enforced)}`;
}

function readingText({ verdict, reason, summary }: ReadingView): string {
  return `{"verdict":"${verdict}","reason":"${reason}","summary":${quoted(summary)}}`;
}

function sideText({ query, label, endpoints }: SideView): string {
  return `{"query":${queryText(query)},"label":${quoted(label)},"endpoints":${endpoints}}`;
}

/** Nearly all are asked about by name. */
function queryText(query: SideView['query']): string {
  if (query.type !== 'name') return JSON.stringify(query);
  return `{"type":"name","namespace":${quoted(query.namespace)},"name":${quoted(query.name)}}`;
}

function stepsText(steps: readonly StepView[]): string {
  return listText(steps, stepText);
}

function stepText({ hop, direction, tier, decision, rules, why, nearMisses }: StepView): string {
  const place = `"hop":"${hop}","direction":${direction === null ? 'null' : `"${direction}"`},"tier":${quoted(tier)}`;
  const said = `"decision":"${decision}","rules":${listText(rules, ruleText)},"why":${quoted(why)}`;
  return `{${place},${said},"nearMisses":${listText(nearMisses, missText)}}`;
}

function ruleText(rule: RuleView): string {
  let text = ruleTexts.get(rule);
  if (text === undefined) ruleTexts.set(rule, (text = JSON.stringify(ruleToBody(rule))));
  return text;
}

function missText({ rule, part, why }: StepView['nearMisses'][number]): string {
  return `{"rule":${ruleText(rule)},"part":${quoted(part)},"why":${quoted(why)}}`;
}

function fixText({ title, why, action, manifest }: FixView): string {
  return `{"title":${quoted(title)},"why":${quoted(why)},"action":"${action}","manifest":${quoted(manifest)}}`;
}

function textsText(texts: readonly string[]): string {
  return listText(texts, quoted);
}

function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.length === 0 ? '[]' : JSON.stringify(diagnostics.map(diagnosticToBody));
}
