import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Blast, Levers, Outside, Why } from '#analysis';
import { blastInput, entryPointsInput, exposureInput, leversInput, parseInput, reachabilityInput } from '#contracts';
import { answerExhibit, render } from '#render';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { ForwardPageArgs, pageOf } from '../graphql/page.args.js';
import { toJobModel } from '../jobs/jobs.resolver.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { CanReachInputModel } from '../reachability/dto/can-reach.input.js';
import { toRawQuestion, toReachability } from '../reachability/reachability.graphql-mapper.js';
import { placeOf } from './connections.mapper.js';
import {
  BlastRadiusInputModel,
  EntryPointsInputModel,
  ExposureInputModel,
  PolicyLeversInputModel,
} from './dto/outside.input.js';
import {
  BlastRadiusModel,
  EntryPointsModel,
  ExposurePageModel,
  PolicyLeverReportModel,
  TryPolicyLeversPayloadModel,
  WhyModel,
} from './dto/outside.model.js';

@Resolver()
export class OutsideResolver {
  constructor(
    @Inject(Outside) private readonly outside: Outside,
    @Inject(Blast) private readonly blast: Blast,
    @Inject(Why) private readonly whyCase: Why,
    @Inject(Levers) private readonly levers: Levers,
  ) {}

  @Query(() => EntryPointsModel, { description: 'By which objects something outside gets in.' })
  @FieldAction('question.ask')
  async entryPoints(
    @Args('input', { type: () => EntryPointsInputModel }) { cluster, ...rest }: EntryPointsInputModel,
  ): Promise<Shape<EntryPointsModel>> {
    const found = await this.outside.entryPoints(cluster, parseInput(entryPointsInput, withoutNulls(rest)));
    return { __typename: 'EntryPoints', items: found.items, ...toAnswer(found) };
  }

  @Query(() => ExposurePageModel, { description: 'What each workload is open to.' })
  @FieldAction('question.ask')
  async exposure(
    @Args('input', { type: () => ExposureInputModel }) { cluster, ...rest }: ExposureInputModel,
    @Args() page: ForwardPageArgs,
  ): Promise<Shape<ExposurePageModel>> {
    const input = parseInput(exposureInput, withoutNulls({ ...rest, ...pageOf(page) }));
    const found = await this.outside.exposure(cluster, input);
    const { caveat } = found;
    return {
      __typename: 'ExposureConnection',
      ...toConnection(found.items, found, page),
      caveat,
      ...toAnswer(found),
    };
  }

  @Query(() => BlastRadiusModel, { description: 'What could be reached from what is taken over, or who reaches it.' })
  @FieldAction('question.ask')
  async blastRadius(
    @Args('input', { type: () => BlastRadiusInputModel }) { cluster, ...rest }: BlastRadiusInputModel,
  ): Promise<Shape<BlastRadiusModel>> {
    const found = await this.blast.execute(cluster, parseInput(blastInput, withoutNulls(rest)));
    return { __typename: 'BlastRadius', ...found.blast, levers: found.levers, ...toAnswer(found) };
  }

  @Mutation(() => TryPolicyLeversPayloadModel, {
    description: 'Tries every policy whose removal or addition may change what is within reach: a job.',
  })
  @FieldAction('question.ask')
  async tryPolicyLevers(
    @Args('input', { type: () => PolicyLeversInputModel }) { cluster, ...rest }: PolicyLeversInputModel,
  ): Promise<Shape<TryPolicyLeversPayloadModel>> {
    const input = parseInput(leversInput, withoutNulls(rest));
    return { job: toJobModel(await this.levers.start(cluster, input)) };
  }

  @Query(() => PolicyLeverReportModel, { description: 'What such a job found.', nullable: true })
  @FieldAction('question.ask')
  policyLevers(
    @Args('cluster', { type: () => String, description: 'Name or id.' }) cluster: string,
    @Args('job', { type: () => String }) job: string,
  ): Promise<Shape<PolicyLeverReportModel> | null> {
    return orNull('not_found', async () => {
      const { of, direction, hops, levers, ...found } = await this.levers.get(cluster, job);
      return { __typename: 'PolicyLeverReport' as const, of, direction, hops, ...levers, ...toAnswer(found) };
    });
  }

  @Query(() => WhyModel, { description: 'Why one peer can, or cannot, reach another.' })
  @FieldAction('question.ask')
  async why(@Args('input', { type: () => CanReachInputModel }) input: CanReachInputModel): Promise<Shape<WhyModel>> {
    const found = await this.whyCase.execute(parseInput(reachabilityInput, toRawQuestion(input)));
    const { answer, fixes } = found;
    const picture = answerExhibit(answer, placeOf(found));
    return { answer: toReachability(answer, found), fixes, svg: await render(picture, 'svg') };
  }
}
