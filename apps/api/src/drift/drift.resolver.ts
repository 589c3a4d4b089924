import { Inject } from '@nestjs/common';
import { Args, Query, Resolver, Subscription } from '@nestjs/graphql';
import { Drift, DriftTimeline, SinceWhen, WhatIf } from '#analysis';
import { driftInput, driftTimelineInput, parseInput, sinceInput, whatIfInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import { ForwardPageArgs, pageOf } from '../graphql/page.args.js';
import { subscriptionTo } from '../graphql/subscription-to.js';
import { absentContext, type AbsentContext } from '../reachability/reachability.resolver.js';
import {
  DriftEventsArgs,
  DriftInputModel,
  DriftTimelineArgs,
  SinceInputModel,
  WhatIfInputModel,
} from './dto/drift.input.js';
import {
  DriftResult,
  DriftStretchConnection,
  DriftStretchModel,
  SinceModel,
  type DriftModel,
} from './dto/drift.model.js';
import {
  toDrift,
  toRawDrift,
  toRawSince,
  toRawWhatIf,
  toSince,
  toStretch,
  toTimeline,
  toWhatIf,
} from './drift.graphql-mapper.js';
import type { Shape } from '../graphql/model/shape.js';

@Resolver()
export class DriftResolver {
  constructor(
    @Inject(Drift) private readonly drifts: Drift,
    @Inject(WhatIf) private readonly whatIfs: WhatIf,
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(SinceWhen) private readonly since: SinceWhen,
  ) {}

  @Query(() => DriftResult, { description: 'What differs between two states, and why?' })
  @FieldAction('question.ask')
  async drift(
    @Args('input', { type: () => DriftInputModel }) input: DriftInputModel,
    @Args() page: ForwardPageArgs,
  ): Promise<Shape<DriftModel> | AbsentContext> {
    try {
      return toDrift(await this.drifts.execute(parseInput(driftInput, toRawDrift(input, page))), page);
    } catch (error) {
      return absentContext(error);
    }
  }

  @Query(() => DriftResult, { description: 'What would differ after a change, before anyone makes it?' })
  @FieldAction('question.ask')
  async whatIf(
    @Args('input', { type: () => WhatIfInputModel }) input: WhatIfInputModel,
    @Args() page: ForwardPageArgs,
  ): Promise<Shape<DriftModel> | AbsentContext> {
    try {
      return toWhatIf(await this.whatIfs.execute(parseInput(whatIfInput, toRawWhatIf(input, page))), page);
    } catch (error) {
      return absentContext(error);
    }
  }

  @Query(() => DriftStretchConnection, {
    description: 'What changed in a cluster, stretch by stretch, newest first.',
  })
  @FieldAction('question.ask')
  async driftTimeline(@Args() args: DriftTimelineArgs): Promise<Connection<Shape<DriftStretchModel>>> {
    const { cluster, dangerous, breaking } = args;
    const input = { dangerous: dangerous ?? undefined, breaking: breaking ?? undefined, ...pageOf(args) };
    const page = await this.timeline.list(cluster, parseInput(driftTimelineInput, input));
    return toTimeline(page, args);
  }

  @Subscription(() => DriftStretchModel, {
    description: 'What changed in a cluster, stretch by stretch, as soon as it is worked out.',
  })
  @FieldAction('question.ask')
  driftEvents(
    @Args() { cluster, after }: DriftEventsArgs,
  ): Promise<AsyncIterable<{ driftEvents: Shape<DriftStretchModel> }>> {
    return subscriptionTo('driftEvents', toStretch, (signal) =>
      this.timeline.follow(cluster, after ?? undefined, signal),
    );
  }

  @Query(() => SinceModel, { description: 'Since when can, or cannot, one peer reach another?' })
  @FieldAction('question.ask')
  async reachableSince(
    @Args('input', { type: () => SinceInputModel }) input: SinceInputModel,
  ): Promise<Shape<SinceModel>> {
    return toSince(await this.since.execute(parseInput(sinceInput, toRawSince(input))));
  }
}
