import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { CanReach } from '#analysis';
import { isAppError, parseInput, reachabilityInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import { CanReachInputModel } from './dto/can-reach.input.js';
import { CanReachResult, type ClusterNotFoundModel, type SnapshotNotFoundModel } from './dto/reachability.model.js';
import { toCanReachResult, toRawQuestion, type SnapshotOutcome } from './reachability.graphql-mapper.js';
import type { Shape } from '../graphql/model/shape.js';

export type AbsentContext = Shape<SnapshotNotFoundModel> | Shape<ClusterNotFoundModel>;

@Resolver()
export class ReachabilityResolver {
  constructor(@Inject(CanReach) private readonly useCase: CanReach) {}

  @Query(() => CanReachResult, { description: 'Can one peer open a connection to another, and why?' })
  @FieldAction('question.ask')
  async canReach(
    @Args('input', { type: () => CanReachInputModel }) input: CanReachInputModel,
  ): Promise<SnapshotOutcome | AbsentContext> {
    try {
      return toCanReachResult(await this.useCase.execute(parseInput(reachabilityInput, toRawQuestion(input))));
    } catch (error) {
      return absentContext(error);
    }
  }
}

/** A cluster or snapshot that is not there is an outcome to handle, not a failure. */
export function absentContext(error: unknown): AbsentContext {
  if (isAppError(error, 'snapshot.not_found')) {
    return { __typename: 'SnapshotNotFound', message: error.message, retryable: error.retryable };
  }
  if (isAppError(error, 'cluster.not_found')) return { __typename: 'ClusterNotFound', message: error.message };
  throw error;
}
