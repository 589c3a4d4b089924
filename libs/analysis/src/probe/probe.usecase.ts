import { Inject, Injectable } from '@nestjs/common';
import { AppError, isAppError, type ProbePlanInput, type ProbeResultsInput, type ReachabilityInput } from '#contracts';
import {
  flowOf,
  judgeProbes,
  probePlan,
  readProbeOutput,
  type AnswerVerdict,
  type ProbeJudgement,
  type ProbePlan,
} from '#engine';
import { Drift } from '../drift/drift.usecase.js';
import type { Provenance } from '../provenance/provenance.js';
import { CanReach, notFoundError } from '../reachability/can-reach.usecase.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';

export interface ProbePlanAnswer extends ProbePlan, Provenance {
  readonly verdict: AnswerVerdict;
  readonly summary: string;
}

export interface ProbeResultsAnswer extends Provenance {
  readonly results: readonly ProbeJudgement[];
  readonly agreed: number;
  readonly differed: number;
}

/** How an answer is verified in its cluster, and what became of that. Nothing here calls a cluster. */
@Injectable()
export class Probes {
  constructor(
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(Drift) private readonly drift: Drift,
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
  ) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `port.not_found` */
  async plan({ image, ...question }: ProbePlanInput): Promise<ProbePlanAnswer> {
    const { plan, outcome } = await this.planOf(question, image);
    const { verdict, summary } = outcome.answer;
    const { asOf, completeness, engineVersion } = outcome;
    return { ...plan, verdict, summary, asOf, completeness, engineVersion };
  }

  /** As `plan`. Results of the state that was probed are compared when the question says which one that was. */
  async judge({ image, results, ...question }: ProbeResultsInput): Promise<ProbeResultsAnswer> {
    const { plan, outcome, compiled } = await this.planOf(question, image);
    const observed =
      typeof results === 'string'
        ? readProbeOutput(results)
        : new Map(results.map(({ id, observed: saw }) => [id, saw] as const));
    const judged = judgeProbes(compiled, plan.probes, observed);
    const count = (agrees: boolean): number => judged.filter((each) => each.agrees === agrees).length;
    const { asOf, completeness, engineVersion } = outcome;
    return { results: judged, agreed: count(true), differed: count(false), asOf, completeness, engineVersion };
  }

  private async planOf(asked: Omit<ProbePlanInput, 'image'>, image: string | undefined) {
    const question = await this.questionOf(asked);
    const located = await this.canReach.locate(question);
    const outcome = await this.canReach.execute(question, () => Promise.resolve(located));
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    const compiled = await this.reader.compiled(located);
    return { plan: probePlan(compiled, outcome.answer, { image }), outcome, compiled };
  }

  /** Of a difference: the flow that shows it, in the later of the two states. */
  private async questionOf({
    drift,
    from = '',
    to = '',
    ...rest
  }: Omit<ProbePlanInput, 'image'>): Promise<ReachabilityInput> {
    if (drift === undefined) return { ...rest, from, to };
    const { entry: id, ...states } = drift;
    const { cluster } = rest;
    const { example, type } = await within('drift', this.drift.entry({ cluster, ...states }, id));
    if (example !== null) return { cluster, at: states.after, ...flowOf(example) };
    const detail = `entry \`${id}\` (${type}) is about no flow that could be tried out, take one of a connection`;
    throw new AppError('question.invalid', detail, { errors: [{ pointer: '/drift/entry', detail }] });
  }
}

/** Work on a part of the input: what is wrong with it is told by where that is in the whole. */
async function within<T>(part: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isAppError(error) || error.errors === undefined) throw error;
    const { code, message, details, retryable } = error;
    const errors = error.errors.map(({ pointer, detail }) => ({ pointer: `/${part}${pointer}`, detail }));
    throw new AppError(code, message, { details, retryable, errors, cause: error });
  }
}
