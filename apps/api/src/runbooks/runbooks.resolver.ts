import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { RunbookShelf, RunRunbook } from '#analysis';
import { parseInput, runbookRunInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import { absentContext, type AbsentContext } from '../reachability/reachability.resolver.js';
import { RunRunbookInputModel } from './dto/run-runbook.input.js';
import { RunbookModel, RunRunbookResult, type RunbookRunModel } from './dto/runbook.model.js';
import { runbookToBody } from './runbooks.mapper.js';

type RunOutcome = (Shape<RunbookRunModel> & { readonly __typename: 'RunbookRun' }) | AbsentContext;

@Resolver(() => RunbookModel)
export class RunbooksResolver {
  constructor(
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(RunRunbook) private readonly runner: RunRunbook,
  ) {}

  @Query(() => [RunbookModel], { description: 'Every runbook with its steps, inputs and alerts.' })
  @FieldAction('runbook.read')
  async runbooks(): Promise<readonly Shape<RunbookModel>[]> {
    return (await this.shelf.list()).map(runbookToBody);
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
