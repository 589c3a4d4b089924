import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Flows, KeptFlows, type FlowFileSummary } from '#analysis';
import { AppError, explainFlowsInput, flowFile, keptFlowsInput, parseInput, suggestFlowsInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { ForwardPageArgs, pageOf } from '../graphql/page.args.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import {
  ExplainFlowsInputModel,
  KeepFlowsInputModel,
  KeptFlowFilterModel,
  SuggestPoliciesInputModel,
} from './dto/flows.input.js';
import {
  ExplainedFlowPageModel,
  FlowSuggestionsModel,
  KeepFlowsModel,
  KeptFlowPageModel,
  type FlowFileModel,
} from './dto/flows.model.js';
import { toKeptFlow } from './flows.mapper.js';
import { KeptFlowsArgs } from './dto/kept-flows.args.js';

@Resolver()
export class FlowsResolver {
  constructor(
    @Inject(Flows) private readonly flows: Flows,
    @Inject(KeptFlows) private readonly kept: KeptFlows,
  ) {}

  @Mutation(() => KeepFlowsModel, { description: 'Adds flows that were seen to those that the cluster keeps.' })
  @FieldAction('question.write')
  async keepFlows(
    @Args('input', { type: () => KeepFlowsInputModel }) { cluster, flows }: KeepFlowsInputModel,
  ): Promise<Shape<KeepFlowsModel>> {
    const found = await this.kept.keep(cluster, parseInput(flowFile, flows));
    return { __typename: 'KeepFlows', ...found, read: toFile(found.read) };
  }

  @Query(() => KeptFlowPageModel, { description: 'Flows that the cluster keeps, the last seen first.' })
  @FieldAction('question.ask')
  async keptFlows(
    @Args('cluster', { type: () => String }) cluster: string,
    @Args('filter', { type: () => KeptFlowFilterModel, nullable: true }) filter: KeptFlowFilterModel | null,
    @Args() page: KeptFlowsArgs,
  ): Promise<Shape<KeptFlowPageModel>> {
    const asked = {
      namespace: filter?.namespace,
      verdict: filter?.verdict,
      since: filter?.since,
      sort: page.sort,
      ...pageOf(page),
    };
    const input = parseInput(keptFlowsInput, withoutNulls(asked));
    const { span, ...found } = await this.kept.list(cluster, input);
    return {
      __typename: 'KeptFlowConnection',
      totalCount: span.flows,
      firstSeen: span.firstSeen?.toISOString() ?? null,
      lastSeen: span.lastSeen?.toISOString() ?? null,
      ...toConnection(found.items.map(toKeptFlow), found, page),
      ...toAnswer(found),
    };
  }

  @Query(() => ExplainedFlowPageModel, { description: 'Which policies decide flows that were seen.' })
  @FieldAction('question.ask')
  async explainFlows(
    @Args('input', { type: () => ExplainFlowsInputModel }) { cluster, flows, ...rest }: ExplainFlowsInputModel,
    @Args() page: ForwardPageArgs,
  ): Promise<Shape<ExplainedFlowPageModel>> {
    const input = parseInput(explainFlowsInput, withoutNulls({ ...rest, ...pageOf(page) }));
    const found = await this.flows.explain(cluster, givenOrKept(flows, input.kept), input);
    return {
      __typename: 'ExplainedFlowConnection',
      read: toFile(found.read),
      standings: Object.entries(found.standings).map(([standing, count]) => ({ standing, count })),
      ...toConnection(found.items, found, page),
      ...toAnswer(found),
    };
  }

  @Query(() => FlowSuggestionsModel, { description: 'Policies that let through just what was seen, proved.' })
  @FieldAction('question.ask')
  async suggestPolicies(
    @Args('input', { type: () => SuggestPoliciesInputModel }) { cluster, flows, ...rest }: SuggestPoliciesInputModel,
  ): Promise<Shape<FlowSuggestionsModel>> {
    const input = parseInput(suggestFlowsInput, withoutNulls(rest));
    const found = await this.flows.suggest(cluster, givenOrKept(flows, input.kept), input);
    return { __typename: 'FlowSuggestions', ...found, read: toFile(found.read) };
  }
}

/** Null for the flows that the cluster keeps. */
function givenOrKept(flows: string | null | undefined, kept = false): string | null {
  if (!kept) return parseInput(flowFile, flows ?? '');
  if (flows === null || flows === undefined) return null;
  throw new AppError('request.invalid', '`kept` is about flows that the cluster keeps, leave it or `flows` out');
}

function toFile({ leftOut, ...read }: FlowFileSummary): Shape<FlowFileModel> {
  return { ...read, leftOut: Object.entries(leftOut).map(([what, count]) => ({ what, count })) };
}
