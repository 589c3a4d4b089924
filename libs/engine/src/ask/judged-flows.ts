import { groupBy } from '../base/index.js';
import type { FlowDecision } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import type { Detail } from '../eval/evaluate-direction.js';
import { evaluateBoth } from '../eval/evaluate-pair.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { ruleLabel } from '../explain/rule-label.js';
import { askedPairs } from './asked-pairs.js';
import type { ResolvedQuestion } from './asked-pairs.js';
import { evaluateReplaced } from './replaced-client.js';

/** What both readings make of a flow; null where its ends share no address family or do not meet. */
export interface JudgedFlow {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly port: number | null;
  readonly ports: string;
  readonly intended: FlowDecision | null;
  readonly enforced: FlowDecision | null;
  readonly count: number;
  /** Why the source is not sent there, whatever policy says; null where it is. */
  readonly stranded: string | null;
  /** The endpoints that source and destination speak for. */
  readonly sources: readonly Endpoint[];
  readonly destinations: readonly Endpoint[];
}

/** What both readings make of each flow that a question asks about. */
export function judgeFlows(
  snapshot: CompiledSnapshot,
  question: ResolvedQuestion,
  detail: Detail = 'evidence',
): JudgedFlow[] {
  const evaluate = question.targets.route.replacesClients ? evaluateReplaced : evaluateBoth;
  return askedPairs(snapshot, question).flatMap((pair) => {
    const { from: source, to: destination, port, flows, count, stranded, sources, destinations } = pair;
    const between = { source, destination, count, stranded, sources, destinations };
    if (flows.length === 0) return [judgedFlow(between, port, portText(port), NEITHER)];
    const judged = flows.map(({ flow, low, high }) => {
      const ports = low === high ? portText(low) : low === 1 && high === 65535 ? 'any' : `${low}-${high}`;
      const readings = evaluate(snapshot, source, destination, flow, detail);
      return judgedFlow(between, low === high ? low : null, ports, readings);
    });
    return mergePieces(judged);
  });
}

type Readings = Pick<JudgedFlow, ReadingName>;

const NEITHER: Readings = { intended: null, enforced: null };

/** Field by field, as each question makes some: V8 copies an object that is spread property by property. */
function judgedFlow(
  { source, destination, count, stranded, sources, destinations }: Omit<JudgedFlow, 'port' | 'ports' | ReadingName>,
  port: number | null,
  ports: string,
  { intended, enforced }: Readings,
): JudgedFlow {
  return { port, ports, intended, enforced, source, destination, count, stranded, sources, destinations };
}

function portText(port: number | null): string {
  return port === null ? '' : String(port);
}

/** Neighbouring pieces of ports with the same outcome are told as one; so are two families with the same outcome. */
function mergePieces(flows: readonly JudgedFlow[]): readonly JudgedFlow[] {
  if (flows.length === 1) return flows;
  const grouped = groupBy(flows, (flow) => JSON.stringify([flow.intended, flow.enforced].map(outcomeKey)));
  return [...grouped.values()].map((same) => {
    const first = same[0] as JudgedFlow;
    const ports = [...new Set(same.map((flow) => flow.ports))].join(', ');
    return same.length === 1 ? first : { ...first, ports, port: ports === first.ports ? first.port : null };
  });
}

function outcomeKey(decision: FlowDecision | null): unknown {
  if (decision === null) return null;
  const { verdict, egress, ingress } = decision;
  return [
    verdict,
    egress.reason,
    ingress.reason,
    egress.determining.map(ruleLabel),
    ingress.determining.map(ruleLabel),
  ];
}
