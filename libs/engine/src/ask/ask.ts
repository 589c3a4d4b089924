import { objectLabel, protocolName, TCP, UDP } from '../model/index.js';
import type { Diagnostic, FlowDecision, ReasonCode } from '../model/index.js';
import { ENCAPSULATED_BY_PODS } from '../cni/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { stableLabels } from '../compile/stable-labels.js';
import { describeLimit } from '../eval/match-condition.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { bothLimits } from '../eval/left-open.js';
import { HBONE, isCarried, namesPorts } from '../kinds/istio/index.js';
import { describeFlow, reasonCode } from '../explain/describe-decision.js';
import type {
  Answer,
  AnswerVerdict,
  AskResult,
  EndpointView,
  FlowView,
  Judgement,
  ReadingCodes,
  ReadingView,
  Ruling,
} from './answer.js';
import { diagnosticsIn } from './diagnostics-in.js';
import { differByPorts } from './differ-by-ports.js';
import { resolveQuestion } from './asked-pairs.js';
import type { ResolvedQuestion, Targets } from './asked-pairs.js';
import { addressText } from './endpoint-groups.js';
import { judgeFlows } from './judged-flows.js';
import type { JudgedFlow } from './judged-flows.js';
import type { FlowQuestion } from './question.js';
import { leftOpenBy } from './replaced-client.js';
import { stepViews } from './step-views.js';
import { suggestFix } from './suggest-fix.js';
import { overallVerdict, VERDICT_WORDS } from './verdict-of.js';
import { SEES_ALL, type Sees } from './visibility.js';
import { visibleAnswer } from './visible-answer.js';

/** Flows told one by one in an answer; the others are counted in the verdict. */
const FLOW_LIMIT = 100;

/** A flow with both readings as an answer tells them. */
interface RuledFlow {
  readonly judged: JudgedFlow;
  readonly told: Readonly<Record<ReadingName, ReadingView>>;
}

/** The ends of a flow as an answer names them. */
interface Ends {
  readonly from: EndpointView;
  readonly to: EndpointView;
}

type ToldFlow = RuledFlow & Ends;

/**
 * Answers a question from a compiled snapshot. Pure; equal snapshots and questions give equal answers. What lies in a
 * namespace that the caller does not see is not found, as if it did not exist, and has no name in the answer.
 */
export function ask(snapshot: CompiledSnapshot, question: FlowQuestion, sees: Sees = SEES_ALL): AskResult {
  const resolved = resolveQuestion(snapshot, question, sees);
  if (resolved.type === 'notFound') return resolved;
  const flows = toldFlows(snapshot, resolved);
  const answer = Object.assign(judgement(snapshot, resolved, flows), evidence(snapshot, resolved, flows));
  const visible = sees === SEES_ALL ? answer : visibleAnswer(answer, sees);
  if (visible.flows.length <= FLOW_LIMIT) return { type: 'answer', answer: visible };
  return { type: 'answer', answer: { ...visible, flows: visible.flows.slice(0, FLOW_LIMIT) } };
}

/** The same without the evidence, for those who would not look at it: a quarter less work. */
export function judge(snapshot: CompiledSnapshot, question: FlowQuestion, sees: Sees = SEES_ALL): AskResult<Judgement> {
  // Whether something decides that the caller does not see is found in the evidence.
  if (sees !== SEES_ALL) return ask(snapshot, question, sees);
  const resolved = resolveQuestion(snapshot, question, sees);
  if (resolved.type === 'notFound') return resolved;
  return { type: 'answer', answer: judgement(snapshot, resolved, toldFlows(snapshot, resolved)) };
}

/** The same in codes, without a word: a third of the work. */
export function decide(snapshot: CompiledSnapshot, question: FlowQuestion, sees: Sees = SEES_ALL): AskResult<Ruling> {
  if (sees !== SEES_ALL) return ask(snapshot, question, sees);
  const resolved = resolveQuestion(snapshot, question, sees);
  if (resolved.type === 'notFound') return resolved;
  const flows = judgeFlows(snapshot, resolved, 'codes').map((judged): RuledFlow => ({
    judged,
    told: readingViews(snapshot, judged, null),
  }));
  const intended = codesOf(overall(resolved, flows, 'intended'));
  const enforced = codesOf(overall(resolved, flows, 'enforced'));
  const { verdict, reason } = enforced;
  const { source, destination, protocol, port, cni, confidence } = subjectOf(snapshot, resolved);
  const answer = { verdict, reason, intended, enforced, source, destination, protocol, port, cni, confidence };
  return { type: 'answer', answer };
}

