import { Field, ID, InputType, Int } from '@nestjs/graphql';
import { ChannelEventEnum, ChannelTypeEnum, SmtpSecurityEnum } from '../../graphql/model/enums.js';

const nullable = { nullable: true } as const;

@InputType('ChannelTargetInput', {
  description: 'Where to; which fields belong to which type is in `POST /api/v1/channels`.',
})
export class ChannelTargetInputModel {
  @Field(() => ChannelTypeEnum)
  readonly type!: string;

  @Field(() => String, nullable)
  readonly url?: string | null;

  @Field(() => String, { ...nullable, description: 'WEBHOOK: what it is signed with.' })
  readonly secret?: string | null;

  @Field(() => String, { ...nullable, description: 'MATTERMOST: another channel than that of the webhook.' })
  readonly channel?: string | null;

  @Field(() => String, nullable)
  readonly host?: string | null;

  @Field(() => Int, nullable)
  readonly port?: number | null;

  @Field(() => SmtpSecurityEnum, nullable)
  readonly security?: string | null;

  @Field(() => String, nullable)
  readonly user?: string | null;

  @Field(() => String, nullable)
  readonly password?: string | null;

  @Field(() => String, nullable)
  readonly from?: string | null;

  @Field(() => [String], nullable)
  readonly to?: readonly string[] | null;

  @Field(() => String, nullable)
  readonly endpoint?: string | null;

  @Field(() => String, nullable)
  readonly region?: string | null;

  @Field(() => String, nullable)
  readonly bucket?: string | null;

  @Field(() => String, nullable)
  readonly prefix?: string | null;

  @Field(() => ID, nullable)
  readonly accessKeyId?: string | null;

  @Field(() => String, nullable)
  readonly secretAccessKey?: string | null;

  @Field(() => String, { ...nullable, description: 'PAGERDUTY.' })
  readonly routingKey?: string | null;
}

@InputType('CreateChannelInput')
export class CreateChannelInputModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => ChannelTargetInputModel)
  readonly target!: ChannelTargetInputModel;

  @Field(() => [ChannelEventEnum], { description: 'What it is told.' })
  readonly events!: readonly string[];

  @Field(() => [String], { ...nullable, description: 'Names or ids; every cluster when left out.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => Boolean, nullable)
  readonly paused?: boolean | null;
}
