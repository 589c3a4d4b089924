import type { Verdict } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { AnswerVerdict, NotFound } from './answer.js';
import { askedPairs, resolveQuestion } from './asked-pairs.js';
import type { FlowQuestion } from './question.js';
import { verdictThrough } from './replaced-client.js';
import { SEES_ALL, type Sees } from './visibility.js';

/**
 * The verdict of one reading, as `ask` gives it, without reasons: many times faster, for those who only want to know
 * which questions are worth an answer.
 */
export function verdictOf(
  snapshot: CompiledSnapshot,
  question: FlowQuestion,
  reading: ReadingName,
  sees: Sees = SEES_ALL,
):
  | { readonly type: 'verdict'; readonly verdict: AnswerVerdict }
  | { readonly type: 'notFound'; readonly error: NotFound } {
  const resolved = resolveQuestion(snapshot, question, sees);
  if (resolved.type === 'notFound') return resolved;
  const { targets, beyond } = resolved.targets;
  if (targets.length === 0) return { type: 'verdict', verdict: beyond !== undefined ? 'undetermined' : 'denied' };
  const verdicts = new Set<AnswerVerdict>();
  const { route } = resolved.targets;
  for (const { from, to, flows } of askedPairs(snapshot, resolved)) {
    if (flows.length === 0) verdicts.add('denied');
    for (const { flow } of flows) verdicts.add(VERDICT_WORDS[verdictThrough(route, snapshot, from, to, flow, reading)]);
  }
  return { type: 'verdict', verdict: overallVerdict(verdicts) };
}

export const VERDICT_WORDS: Readonly<Record<Verdict, AnswerVerdict>> = {
  allow: 'allowed',
  deny: 'denied',
  unknown: 'undetermined',
};

/** What flows say together; of none at all nothing can be told. */
export function overallVerdict(verdicts: ReadonlySet<AnswerVerdict>): AnswerVerdict {
  const [only] = verdicts;
  if (only !== undefined && verdicts.size === 1) return only;
  return verdicts.has('allowed') && verdicts.has('denied') ? 'mixed' : 'undetermined';
}
