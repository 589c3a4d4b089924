import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Schedules, type ScheduleView } from '#analysis';
import {
  createScheduleInput,
  parseInput,
  patchScheduleInput,
  previewScheduleInput,
  type ScheduleTask,
  schedulesInput,
  scheduleRunsInput,
} from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toJobModel } from '../jobs/jobs.resolver.js';
import {
  CreateScheduleInputModel,
  PreviewScheduleArgs,
  ScheduleInputModel,
  ScheduleRunsArgs,
  SchedulesArgs,
  UpdateScheduleInputModel,
  type ScheduleTaskInputModel,
} from './dto/schedule.input.js';
import {
  PlannedTimeModel,
  RemoveSchedulePayloadModel,
  RunSchedulePayloadModel,
  ScheduleConnection,
  ScheduleModel,
  SchedulePayloadModel,
  ScheduleRunConnection,
  type ScheduleRunModel,
  type ScheduleTaskModel,
} from './dto/schedule.model.js';

@Resolver(() => ScheduleModel)
export class SchedulesResolver {
  constructor(@Inject(Schedules) private readonly schedules: Schedules) {}

  @Query(() => [PlannedTimeModel], { description: 'When a cron pattern would come round in a time zone.' })
  @FieldAction('schedule.read')
  previewSchedule(@Args() { cron, timeZone, count }: PreviewScheduleArgs): Shape<PlannedTimeModel>[] {
    return this.schedules.preview(parseInput(previewScheduleInput, withoutNulls({ cron, timeZone, count })));
  }

  @Query(() => ScheduleConnection, { name: 'schedules', description: 'Schedules by name.' })
  @FieldAction('schedule.read')
  async list(@Args() args: SchedulesArgs): Promise<Connection<Shape<ScheduleModel>>> {
    const page = await this.schedules.list(parseInput(schedulesInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toScheduleModel), page, args);
  }

  @Query(() => ScheduleModel, { nullable: true, description: 'One schedule by name or id, null when there is none.' })
  @FieldAction('schedule.read')
  async schedule(@Args('id', { type: () => ID }) ref: string): Promise<Shape<ScheduleModel> | null> {
    return orNull('not_found', async () => toScheduleModel(await this.schedules.get(ref)));
  }

  @Query(() => ScheduleRunConnection, { description: 'Each time that a schedule came round, the newest first.' })
  @FieldAction('schedule.read')
  async scheduleRuns(@Args() args: ScheduleRunsArgs): Promise<Connection<Shape<ScheduleRunModel>>> {
    const { schedule, ...rest } = filtersOf(args);
    const page = await this.schedules.runs(args.schedule, parseInput(scheduleRunsInput, { ...rest, ...pageOf(args) }));
    return toConnection(page.items, page, args);
  }

  @Mutation(() => SchedulePayloadModel, { description: 'Has work come round by a cron pattern.' })
  @FieldAction('schedule.write')
  async createSchedule(
    @Args('input', { type: () => CreateScheduleInputModel }) input: CreateScheduleInputModel,
  ): Promise<Shape<SchedulePayloadModel>> {
    const given = { ...withoutNulls(input), task: toTask(input.task) };
    return { schedule: toScheduleModel(await this.schedules.create(parseInput(createScheduleInput, given))) };
  }

  @Mutation(() => SchedulePayloadModel, {
    description: 'Changes, pauses or resumes a schedule; what is left out stays.',
  })
  @FieldAction('schedule.write')
  async updateSchedule(
    @Args('input', { type: () => UpdateScheduleInputModel })
    { schedule, clusters, task, ...rest }: UpdateScheduleInputModel,
  ): Promise<Shape<SchedulePayloadModel>> {
    const patch = {
      ...withoutNulls(rest),
      ...(clusters === undefined ? {} : { clusters }),
      ...(task === undefined || task === null ? {} : { task: toTask(task) }),
    };
    return { schedule: toScheduleModel(await this.schedules.update(schedule, parseInput(patchScheduleInput, patch))) };
  }

  @Mutation(() => RemoveSchedulePayloadModel, { description: 'Forgets a schedule; what it started goes on.' })
  @FieldAction('schedule.write')
  async removeSchedule(
    @Args('input', { type: () => ScheduleInputModel }) { schedule }: ScheduleInputModel,
  ): Promise<Shape<RemoveSchedulePayloadModel>> {
    return { removedScheduleId: (await this.schedules.remove(schedule)).id };
  }

  @Mutation(() => RunSchedulePayloadModel, { description: 'Runs a schedule at once, beside its times.' })
  @FieldAction('schedule.write')
  async runSchedule(
    @Args('input', { type: () => ScheduleInputModel }) { schedule }: ScheduleInputModel,
  ): Promise<Shape<RunSchedulePayloadModel>> {
    return { job: toJobModel(await this.schedules.runNow(schedule)) };
  }
}

/** A task as the contract has it: what a runbook is about stands in an object of its own there. */
function toTask(input: ScheduleTaskInputModel): unknown {
  const { type, checks, formats, framework, runbook, ...about } = withoutNulls(input);
  const inputs = withoutNulls(about);
  const plain = withoutNulls({ type, checks, formats, framework, runbook });
  return Object.keys(inputs).length === 0 ? plain : { ...plain, inputs };
}

function toTaskModel(task: ScheduleTask): Shape<ScheduleTaskModel> {
  const about = { from: null, to: null, protocol: null, port: null, namespace: null, node: null };
  const none = { checks: null, formats: null, framework: null, runbook: null, ...about };
  const inputs = task.type === 'runbook' ? task.inputs : {};
  return { ...none, ...withoutNulls({ ...task, inputs: null }), ...inputs, type: task.type };
}

function toScheduleModel({ task, ...schedule }: ScheduleView): Shape<ScheduleModel> {
  return { ...schedule, task: toTaskModel(task) };
}
