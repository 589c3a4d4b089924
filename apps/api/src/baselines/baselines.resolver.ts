import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Baselines, type BaselineView } from '#analysis';
import { parseInput, setBaselineInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import { ClusterInputModel } from '../clusters/dto/cluster.input.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import {
  BaselineModel,
  RemoveBaselinePayloadModel,
  SetBaselineInputModel,
  SetBaselinePayloadModel,
} from './dto/baseline.model.js';

@Resolver()
export class BaselinesResolver {
  constructor(@Inject(Baselines) private readonly useCase: Baselines) {}

  @Query(() => BaselineModel, { nullable: true, description: 'Null when the cluster has none.' })
  @FieldAction('question.ask')
  async baseline(@Args('cluster', { type: () => String }) cluster: string): Promise<Shape<BaselineModel> | null> {
    return orNull('not_found', async () => toBaseline(await this.useCase.get(cluster)));
  }

  @Mutation(() => SetBaselinePayloadModel, {
    description: 'Declares what a cluster is to be; drift is told against it.',
  })
  @FieldAction('question.write')
  async setBaseline(
    @Args('input', { type: () => SetBaselineInputModel }) { cluster, ...input }: SetBaselineInputModel,
  ): Promise<Shape<SetBaselinePayloadModel>> {
    return {
      baseline: toBaseline(await this.useCase.set(cluster, parseInput(setBaselineInput, withoutNulls(input)))),
    };
  }

  @Mutation(() => RemoveBaselinePayloadModel, { description: 'Declares nothing any more.' })
  @FieldAction('question.write')
  async removeBaseline(
    @Args('input', { type: () => ClusterInputModel }) { cluster }: ClusterInputModel,
  ): Promise<Shape<RemoveBaselinePayloadModel>> {
    await this.useCase.remove(cluster);
    return { cluster };
  }
}

function toBaseline(view: BaselineView): Shape<BaselineModel> {
  const { name, snapshot, requester, setAt } = view;
  return { name, snapshot, requester, setAt, ...toAnswer(view) };
}
