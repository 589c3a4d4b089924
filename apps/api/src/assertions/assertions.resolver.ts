import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { AssertionEvents, Assertions, type AssertionTurn, type KeptAssertions } from '#analysis';
import {
  assertionEventsInput,
  assertionEventStreamInput,
  checkAssertionsInput,
  parseInput,
  setAssertionsInput,
} from '#contracts';
import { renderJUnit, type AssertionResult } from '#engine';
import { ClusterInputModel } from '../clusters/dto/cluster.input.js';
import { FieldAction } from '../access/action.decorator.js';
import { toCause } from '../drift/drift.graphql-mapper.js';
import { pageOf } from '../graphql/page.args.js';
import { subscriptionTo } from '../graphql/subscription-to.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { pickRef } from '../rest/provenance.mapper.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import {
  AssertionEventModel,
  AssertionEventPageModel,
  AssertionEventsArgs,
  AssertionEventStreamArgs,
  AssertionReportModel,
  AssertionsModel,
  CheckAssertionsInputModel,
  RemoveAssertionsPayloadModel,
  SetAssertionsInputModel,
  SetAssertionsPayloadModel,
  type AssertionResultModel,
} from './dto/assertion.model.js';

@Resolver()
export class AssertionsResolver {
  constructor(
    @Inject(Assertions) private readonly useCase: Assertions,
    @Inject(AssertionEvents) private readonly turns: AssertionEvents,
  ) {}

  @FieldAction('question.ask')
  @Query(() => AssertionsModel, { nullable: true, description: 'Null when the cluster keeps none.' })
  async assertions(@Args('cluster', { type: () => String }) cluster: string): Promise<Shape<AssertionsModel> | null> {
    return orNull('not_found', async () => toKept(await this.useCase.get(cluster)));
  }

  @FieldAction('question.ask')
  @Query(() => AssertionReportModel, { description: 'Checks a file of expectations that nobody keeps.' })
  async checkAssertions(
    @Args('input', { type: () => CheckAssertionsInputModel }) input: CheckAssertionsInputModel,
  ): Promise<Shape<AssertionReportModel>> {
    const { cluster, assertions, at } = input;
    const report = await this.useCase.check(
      parseInput(checkAssertionsInput, withoutNulls({ cluster, assertions, at })),
    );
    const junit = renderJUnit(report.asOf.cluster, report.results);
    return { counts: report.counts, results: report.results.map(toResult), junit, ...toAnswer(report) };
  }

  @FieldAction('question.ask')
  @Query(() => AssertionEventPageModel, { description: 'When expectations broke or held again, newest first.' })
  async assertionEvents(@Args() args: AssertionEventsArgs): Promise<Shape<AssertionEventPageModel>> {
    const input = parseInput(assertionEventsInput, {
      ...withoutNulls({ name: args.name, sort: args.sort }),
      ...pageOf(args),
    });
    const page = await this.turns.list(args.cluster, input);
    const items = page.items.map(toEvent);
    return { items, pageInfo: toConnection(items, page, args).pageInfo };
  }

  @Subscription(() => AssertionEventModel, {
    name: 'assertionEvents',
    description: 'Expectations that break or hold again, as soon as it is found.',
  })
  @FieldAction('question.ask')
  assertionEventStream(
    @Args() { cluster, after: given }: AssertionEventStreamArgs,
  ): Promise<AsyncIterable<{ assertionEvents: Shape<AssertionEventModel> }>> {
    const { after } = parseInput(assertionEventStreamInput, withoutNulls({ after: given }));
    return subscriptionTo('assertionEvents', toEvent, (signal) => this.turns.follow(cluster, after, signal));
  }

  @FieldAction('question.write')
  @Mutation(() => SetAssertionsPayloadModel, {
    description: 'Keeps a file of expectations, checked after each snapshot.',
  })
  async setAssertions(
    @Args('input', { type: () => SetAssertionsInputModel }) input: SetAssertionsInputModel,
  ): Promise<Shape<SetAssertionsPayloadModel>> {
    const { assertions } = parseInput(setAssertionsInput, { assertions: input.assertions });
    return { assertions: toKept(await this.useCase.set(input.cluster, assertions)) };
  }

  @FieldAction('question.write')
  @Mutation(() => RemoveAssertionsPayloadModel, { description: 'Keeps no expectations any more.' })
  async removeAssertions(
    @Args('input', { type: () => ClusterInputModel }) { cluster }: ClusterInputModel,
  ): Promise<Shape<RemoveAssertionsPayloadModel>> {
    await this.useCase.remove(cluster);
    return { cluster };
  }
}

function toKept(kept: KeptAssertions): Shape<AssertionsModel> {
  const items = kept.items.map((item) => ({ ...item, result: item.result === null ? null : toResult(item.result) }));
  return { source: kept.source, updatedAt: kept.updatedAt, items, ...toAnswer(kept) };
}

function toEvent(turn: AssertionTurn): Shape<AssertionEventModel> {
  return { ...turn, result: toResult(turn.result), causes: turn.causes.map(toCause) };
}

function toResult(result: AssertionResult): Shape<AssertionResultModel> {
  const breaches = result.breaches.map((breach) => ({
    ...breach,
    policies: breach.policies.map(pickRef),
  }));
  return { ...result, breaches };
}
