import { Inject } from '@nestjs/common';
import { Args, Info, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { CanReach, CanReachBatch, type SoonOrNow } from '#analysis';
import { isAppError, parseInput, reachabilityBatchInput, reachabilityInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import { CanReachBatchItemModel } from './dto/can-reach-batch.model.js';
import { CanReachBatchInputModel, CanReachInputModel } from './dto/can-reach.input.js';
import { CanReachResult, type ClusterNotFoundModel, type SnapshotNotFoundModel } from './dto/reachability.model.js';
import {
  EVIDENCE,
  WORDS,
  toBatchItem,
  toCanReachResult,
  toRawQuestion,
  type SnapshotOutcome,
} from './reachability.graphql-mapper.js';
import { selectsAny } from '../graphql/selects-any.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import type { Shape } from '../graphql/model/shape.js';

export type AbsentContext = Shape<SnapshotNotFoundModel> | Shape<ClusterNotFoundModel>;

@Resolver()
export class ReachabilityResolver {
  constructor(
    @Inject(CanReach) private readonly useCase: CanReach,
    @Inject(CanReachBatch) private readonly batch: CanReachBatch,
  ) {}

  @Query(() => CanReachResult, { description: 'Can one peer open a connection to another, and why?' })
  @FieldAction('question.ask', { isKept: true })
  canReach(
    @Args('input', { type: () => CanReachInputModel }) input: CanReachInputModel,
    @Info() info: GraphQLResolveInfo,
  ): SoonOrNow<SnapshotOutcome | AbsentContext> {
    return canReach(this.useCase, input, detailOf(info));
  }

  @Query(() => [CanReachBatchItemModel], { description: 'Up to 1,000 such questions, each with its own outcome.' })
  @FieldAction('question.ask')
  async canReachBatch(
    @Args('items', { type: () => [CanReachBatchInputModel] }) items: readonly CanReachBatchInputModel[],
  ): Promise<readonly Shape<CanReachBatchItemModel>[]> {
    const raw = items.map(({ ref, question }) => ({ ...withoutNulls({ ref }), ...toRawQuestion(question) }));
    return (await this.batch.execute(parseInput(reachabilityBatchInput, { items: raw }))).map(toBatchItem);
  }
}

/** What of an answer is asked for. */
type Detail = 'codes' | 'words' | 'evidence';

/** Found once for each document that is planned. */
const DETAILS = new WeakMap<GraphQLResolveInfo['fieldNodes'], Detail>();

function detailOf(info: GraphQLResolveInfo): Detail {
  let detail = DETAILS.get(info.fieldNodes);
  if (detail === undefined) {
    detail = selectsAny(info, EVIDENCE) ? 'evidence' : selectsAny(info, WORDS) ? 'words' : 'codes';
    DETAILS.set(info.fieldNodes, detail);
  }
  return detail;
}

/** The field without a resolver's instance around it: it is asked for more often than all others. */
export function canReachField(
  useCase: CanReach,
): GraphQLFieldResolver<unknown, unknown, { input: CanReachInputModel }> {
  return (_, { input }, __, info) => canReach(useCase, input, detailOf(info));
}

function canReach(
  useCase: CanReach,
  input: CanReachInputModel,
  detail: Detail,
): SoonOrNow<SnapshotOutcome | AbsentContext> {
  try {
    const question = parseInput(reachabilityInput, toRawQuestion(input));
    const outcome =
      detail === 'evidence'
        ? useCase.execute(question)
        : detail === 'words'
          ? useCase.judge(question)
          : useCase.decide(question);
    return outcome instanceof Promise ? outcome.then(toCanReachResult).catch(absentContext) : toCanReachResult(outcome);
  } catch (error) {
    return absentContext(error);
  }
}

/** A cluster or snapshot that is not there is an outcome to handle, not a failure. */
export function absentContext(error: unknown): AbsentContext {
  if (isAppError(error, 'snapshot.not_found')) {
    return { __typename: 'SnapshotNotFound', message: error.message, retryable: error.retryable };
  }
  if (isAppError(error, 'cluster.not_found')) {
    const { near } = error.details;
    return { __typename: 'ClusterNotFound', message: error.message, near: Array.isArray(near) ? near.map(String) : [] };
  }
  throw error;
}
