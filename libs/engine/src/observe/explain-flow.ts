import { hasPorts, protocolName } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { ask } from '../ask/ask.js';
import type { Answer, AnswerVerdict, RuleView } from '../ask/answer.js';
import type { PeerQuery } from '../ask/question.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';
import type { PlacedFlow, PlacedPeer } from './place-flow.js';
import type { SeenVerdict } from './seen-flow.js';

/**
 * How a flow that was seen stands to what policy says of it. `open`: it passed, and no policy speaks for either side.
 * `audited`: policy denies it, and lets it pass for now. `elsewhere`: it was dropped, and not by policy.
 */
export type FlowStanding =
  | 'dropped-though-allowed'
  | 'forwarded-though-denied'
  | 'denied'
  | 'audited'
  | 'elsewhere'
  | 'open'
  | 'allowed'
  | 'undetermined'
  | 'not-found';

/** A flow that was seen, joined to the policies that decide it. */
export interface ExplainedFlow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly seen: SeenVerdict;
  /** Why it was dropped, and by which policies, as its source says. */
  readonly reasons: readonly string[];
  readonly told: readonly string[];
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly standing: FlowStanding;
  /** What policy says and what the network plugin makes of it; null when a peer is not there. */
  readonly intended: AnswerVerdict | null;
  readonly enforced: AnswerVerdict | null;
  readonly rules: readonly RuleView[];
  readonly why: string;
  /** What to look at next, '' when nothing is odd. */
  readonly hint: string;
}

/** What a snapshot answers about a flow; null when one of its peers is not there, or the Service lacks the port. */
export function askAboutFlow(snapshot: CompiledSnapshot, flow: PlacedFlow, sees: Sees = SEES_ALL): Answer | null {
  const { source, destination, protocol } = flow;
  if (source === null || destination === null) return null;
  const port = hasPorts(protocol) ? flow.port : null;
  let best: Answer | null = null;
  for (const [from, to] of readingsOf(source, destination)) {
    const result = ask(snapshot, { source: from, destination: to, protocol, port }, sees);
    if (result.type === 'notFound') continue;
    if (result.answer.intended.verdict === 'allowed') return result.answer;
    best ??= result.answer;
  }
  return best;
}

/** An address outside is also each of the names that it was looked up by. */
function* readingsOf(source: PlacedPeer, destination: PlacedPeer): Generator<readonly [PeerQuery, PeerQuery]> {
  yield [source.query, destination.query];
  for (const name of destination.hostNames) yield [source.query, { type: 'hostName', name }];
}

/** What policy says of a flow. */
export function explainFlow(snapshot: CompiledSnapshot, flow: PlacedFlow, sees: Sees = SEES_ALL): ExplainedFlow {
  const answer = askAboutFlow(snapshot, flow, sees);
  const standing = standingOf(flow, answer);
  const { sourceName, destinationName, protocol, port, verdict, reasons, policies, count, firstSeen, lastSeen } = flow;
  return {
    source: sourceName,
    destination: destinationName,
    protocol: protocolName(protocol),
    port,
    seen: verdict,
    reasons,
    told: policies,
    count,
    firstSeen,
    lastSeen,
    standing,
    intended: answer?.intended.verdict ?? null,
    enforced: answer?.enforced.verdict ?? null,
    rules: [...new Map(answer?.steps.flatMap((step) => step.rules).map((rule) => [rule.label, rule])).values()],
    why: answer?.summary ?? missing(flow),
    hint: hintOf(standing, flow, answer),
  };
}

function missing({ source, destination, sourceName, destinationName }: PlacedFlow): string {
  const gone = [source === null ? sourceName : '', destination === null ? destinationName : ''].filter(Boolean);
  return gone.length === 0 ? 'the Service has no such port' : `${gone.join(' and ')} is not in the inventory`;
}

const BY_POLICY = /polic|denied|deny/i;

/** Whether what was seen and what policy says exclude each other. */
export function isAtOdds(standing: FlowStanding): boolean {
  return standing === 'dropped-though-allowed' || standing === 'forwarded-though-denied';
}

function standingOf({ verdict, arrived, reasons }: PlacedFlow, answer: Answer | null): FlowStanding {
  if (answer === null) return 'not-found';
  const ours = answer.enforced.verdict;
  if (verdict === 'dropped') {
    if (reasons.length > 0 && !reasons.some((reason) => BY_POLICY.test(reason))) return 'elsewhere';
    if (ours === 'allowed') return 'dropped-though-allowed';
    return ours === 'denied' ? 'denied' : 'undetermined';
  }
  if (ours === 'denied' && !arrived) return 'undetermined';
  if (ours === 'denied') return verdict === 'audited' ? 'audited' : 'forwarded-though-denied';
  if (ours !== 'allowed' || verdict === 'unknown') return 'undetermined';
  return answer.steps.some(({ decision }) => decision === 'allow') ? 'allowed' : 'open';
}

function hintOf(standing: FlowStanding, flow: PlacedFlow, answer: Answer | null): string {
  switch (standing) {
    case 'dropped-though-allowed':
      return 'policy of this snapshot allows it: look for a policy that is younger or gone, a kind of policy that was not read, or a drop on the way';
    case 'forwarded-though-denied':
      return answer?.intended.verdict === 'denied'
        ? 'policy of this snapshot denies it: it may be a connection older than the policy, or the network plugin does not do what it says'
        : 'the network plugin of this cluster would deny it: its version or its settings may differ from what was detected';
    case 'elsewhere':
      return `not policy but \`${flow.reasons.join(', ')}\` dropped it`;
    case 'open':
      return 'no policy speaks for either side: atlas flows suggest writes one';
    case 'audited':
      return 'it stops once policy is enforced';
    case 'not-found':
      return 'it came or went since the snapshot, or lies where you may not look';
    case 'undetermined':
      return flow.arrived ? '' : 'it was seen as it left: nothing tells whether it arrived';
    case 'allowed':
    case 'denied':
      return '';
  }
}