const codesOf = ({ verdict, reason }: ReadingView): ReadingCodes => ({ verdict, reason });

/** What both readings make of each flow that a question asks about, in words. */
function toldFlows(snapshot: CompiledSnapshot, question: ResolvedQuestion): ToldFlow[] {
  return judgeFlows(snapshot, question).map((judged) => {
    const from = endpointView(judged.source);
    const to = endpointView(judged.destination);
    return { from, to, judged, told: readingViews(snapshot, judged, { from, to }) };
  });
}

function judgement(snapshot: CompiledSnapshot, asked: ResolvedQuestion, flows: readonly ToldFlow[]): Judgement {
  const intended = overall(asked, flows, 'intended');
  const enforced = overall(asked, flows, 'enforced');
  const { verdict, reason, summary } = enforced;
  const { source, destination, protocol, port, cni, confidence } = subjectOf(snapshot, asked);
  return { verdict, reason, summary, intended, enforced, source, destination, protocol, port, cni, confidence };
}

/** What an answer is about, and how sure it is. */
function subjectOf(
  snapshot: CompiledSnapshot,
  { question, source, destination, sources, targets }: ResolvedQuestion,
): Omit<Ruling, 'verdict' | 'reason' | ReadingName> {
  const limited = snapshot.cni.enforced === 'unknown' ? 0.5 : snapshot.cni.confidence;
  return {
    source: { query: question.source, label: source.label, endpoints: sources.length },
    destination: { query: question.destination, label: destination.label, endpoints: targets.targets.length },
    protocol: protocolName(question.protocol),
    port: question.port === null ? 'any' : String(question.port),
    cni: snapshot.cni,
    confidence: limited,
  };
}

/** With every flow, whatever an answer tells of them. */
function evidence(
  snapshot: CompiledSnapshot,
  asked: ResolvedQuestion,
  told: readonly ToldFlow[],
): Omit<Answer, keyof Judgement> {
  const { question, targets } = asked;
  const flows = told.map((flow) => flowView(snapshot, flow, targets, question));
  return {
    steps: flows[decidingFlow(told)]?.steps ?? [],
    flows,
    fixes: fixes(snapshot, told, question),
    assumptions: assumptions(snapshot, asked, flows.length),
    diagnostics: diagnosticsOf(snapshot, asked),
  };
}

/** Which flow's steps an answer shows: one that is denied, else unknown, else allowed, else any; -1 of none. */
function decidingFlow(flows: readonly RuledFlow[]): number {
  let best = -1;
  const rank = ({ judged: { intended } }: RuledFlow): number =>
    intended === null ? -1 : ['allow', 'unknown', 'deny'].indexOf(intended.verdict);
  for (const [i, flow] of flows.entries()) if (best < 0 || rank(flow) > rank(flows[best] as RuledFlow)) best = i;
  return best;
}

function overall(asked: ResolvedQuestion, flows: readonly RuledFlow[], reading: ReadingName): ReadingView {
  const { targets, question } = asked;
  if (targets.beyond !== undefined) {
    const summary = `${targets.translation}, but ${targets.beyond} → undetermined`;
    return { verdict: 'undetermined', reason: 'ADDRESS_UNKNOWN', summary };
  }
  if (targets.targets.length === 0) {
    return { verdict: 'denied', reason: 'SERVICE_WITHOUT_READY_ENDPOINTS', summary: `${targets.translation} → denied` };
  }
  const first = (flows[0] as RuledFlow).told[reading];
  if (flows.length === 1) return first;
  const views = flows.map(({ told }) => told[reading]);
  const verdicts = new Set(views.map((view) => view.verdict));
  if (verdicts.size === 1) {
    const speaker = views.find((view) => view.reason !== 'SAME_POD') ?? first;
    return speaker;
  }
  const count = (verdict: AnswerVerdict): number =>
    flows.filter(({ told }) => told[reading].verdict === verdict).reduce((sum, { judged }) => sum + judged.count, 0);
  const byPorts = flows.map(({ judged, told }) => ({ ports: judged.ports, verdict: told[reading].verdict }));
  const parts = (['allowed', 'denied', 'undetermined'] as const)
    .filter((verdict) => verdicts.has(verdict))
    .map((verdict) => `${count(verdict)} ${verdict}`);
  const verdict = overallVerdict(verdicts);
  return {
    verdict,
    reason: verdict === 'mixed' ? 'MIXED_FLOWS' : 'FEATURE_NOT_IMPLEMENTED',
    summary: differByPorts(protocolName(question.protocol), byPorts) ?? `flows differ: ${parts.join(', ')}; see flows`,
  };
}

