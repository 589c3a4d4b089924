import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { connectionOf } from '../../graphql/model/connection.model.js';
import { JobEventEnum, JobNameEnum, JobStateEnum } from '../../graphql/model/enums.js';

@ObjectType('JobProgress', { description: 'How far a job is; `total` is 0 while it is not known.' })
export class JobProgressModel {
  @Field(() => Int)
  readonly done!: number;

  @Field(() => Int)
  readonly total!: number;

  @Field(() => String)
  readonly phase!: string;
}

@ObjectType('JobError')
export class JobErrorModel {
  @Field(() => String)
  readonly code!: string;

  @Field(() => String)
  readonly message!: string;
}

@ObjectType('Job', { description: 'Work that takes a while. Its address in REST is `/api/v1/jobs/{id}`.' })
export class JobModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => JobNameEnum)
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'Null for a job that is about no single cluster.' })
  readonly clusterId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The flow that it is one part of.' })
  readonly parentId!: string | null;

  @Field(() => Boolean, { description: 'True for a flow: it ends with the last of its parts.' })
  readonly isFlow!: boolean;

  @Field(() => String, { description: 'Who asked for it; `system:` and a task for the service itself.' })
  readonly requester!: string;

  @Field(() => JobStateEnum)
  readonly state!: string;

  @Field(() => Int, { description: 'Tries that have begun.' })
  readonly attempts!: number;

  @Field(() => JobProgressModel)
  readonly progress!: JobProgressModel;

  @Field(() => Boolean)
  readonly cancelRequested!: boolean;

  @Field(() => String, { nullable: true, description: 'Address of what it made.' })
  readonly result!: string | null;

  @Field(() => JobErrorModel, { nullable: true })
  readonly error!: JobErrorModel | null;

  @Field(() => Date)
  readonly queuedAt!: Date;

  @Field(() => Date, { nullable: true })
  readonly startedAt!: Date | null;

  @Field(() => Date, { nullable: true })
  readonly finishedAt!: Date | null;
}

@ObjectType('JobEvent', { description: 'What a job told, and how it is.' })
export class JobMoveModel {
  @Field(() => Int, { description: 'From 1; go on behind it with `after`.' })
  readonly seq!: number;

  @Field(() => JobEventEnum)
  readonly event!: string;

  @Field(() => Date)
  readonly at!: Date;

  @Field(() => JobModel)
  readonly job!: JobModel;
}

export const JobConnection = connectionOf('Job', JobModel);

@ObjectType('CancelJobPayload')
export class CancelJobPayloadModel {
  @Field(() => JobModel)
  readonly job!: JobModel;
}
