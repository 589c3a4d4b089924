import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { Jobs, type JobMove, type JobRunRecord } from '#analysis';
import { jobsInput, parseInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { subscriptionTo } from '../graphql/subscription-to.js';
import { CancelJobPayloadModel, JobConnection, JobModel, JobMoveModel } from './dto/job.model.js';
import { JobEventsArgs, JobInputModel, JobsArgs } from './dto/jobs.args.js';

@Resolver(() => JobModel)
export class JobsResolver {
  constructor(@Inject(Jobs) private readonly jobs: Jobs) {}

  @Query(() => JobModel, { nullable: true, description: 'One job, null when there is none.' })
  @FieldAction('job.read')
  async job(@Args('id', { type: () => ID }) id: string): Promise<Shape<JobModel> | null> {
    return orNull('job.not_found', async () => toJobModel(await this.jobs.get(id)));
  }

  @Query(() => JobConnection, { name: 'jobs', description: 'Jobs, the newest first.' })
  @FieldAction('job.read')
  async list(@Args() args: JobsArgs): Promise<Connection<Shape<JobModel>>> {
    const page = await this.jobs.list(parseInput(jobsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toJobModel), page, args);
  }

  @Subscription(() => JobMoveModel, { description: 'What a job tells, as it comes, until it has ended.' })
  @FieldAction('job.read')
  jobEvents(@Args() { id, after }: JobEventsArgs): Promise<AsyncIterable<{ jobEvents: Shape<JobMoveModel> }>> {
    const toMove = ({ seq, event, at, job }: JobMove): Shape<JobMoveModel> => ({
      seq,
      event,
      at,
      job: toJobModel(job),
    });
    return subscriptionTo('jobEvents', toMove, (signal) => this.jobs.follow(id, after ?? 0, signal));
  }

  @Mutation(() => CancelJobPayloadModel, { description: 'Cancels a job: at once while it waits, soon when it runs.' })
  @FieldAction('job.cancel')
  async cancelJob(
    @Args('input', { type: () => JobInputModel }) input: JobInputModel,
  ): Promise<Shape<CancelJobPayloadModel>> {
    return { job: toJobModel(await this.jobs.cancel(input.job)) };
  }
}

/** A job as GraphQL shows it. */
export function toJobModel({ input: _, losses: __, lastEvent: ___, ...run }: JobRunRecord): Shape<JobModel> {
  return run;
}
