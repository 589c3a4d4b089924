import { Inject, Injectable } from '@nestjs/common';
import { AppError, isAppError, type ErrorCode, type ReachabilityInput } from '#contracts';
import {
  ask,
  decide,
  judge,
  type Answer,
  type AskResult,
  type CompiledSnapshot,
  type FlowQuestion,
  type Judgement,
  type NotFound,
  type Ruling,
} from '#engine';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { parseFlowQuestion } from './parse-flow-question.js';

/** What came of a question: the engine's answer, or what the snapshot does not hold; with its provenance. */
export type CanReachOutcome<A extends Ruling = Answer> = Provenance &
  ({ readonly type: 'answer'; readonly answer: A } | { readonly type: 'notFound'; readonly notFound: NotFound });

/** Not a promise where nothing had to be waited for: each that is made for nothing costs as much as some of the answer. */
export type SoonOrNow<T> = T | Promise<T>;

type Locate = (input: ReachabilityInput) => Promise<LocatedSnapshot>;
type Ask<A extends Ruling> = (...asked: Parameters<typeof ask>) => AskResult<A>;

/** Can X open a connection to Y? Answered from stored facts alone; no cluster is called and nothing is written. */
@Injectable()
export class CanReach {
  constructor(@Inject(SnapshotReader) private readonly reader: SnapshotReader) {}

  /**
   * `locate` lets many questions share what they are about.
   * @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`
   */
  execute(input: ReachabilityInput, locate?: Locate): SoonOrNow<CanReachOutcome> {
    return locate === undefined ? this.soonest(input, ask) : this.outcome(parseFlowQuestion(input), locate(input), ask);
  }

  /** The same without the evidence. */
  judge(input: ReachabilityInput): SoonOrNow<CanReachOutcome<Judgement>> {
    return this.soonest(input, judge);
  }

  /** The same without words. */
  decide(input: ReachabilityInput): SoonOrNow<CanReachOutcome<Ruling>> {
    return this.soonest(input, decide);
  }

  private soonest<A extends Ruling>(input: ReachabilityInput, answer: Ask<A>): SoonOrNow<CanReachOutcome<A>> {
    const question = parseFlowQuestion(input);
    const now = input.at === undefined ? this.reader.atHand(input.cluster) : null;
    return now === null
      ? this.outcome(question, this.locate(input), answer)
      : outcomeOf(now.located, now.compiled, question, answer);
  }

  private async outcome<A extends Ruling>(
    question: FlowQuestion,
    locating: Promise<LocatedSnapshot>,
    answer: Ask<A>,
  ): Promise<CanReachOutcome<A>> {
    const located = await locating;
    return outcomeOf(located, await this.reader.compiled(located), question, answer);
  }

  /** In a question the cluster is a field like the others, so the error says which one. */
  async locate(input: Pick<ReachabilityInput, 'cluster' | 'at'>): Promise<LocatedSnapshot> {
    try {
      return await this.reader.locate(input.cluster, input.at);
    } catch (error) {
      if (!isAppError(error, 'cluster.not_found')) throw error;
      throw new AppError(error.code, error.message, {
        details: error.details,
        errors: [{ pointer: '/cluster', detail: error.message }],
        cause: error,
      });
    }
  }
}

function outcomeOf<A extends Ruling>(
  { provenance, sees }: LocatedSnapshot,
  compiled: CompiledSnapshot,
  question: FlowQuestion,
  answer: Ask<A>,
): CanReachOutcome<A> {
  const result = answer(compiled, question, sees);
  const { asOf, completeness, engineVersion } = provenance;
  return result.type === 'answer'
    ? { asOf, completeness, engineVersion, type: 'answer', answer: result.answer }
    : { asOf, completeness, engineVersion, type: 'notFound', notFound: result.error };
}

const CODE_OF: Readonly<Record<NotFound['code'], ErrorCode>> = {
  ENDPOINT_NOT_FOUND: 'endpoint.not_found',
  SERVICE_PORT_UNKNOWN: 'port.not_found',
  NAMED_PORT_UNRESOLVED: 'port.not_found',
};

const POINTERS: Readonly<Record<NotFound['side'], string>> = { source: '/from', destination: '/to', focus: '/focus' };

/** The error for edges where a name that does not exist is a failure (REST, the command line). `side` is where it was given. */
export function notFoundError(notFound: NotFound, side = POINTERS[notFound.side]): AppError {
  const code = CODE_OF[notFound.code];
  return new AppError(code, notFound.message, {
    details: { reason: notFound.code, side: notFound.side, near: notFound.near },
    errors: [{ pointer: code === 'port.not_found' ? '/port' : side, detail: notFound.message }],
  });
}
