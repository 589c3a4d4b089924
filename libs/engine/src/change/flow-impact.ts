import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { judge } from '../ask/ask.js';
import type { AnswerVerdict } from '../ask/answer.js';
import { parsePeer } from '../ask/parse-peer.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';
import type { ObservedFlow } from '../observe/seen-flow.js';

/** What a change does to a flow: `cut` passed and would not any more, `opened` the other way round. */
export type FlowEffect = 'cut' | 'opened' | 'doubtful' | 'same' | 'not-found';

export interface FlowImpact {
  readonly flow: ObservedFlow;
  readonly effect: FlowEffect;
  readonly before: AnswerVerdict | null;
  readonly after: AnswerVerdict | null;
  /** Why it comes out as it does after the change, or what was not found. */
  readonly why: string;
}

/**
 * What becomes of each flow when one state follows another, in the order of the flows. What the caller does not see is
 * not found, as in a question.
 */
export function* flowImpact(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  flows: readonly ObservedFlow[],
  sees: Sees = SEES_ALL,
): Generator<FlowImpact> {
  for (const flow of flows) {
    const [was, is] = [verdictOn(before, flow, sees), verdictOn(after, flow, sees)];
    yield {
      flow,
      effect: effectOf(was.verdict, is.verdict),
      before: was.verdict,
      after: is.verdict,
      why: was.verdict === null ? was.why : is.why,
    };
  }
}

function verdictOn(
  snapshot: CompiledSnapshot,
  { src, dst, protocol, port }: ObservedFlow,
  sees: Sees,
): { readonly verdict: AnswerVerdict | null; readonly why: string } {
  const [source, destination] = [parsePeer(src), parsePeer(dst)];
  if ('error' in source) return { verdict: null, why: source.error };
  if ('error' in destination) return { verdict: null, why: destination.error };
  const result = judge(snapshot, { source: source.peer, destination: destination.peer, protocol, port }, sees);
  return result.type === 'answer'
    ? { verdict: result.answer.verdict, why: result.answer.summary }
    : { verdict: null, why: result.error.message };
}

function effectOf(before: AnswerVerdict | null, after: AnswerVerdict | null): FlowEffect {
  if (before === null) return 'not-found';
  if (before === after) return 'same';
  if (after === 'denied' || after === null) return 'cut';
  if (before === 'denied') return after === 'allowed' ? 'opened' : 'doubtful';
  return 'doubtful';
}
