import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';
import { JobStateEnum, ReportFormatEnum, ScheduleTaskEnum } from '../../graphql/model/enums.js';
import { PortScalar } from '../../graphql/number-or-text.scalar.js';
import { JobModel } from '../../jobs/dto/job.model.js';

@ObjectType('PlannedTime')
export class PlannedTimeModel {
  @Field(() => Date)
  readonly at!: Date;

  @Field(() => String, { description: 'As a clock there shows it.' })
  readonly local!: string;
}

@ObjectType('ScheduleTask', { description: 'What comes round; fields of other types of task are null.' })
export class ScheduleTaskModel {
  @Field(() => ScheduleTaskEnum)
  readonly type!: string;

  @Field(() => [ID], { nullable: true, description: 'AUDIT: the checks; all when null.' })
  readonly checks!: readonly string[] | null;

  @Field(() => [ReportFormatEnum], { nullable: true, description: 'REPORT: the forms to keep it in.' })
  readonly formats!: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'REPORT: only the controls of this framework.' })
  readonly framework!: string | null;

  @Field(() => ID, { nullable: true, description: 'RUNBOOK: which one.' })
  readonly runbook!: string | null;

  @Field(() => String, { nullable: true })
  readonly from!: string | null;

  @Field(() => String, { nullable: true })
  readonly to!: string | null;

  @Field(() => String, { nullable: true })
  readonly protocol!: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port!: number | string | null;

  @Field(() => String, { nullable: true })
  readonly namespace!: string | null;

  @Field(() => String, { nullable: true })
  readonly node!: string | null;
}

@ObjectType('ScheduleRun', { description: 'One time that a schedule came round.' })
export class ScheduleRunModel {
  @Field(() => Date)
  readonly dueAt!: Date;

  @Field(() => Date)
  readonly startedAt!: Date;

  @Field(() => Int, { description: 'Further times that passed while no worker ran; this run makes up for them.' })
  readonly missed!: number;

  @Field(() => String, { description: "Who asked for it at once, '' for the clock." })
  readonly requester!: string;

  @Field(() => ID)
  readonly jobId!: string;

  @Field(() => JobStateEnum)
  readonly state!: string;

  @Field(() => String, { nullable: true, description: 'Address of what it made.' })
  readonly result!: string | null;

  @Field(() => Date, { nullable: true })
  readonly finishedAt!: Date | null;
}

@ObjectType('Schedule', { description: 'Work that comes round by a cron pattern.' })
export class ScheduleModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly cron!: string;

  @Field(() => String)
  readonly timeZone!: string;

  @Field(() => ScheduleTaskModel)
  readonly task!: ScheduleTaskModel;

  @Field(() => [String], { nullable: true, description: 'Names; null for every cluster, whichever there are then.' })
  readonly clusters!: readonly string[] | null;

  @Field(() => Boolean)
  readonly paused!: boolean;

  @Field(() => [PlannedTimeModel], { description: 'The next three times; none while it is paused.' })
  readonly next!: readonly PlannedTimeModel[];

  @Field(() => String, { description: 'Who made it.' })
  readonly requester!: string;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => ScheduleRunModel, { nullable: true })
  readonly lastRun!: ScheduleRunModel | null;
}

export const ScheduleConnection = connectionOf('Schedule', ScheduleModel);

export const ScheduleRunConnection = connectionOf('ScheduleRun', ScheduleRunModel);

@ObjectType('SchedulePayload')
export class SchedulePayloadModel {
  @Field(() => ScheduleModel)
  readonly schedule!: ScheduleModel;
}

@ObjectType('RemoveSchedulePayload')
export class RemoveSchedulePayloadModel {
  @Field(() => ID)
  readonly removedScheduleId!: string;
}

@ObjectType('RunSchedulePayload')
export class RunSchedulePayloadModel {
  @Field(() => JobModel)
  readonly job!: JobModel;
}
