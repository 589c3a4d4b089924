import { Inject } from '@nestjs/common';
import { Args, Query, Resolver, Subscription } from '@nestjs/graphql';
import { CrossCluster, Fleet, Probes, type FleetEnd, type FleetResult } from '#analysis';
import {
  crossClusterInput,
  fleetInput,
  parseInput,
  probePlanInput,
  probeResultsInput,
  type FleetInput,
} from '#contracts';
import { toRawStates } from '../drift/drift.graphql-mapper.js';
import { FieldAction } from '../access/action.decorator.js';
import { subscriptionTo } from '../graphql/subscription-to.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import type { Shape } from '../graphql/model/shape.js';
import {
  CrossClusterInputModel,
  CrossClusterModel,
  FleetAnswerModel,
  FleetInputModel,
  FleetResultModel,
} from './dto/fleet.model.js';
import { ProbePlanInputModel, ProbePlanModel, ProbeResultsInputModel, ProbeResultsModel } from './dto/probe.model.js';

@Resolver()
export class FleetResolver {
  constructor(
    @Inject(Fleet) private readonly fleets: Fleet,
    @Inject(CrossCluster) private readonly paths: CrossCluster,
    @Inject(Probes) private readonly probes: Probes,
  ) {}

  @FieldAction('question.ask')
  @Query(() => FleetAnswerModel, { description: 'The same question to many clusters.' })
  async fleet(
    @Args('input', { type: () => FleetInputModel }) input: FleetInputModel,
  ): Promise<Shape<FleetAnswerModel>> {
    const items: Shape<FleetResultModel>[] = [];
    for await (const each of this.fleets.ask(parseFleet(input))) {
      if (each.type === 'end') return { items, ...each };
      items.push(toResult(each));
    }
    throw new Error('invariant: the answers of a fleet have an end');
  }

  @FieldAction('question.ask')
  @Subscription(() => FleetResultModel, {
    name: 'fleet',
    description: 'The same question to many clusters, each answer as it comes; ends after the last.',
  })
  fleetStream(
    @Args('input', { type: () => FleetInputModel }) input: FleetInputModel,
  ): Promise<AsyncIterable<{ fleet: Shape<FleetResultModel> }>> {
    const question = parseFleet(input);
    return subscriptionTo('fleet', toResult, (signal) => Promise.resolve(results(this.fleets.ask(question), signal)));
  }

  @FieldAction('question.ask')
  @Query(() => CrossClusterModel, { description: 'Can an endpoint of one cluster reach one of another?' })
  async crossCluster(
    @Args('input', { type: () => CrossClusterInputModel }) input: CrossClusterInputModel,
  ): Promise<Shape<CrossClusterModel>> {
    const side = ({ cluster, peer }: CrossClusterInputModel['from']) => ({ cluster, peer });
    const { protocol, port } = input;
    const raw = { from: side(input.from), to: side(input.to), ...withoutNulls({ protocol, port }) };
    return this.paths.execute(parseInput(crossClusterInput, raw));
  }

  @FieldAction('question.ask')
  @Query(() => ProbePlanModel, { description: 'The commands that verify an answer or a difference in its cluster.' })
  async probePlan(
    @Args('input', { type: () => ProbePlanInputModel }) input: ProbePlanInputModel,
  ): Promise<Shape<ProbePlanModel>> {
    const plan = await this.probes.plan(parseInput(probePlanInput, rawPlan(input)));
    const { verdict, summary, probes, skipped, script } = plan;
    return { verdict, summary, probes, skipped, script, ...toAnswer(plan) };
  }

  @FieldAction('question.ask')
  @Query(() => ProbeResultsModel, { description: 'What probes saw against what was predicted.' })
  async judgeProbes(
    @Args('input', { type: () => ProbeResultsInputModel }) input: ProbeResultsInputModel,
  ): Promise<Shape<ProbeResultsModel>> {
    const judged = await this.probes.judge(parseInput(probeResultsInput, rawPlan(input)));
    const { results, agreed, differed } = judged;
    return { results, agreed, differed, ...toAnswer(judged) };
  }
}

function parseFleet({ clusters, from, to, protocol, port }: FleetInputModel): FleetInput {
  return parseInput(fleetInput, withoutNulls({ clusters, from, to, protocol, port }));
}

async function* results(
  answers: AsyncIterable<FleetResult | FleetEnd>,
  signal: AbortSignal,
): AsyncGenerator<FleetResult> {
  for await (const answer of answers) {
    if (signal.aborted || answer.type === 'end') return;
    yield answer;
  }
}

function rawPlan({ drift, ...asked }: ProbePlanInputModel): Record<string, unknown> {
  return withoutNulls({ drift: drift && toRawStates(drift), ...asked });
}

function toResult(result: FleetResult): Shape<FleetResultModel> {
  if (result.type === 'answer') return { code: null, ...result };
  const { type, cluster, message } = result;
  const code = type === 'failed' ? result.code : null;
  return { type, cluster, code, verdict: null, summary: message, connections: [], hasMore: false, asOf: null };
}
