import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Flows, type FlowFileSummary } from '#analysis';
import { explainFlowsInput, flowFile, parseInput, suggestFlowsInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { PageArgs } from '../graphql/page.args.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { ExplainFlowsInputModel, SuggestPoliciesInputModel } from './dto/flows.input.js';
import { ExplainedFlowPageModel, FlowSuggestionsModel, type FlowFileModel } from './dto/flows.model.js';

@Resolver()
export class FlowsResolver {
  constructor(@Inject(Flows) private readonly flows: Flows) {}

  @Query(() => ExplainedFlowPageModel, { description: 'Which policies decide flows that were seen.' })
  @FieldAction('question.ask')
  async explainFlows(
    @Args('input', { type: () => ExplainFlowsInputModel }) { cluster, flows, ...rest }: ExplainFlowsInputModel,
    @Args() page: PageArgs,
  ): Promise<Shape<ExplainedFlowPageModel>> {
    const input = parseInput(explainFlowsInput, withoutNulls({ ...rest, limit: page.first, cursor: page.after }));
    const found = await this.flows.explain(cluster, parseInput(flowFile, flows), input);
    return {
      __typename: 'ExplainedFlowConnection',
      read: toFile(found.read),
      standings: Object.entries(found.standings).map(([standing, count]) => ({ standing, count })),
      ...toConnection(found.items, found, page.after !== undefined),
      ...toAnswer(found),
    };
  }

  @Query(() => FlowSuggestionsModel, { description: 'Policies that let through just what was seen, proved.' })
  @FieldAction('question.ask')
  async suggestPolicies(
    @Args('input', { type: () => SuggestPoliciesInputModel }) { cluster, flows, ...rest }: SuggestPoliciesInputModel,
  ): Promise<Shape<FlowSuggestionsModel>> {
    const input = parseInput(suggestFlowsInput, withoutNulls(rest));
    const found = await this.flows.suggest(cluster, parseInput(flowFile, flows), input);
    return { __typename: 'FlowSuggestions', ...found, read: toFile(found.read) };
  }
}

function toFile({ leftOut, ...read }: FlowFileSummary): Shape<FlowFileModel> {
  return { ...read, leftOut: Object.entries(leftOut).map(([what, count]) => ({ what, count })) };
}
