import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { JobNameEnum, JobStateEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';

@ArgsType()
export class JobsArgs extends PageArgs {
  @Field(() => JobStateEnum, { nullable: true })
  readonly state?: string | null;

  @Field(() => JobNameEnum, { nullable: true })
  readonly name?: string | null;

  @Field(() => String, { nullable: true, description: 'Name or id.' })
  readonly cluster?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only the parts of this flow.' })
  readonly parent?: string | null;
}

@InputType('JobInput')
export class JobInputModel {
  @Field(() => ID)
  readonly job!: string;
}
