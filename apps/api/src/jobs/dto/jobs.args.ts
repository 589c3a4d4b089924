import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import { jobsInput } from '#contracts';
import { JobNameEnum, JobStateEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';
import { SortField } from '../../graphql/sort.field.js';

@ArgsType()
export class JobsArgs extends PageArgs {
  @SortField(jobsInput)
  readonly sort?: string | null;

  @Field(() => JobStateEnum, { nullable: true })
  readonly state?: string | null;

  @Field(() => JobNameEnum, { nullable: true })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'Name or id.' })
  readonly cluster?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only the parts of this flow.' })
  readonly parent?: string | null;
}

@ArgsType()
export class JobEventsArgs {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => Int, { nullable: true, description: 'The event to go on behind; from the first when left out.' })
  readonly after?: number | null;
}

@InputType('JobInput')
export class JobInputModel {
  @Field(() => ID)
  readonly job!: string;
}