function flowView(snapshot: CompiledSnapshot, flow: ToldFlow, targets: Targets, question: FlowQuestion): FlowView {
  const { from, to, told, judged } = flow;
  const { port, ports, intended, enforced, count } = judged;
  return {
    source: from,
    destination: to,
    protocol: protocolName(question.protocol),
    port,
    ports,
    intended: told.intended,
    enforced: told.enforced,
    count,
    verdict: enforced?.verdict ?? 'deny',
    steps: intended === null ? [] : stepViews(snapshot, intended, from, to, targets.translation),
    onlyFor: enforced === null ? [] : limitWords(enforced),
  };
}

/** Both readings of a flow; their summaries are '' where its ends have no names. */
function readingViews(
  snapshot: CompiledSnapshot,
  { intended, enforced, stranded }: JudgedFlow,
  ends: Ends | null,
): RuledFlow['told'] {
  if (stranded !== null) {
    const reading: ReadingView = { verdict: 'denied', reason: 'NO_ENDPOINT_ON_NODE', summary: `${stranded} → denied` };
    return { intended: reading, enforced: reading };
  }
  if (intended === null || enforced === null) {
    const summary =
      ends === null ? '' : `${ends.from.label} and ${ends.to.label} have no address family in common → denied`;
    const reading: ReadingView = { verdict: 'denied', reason: 'NO_COMMON_ADDRESS_FAMILY', summary };
    return { intended: reading, enforced: reading };
  }
  const asWritten = readingView(intended, ends);
  if (enforced === intended) return { intended: asWritten, enforced: asWritten };
  return { intended: asWritten, enforced: enforcedView(snapshot, enforced, intended, ends) };
}

function readingView(decision: FlowDecision, ends: Ends | null): ReadingView {
  return {
    verdict: VERDICT_WORDS[decision.verdict],
    reason: reasonCode(decision),
    summary: ends === null ? '' : summaryOf(decision, ends),
  };
}

function summaryOf(decision: FlowDecision, { from, to }: Ends): string {
  const limits = limitWords(decision);
  const only = decision.verdict === 'allow' ? 'only for' : 'allowed only for';
  const summary = describeFlow(decision, shortName(from), shortName(to), leftOpenBy(decision));
  return limits.length === 0 ? summary : `${summary}, ${only} ${limits.join(' or ')}`;
}

/** What a flow that may pass is limited to, in words; none where something else too keeps it from being certain. */
function limitWords({ verdict, egress, ingress }: FlowDecision): readonly string[] {
  const sides = [egress, ingress];
  if (verdict === 'deny' || sides.some((side) => side.verdict === 'unknown' && side.onlyFor.length === 0)) return [];
  const words = bothLimits(egress.onlyFor, ingress.onlyFor).map((limits) => limits.map(describeLimit).join(' and '));
  return [...new Set(words)];
}

/** The enforced reading; where the CNI lets pass what policy denies, that is the reason to tell. */
function enforcedView(
  snapshot: CompiledSnapshot,
  enforced: FlowDecision,
  intended: FlowDecision,
  ends: Ends | null,
): ReadingView {
  if (enforced.verdict === intended.verdict) return readingView(enforced, ends);
  const { cni } = snapshot;
  const verdict = VERDICT_WORDS[enforced.verdict];
  if (enforced.verdict === 'allow' && cni.enforced === 'no') {
    const summary = `${cni.title} does not enforce network policy, so what policy denies passes → allowed`;
    return { verdict, reason: 'CNI_NOT_ENFORCING', summary };
  }
  if (leftOpenBy(enforced) !== null) return readingView(enforced, ends);
  if (enforced.verdict === 'unknown') {
    const who = cni.networking === 'unknown' ? 'the network plugin' : cni.title;
    const why = `it is not known whether ${who} enforces these policies`;
    const reason: ReasonCode = 'FEATURE_NOT_IMPLEMENTED';
    return { verdict, reason, summary: `${why}: policy says ${VERDICT_WORDS[intended.verdict]} → undetermined` };
  }
  const { reason, summary } = readingView(enforced, ends);
  return { verdict, reason, summary: `${summary} (${cni.title} departs from policy as written)` };
}

