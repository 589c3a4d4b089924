import { notFoundError, type BatchOutcome, type CanReachOutcome, type Provenance } from '#analysis';
import type { Answer, Judgement, PeerQuery, Ruling, SideView, StepView } from '#engine';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer, toCni, toDiagnostic, toLabels } from '../graphql/shared.mapper.js';
import type { CanReachBatchItemModel } from './dto/can-reach-batch.model.js';
import type { CanReachInputModel, NameValueInputModel } from './dto/can-reach.input.js';
import type {
  EndpointNotFoundModel,
  PeerModel,
  PortNotFoundModel,
  ReachabilityModel,
  SideModel,
  StepModel,
} from './dto/reachability.model.js';
import type { Shape } from '../graphql/model/shape.js';

/** GraphQL's input as the plain question that every edge hands on: null is "left out", lists of pairs are maps. */
export function toRawQuestion(input: CanReachInputModel): Record<string, unknown> {
  const l7 = input.l7;
  return withoutNulls({
    cluster: input.cluster,
    from: input.from,
    to: input.to,
    protocol: input.protocol,
    port: input.port,
    sourcePort: input.sourcePort,
    at: input.at,
    icmp: input.icmp && withoutNulls({ type: input.icmp.type, code: input.icmp.code }),
    l7:
      l7 === null || l7 === undefined
        ? null
        : withoutNulls({
            protocol: l7.protocol,
            method: l7.method,
            path: l7.path,
            host: l7.host,
            headers: toMap(l7.headers),
            fields: toMap(l7.fields),
          }),
  });
}

function toMap(pairs: readonly NameValueInputModel[] | null | undefined): Record<string, string> | null {
  return pairs === null || pairs === undefined
    ? null
    : Object.fromEntries(pairs.map((pair) => [pair.name, pair.value]));
}

/** A member of the result union that tells what came of a question in a snapshot. */
export type SnapshotOutcome =
  Shape<ReachabilityModel> | JudgementShape | RulingShape | Shape<EndpointNotFoundModel> | Shape<PortNotFoundModel>;

/** Fields of an answer that are its evidence. */
export const EVIDENCE = ['steps', 'flows', 'fixes', 'assumptions', 'diagnostics'] as const;
/** Fields of it, and of its readings, that are words. */
export const WORDS = ['summary'] as const;
type JudgementShape = Omit<Shape<ReachabilityModel>, (typeof EVIDENCE)[number]>;
type RulingShape = Omit<JudgementShape, (typeof WORDS)[number] | 'intended' | 'enforced'> &
  Pick<Ruling, 'intended' | 'enforced'>;

/** What came of a question, as one member of the result union. */
export function toCanReachResult(
  outcome: CanReachOutcome | CanReachOutcome<Judgement> | CanReachOutcome<Ruling>,
): SnapshotOutcome {
  if (outcome.type === 'answer') {
    const { answer } = outcome;
    if ('steps' in answer) return toReachability(answer, outcome);
    return 'summary' in answer ? toJudgement(answer, outcome) : toRuling(answer, outcome);
  }
  const { notFound } = outcome;
  const shared = {
    reason: notFound.code,
    message: notFound.message,
    near: notFound.near,
    ...toAnswer(outcome),
  };
  return notFoundError(notFound).code === 'port.not_found'
    ? { __typename: 'PortNotFound', ...shared }
    : { __typename: 'EndpointNotFound', argument: notFound.side === 'source' ? 'from' : 'to', ...shared };
}

export function toBatchItem(item: BatchOutcome): Shape<CanReachBatchItemModel> {
  const { ref } = item;
  if (item.type === 'answer') return { ref, answer: toReachability(item.outcome.answer, item.outcome), problem: null };
  const { code, message, details } = item.error;
  const near = Array.isArray(details['near']) ? details['near'].map(String) : [];
  return { ref, answer: null, problem: { code, message, near } };
}

export function toReachability(answer: Answer, provenance: Provenance): Shape<ReachabilityModel> {
  return Object.assign(toJudgement(answer, provenance), {
    steps: answer.steps.map(toStep),
    flows: answer.flows.map((flow) => ({ ...flow, steps: flow.steps.map(toStep) })),
    fixes: answer.fixes,
    assumptions: answer.assumptions,
    diagnostics: answer.diagnostics.map(toDiagnostic),
  });
}

function toJudgement(judgement: Judgement, provenance: Provenance): JudgementShape {
  const { summary, intended, enforced } = judgement;
  return Object.assign(toRuling(judgement, provenance), { summary, intended, enforced });
}

/** Field by field, as each question makes one: V8 copies an object that is spread property by property. */
function toRuling(ruling: Ruling, { asOf, completeness, engineVersion }: Provenance): RulingShape {
  const { verdict, reason, intended, enforced, source, destination, protocol, port, cni, confidence } = ruling;
  return {
    __typename: 'Reachability',
    verdict,
    reason,
    intended,
    enforced,
    source: toSide(source),
    destination: toSide(destination),
    protocol,
    port,
    cni: toCni(cni),
    confidence,
    asOf,
    completeness,
    engineVersion,
  };
}

function toStep(step: StepView): Shape<StepModel> {
  return step;
}

function toSide(side: SideView): Shape<SideModel> {
  return { query: toPeer(side.query), label: side.label, endpoints: side.endpoints };
}

/** As it is: what a peer does not have is not there, which GraphQL tells as null. Labels are lists there. */
function toPeer(query: PeerQuery): Shape<PeerModel> {
  if (query.type !== 'hypothetical') return query as Partial<Shape<PeerModel>> as Shape<PeerModel>;
  const { namespaceLabels, labels } = query;
  const told = { ...query, labels: toLabels(labels), namespaceLabels: namespaceLabels && toLabels(namespaceLabels) };
  return told as Partial<Shape<PeerModel>> as Shape<PeerModel>;
}
