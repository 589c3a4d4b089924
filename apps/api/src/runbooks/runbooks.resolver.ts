import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { RunbookRuns, RunbookShelf, RunRunbook } from '#analysis';
import { parseInput, runbookRunInput, runbookRunsInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { Connection } from '../graphql/model/connection.model.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { absentContext, type AbsentContext } from '../reachability/reachability.resolver.js';
import { RunbookRunsArgs, RunRunbookInputModel } from './dto/run-runbook.input.js';
import {
  PastRunbookReportModel,
  RunbookModel,
  RunbookRunConnection,
  RunRunbookResult,
  type PastRunbookRunModel,
  type RunbookRunModel,
} from './dto/runbook.model.js';
import { runbookToBody } from './runbooks.mapper.js';

type RunOutcome = (Shape<RunbookRunModel> & { readonly __typename: 'RunbookRun' }) | AbsentContext;

@Resolver(() => RunbookModel)
export class RunbooksResolver {
  constructor(
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(RunRunbook) private readonly runner: RunRunbook,
    @Inject(RunbookRuns) private readonly runs: RunbookRuns,
  ) {}

  @Query(() => [RunbookModel], { description: 'Every runbook with its steps, inputs and alerts.' })
  @FieldAction('runbook.read')
  async runbooks(): Promise<readonly Shape<RunbookModel>[]> {
    return (await this.shelf.list()).map(runbookToBody);
  }

  @Query(() => RunbookRunConnection, { description: 'Runs of runbooks on a cluster that are over, the newest first.' })
  @FieldAction('runbook.read')
  async runbookRuns(@Args() args: RunbookRunsArgs): Promise<Connection<Shape<PastRunbookRunModel>>> {
    const { cluster: _, ...filters } = filtersOf(args);
    const page = await this.runs.list(args.cluster, parseInput(runbookRunsInput, { ...filters, ...pageOf(args) }));
    return toConnection(page.items, page, args);
  }

  @Query(() => PastRunbookReportModel, { nullable: true, description: 'One run, null when there is none.' })
  @FieldAction('runbook.read')
  async runbookRun(
    @Args('cluster', { type: () => String }) cluster: string,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<Shape<PastRunbookReportModel> | null> {
    return orNull('not_found', async () => {
      const { report, ...run } = await this.runs.get(cluster, id);
      return { ...report, ...run };
    });
  }

  @Mutation(() => RunRunbookResult, { description: 'Runs a runbook on a cluster. Nothing in the cluster is changed.' })
  @FieldAction('runbook.run')
  async runRunbook(
    @Args('input', { type: () => RunRunbookInputModel }) { cluster, ...input }: RunRunbookInputModel,
  ): Promise<RunOutcome> {
    // What a caller sets to null counts as left out.
    const given = Object.fromEntries(Object.entries<unknown>({ ...input }).filter(([, value]) => value !== null));
    try {
      const answer = await this.runner.execute({ ...parseInput(runbookRunInput, given), cluster });
      const { id, report } = answer;
      return { __typename: 'RunbookRun', id, ...report, ...toAnswer(answer) };
    } catch (error) {
      return absentContext(error);
    }
  }
}