function shortName(view: EndpointView): string {
  return view.workload === '' ? view.label : `${view.namespace}/${view.workload.replace(/^\S+ /, '')}`;
}

function endpointView(endpoint: Endpoint): EndpointView {
  const { kind, namespace, name, workload, node } = endpoint;
  return {
    kind,
    namespace,
    name,
    label: kind === 'node' ? `node ${name}` : objectLabel(endpoint),
    address: addressText(endpoint),
    workload: workload === null ? '' : `${workload.kind} ${workload.name}`,
    node,
  };
}

/** An endpoint that stands for all that it speaks for: by the labels that they share, where they share some. */
function allAlike(speaker: Endpoint, all: readonly Endpoint[]): Endpoint {
  if (all.length === 1) return speaker;
  const shared = Object.entries(stableLabels(speaker.labels)).filter(([key, value]) =>
    all.every(({ labels }) => labels[key] === value),
  );
  if (shared.length === 0) return speaker;
  const labels = Object.fromEntries(shared);
  const { workload } = speaker;
  const isOne = all.every((each) => each.workload?.kind === workload?.kind && each.workload?.name === workload?.name);
  if (workload !== null && isOne) return { ...speaker, labels };
  const name = `${workload?.name ?? speaker.name} and ${all.length - 1} alike`;
  return { ...speaker, labels, workload: null, name };
}

/** One fix for each direction that denies, for the first flow that it denies. */
function fixes(snapshot: CompiledSnapshot, flows: readonly RuledFlow[], question: FlowQuestion): Answer['fixes'] {
  const out = new Map<string, Answer['fixes'][number]>();
  const { semantics } = snapshot.enforced.engines[0].variants[0];
  const mayCarry = question.protocol === TCP && !namesPorts(semantics);
  for (const { judged: flow } of flows) {
    // What the plugin lets pass needs no opening, whatever policy says.
    if (flow.intended?.verdict !== 'deny' || flow.enforced?.verdict === 'allow') continue;
    for (const decision of [flow.intended.egress, flow.intended.ingress]) {
      if (decision.verdict !== 'deny') continue;
      const source = allAlike(flow.source, flow.sources);
      const destination = allAlike(flow.destination, flow.destinations);
      const carried = mayCarry && isCarried(source.special, destination.special);
      const port = carried ? HBONE : flow.port;
      const denied = { source, destination, port, question };
      const fix = suggestFix(decision, denied, semantics);
      if (!out.has(fix.title)) out.set(fix.title, fix);
    }
    if (out.size >= 4) break;
  }
  return [...out.values()];
}

function assumptions(
  snapshot: CompiledSnapshot,
  { source, targets, question }: ResolvedQuestion,
  flows: number,
): string[] {
  const out = [
    'replies of an allowed connection are admitted, as every listed CNI is stateful',
    ...(source.type === 'service' ? ['a Service opens no connections: the endpoints behind it are the sources'] : []),
    ...targets.assumptions,
  ];
  if (isTunnel(question)) {
    const known = snapshot.enforced.deviations.filter(({ subject }) => subject === ENCAPSULATED_BY_PODS);
    out.push(...known.map(({ note }) => `${snapshot.cni.title}: ${note}`));
  }
  for (const [kind, state] of Object.entries(snapshot.completeness)) {
    if (!state.complete) out.push(`${kind} could not be listed in full${state.reason ? ` (${state.reason})` : ''}`);
  }
  if (flows > FLOW_LIMIT) out.push(`the first ${FLOW_LIMIT} of ${flows} flows are listed`);
  return out;
}

/** VXLAN or IP in IP. */
function isTunnel({ protocol, port }: FlowQuestion): boolean {
  return protocol === 4 || (protocol === UDP && port === 4789);
}

/** Diagnostics of objects that may concern the flow: of its namespaces, or cluster-wide. */
function diagnosticsOf(
  { diagnostics }: CompiledSnapshot,
  { sources, targets: { targets } }: ResolvedQuestion,
): readonly Diagnostic[] {
  if (diagnostics.length === 0) return diagnostics;
  const namespaces = new Set(['']);
  for (const { namespace } of sources) namespaces.add(namespace);
  for (const { endpoint } of targets) namespaces.add(endpoint.namespace);
  return diagnosticsIn(diagnostics, namespaces);
}
