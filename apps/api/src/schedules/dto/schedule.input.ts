import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { scheduleRunsInput, schedulesInput } from '#contracts';
import { ReportFormatEnum, ScheduleTaskEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';
import { PortScalar } from '../../graphql/number-or-text.scalar.js';
import { SortField } from '../../graphql/sort.field.js';

@InputType('ScheduleTaskInput')
export class ScheduleTaskInputModel {
  @Field(() => ScheduleTaskEnum)
  readonly type!: string;

  @Field(() => [ID], { nullable: true, description: 'AUDIT: the checks; all when left out.' })
  readonly checks?: readonly string[] | null;

  @Field(() => [ReportFormatEnum], {
    nullable: true,
    description: 'REPORT: the forms to keep it in; HTML when left out.',
  })
  readonly formats?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'REPORT: only the controls of this framework.' })
  readonly framework?: string | null;

  @Field(() => ID, { nullable: true, description: 'RUNBOOK: which one; what it is about is in the fields below.' })
  readonly runbook?: string | null;

  @Field(() => String, { nullable: true })
  readonly from?: string | null;

  @Field(() => String, { nullable: true })
  readonly to?: string | null;

  @Field(() => String, { nullable: true })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port?: number | string | null;

  @Field(() => String, { nullable: true })
  readonly namespace?: string | null;

  @Field(() => String, { nullable: true })
  readonly node?: string | null;
}

@InputType('CreateScheduleInput')
export class CreateScheduleInputModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'Five fields, as `0 6 * * mon-fri`.' })
  readonly cron!: string;

  @Field(() => String, { nullable: true, description: 'IANA name, as `Europe/Berlin`; UTC when left out.' })
  readonly timeZone?: string | null;

  @Field(() => ScheduleTaskInputModel)
  readonly task!: ScheduleTaskInputModel;

  @Field(() => [String], { nullable: true, description: 'Names or ids; every cluster when left out.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => Boolean, { nullable: true })
  readonly paused?: boolean | null;
}

@InputType('UpdateScheduleInput')
export class UpdateScheduleInputModel {
  @Field(() => ID, { description: 'Name or id.' })
  readonly schedule!: string;

  @Field(() => String, { nullable: true })
  readonly name?: string | null;

  @Field(() => String, { nullable: true })
  readonly cron?: string | null;

  @Field(() => String, { nullable: true })
  readonly timeZone?: string | null;

  @Field(() => ScheduleTaskInputModel, { nullable: true })
  readonly task?: ScheduleTaskInputModel | null;

  @Field(() => [String], { nullable: true, description: 'Names or ids; null for every cluster.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => Boolean, { nullable: true })
  readonly paused?: boolean | null;
}

@InputType('ScheduleInput')
export class ScheduleInputModel {
  @Field(() => ID, { description: 'Name or id.' })
  readonly schedule!: string;
}

@ArgsType()
export class PreviewScheduleArgs {
  @Field(() => String)
  readonly cron!: string;

  @Field(() => String, { nullable: true, description: 'UTC when left out.' })
  readonly timeZone?: string | null;

  @Field(() => Int, { nullable: true, description: '1 to 50; 5 when left out.' })
  readonly count?: number | null;
}

@ArgsType()
export class ScheduleRunsArgs extends PageArgs {
  @SortField(scheduleRunsInput)
  readonly sort?: string | null;

  @Field(() => ID, { description: 'Name or id.' })
  readonly schedule!: string;
}

@ArgsType()
export class SchedulesArgs extends PageArgs {
  @SortField(schedulesInput)
  readonly sort?: string | null;
}
