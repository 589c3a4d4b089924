import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { deliveriesInput, channelsInput } from '#contracts';
import { connectionOf } from '../../graphql/model/connection.model.js';
import { ChannelEventEnum, ChannelTypeEnum, DeliveryStateEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';
import { ChannelTargetInputModel } from './create-channel.input.js';
import { SortField } from '../../graphql/sort.field.js';

@ObjectType('Channel', { description: 'Somewhere that is told of things. What gets one in is never shown.' })
export class ChannelModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => ChannelTypeEnum)
  readonly type!: string;

  @Field(() => String, { description: 'Where it leads, as far as that is shown.' })
  readonly outline!: string;

  @Field(() => [ChannelEventEnum])
  readonly events!: readonly string[];

  @Field(() => [String], { nullable: true, description: 'Names; null for every cluster.' })
  readonly clusters!: readonly string[] | null;

  @Field(() => Boolean, { description: 'What it would be told waits.' })
  readonly paused!: boolean;

  @Field(() => String)
  readonly requester!: string;

  @Field(() => Date)
  readonly createdAt!: Date;
}

export const ChannelConnection = connectionOf('Channel', ChannelModel);

@ObjectType('Delivery', { description: 'One thing that one channel is told.' })
export class DeliveryModel {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String, { description: 'Name.' })
  readonly channel!: string;

  @Field(() => ChannelEventEnum)
  readonly event!: string;

  @Field(() => String, { nullable: true })
  readonly cluster!: string | null;

  @Field(() => String)
  readonly title!: string;

  @Field(() => DeliveryStateEnum)
  readonly state!: string;

  @Field(() => Int)
  readonly attempts!: number;

  @Field(() => String, { description: "Why the last try failed, '' when none has." })
  readonly lastError!: string;

  @Field(() => Date, { nullable: true, description: 'When it is tried next.' })
  readonly nextAt!: Date | null;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => Date, { nullable: true })
  readonly endedAt!: Date | null;
}

export const DeliveryConnection = connectionOf('Delivery', DeliveryModel);

@ObjectType('ChannelPayload')
export class ChannelPayloadModel {
  @Field(() => ChannelModel)
  readonly channel!: ChannelModel;
}

@ObjectType('RemoveChannelPayload')
export class RemoveChannelPayloadModel {
  @Field(() => ID)
  readonly removedChannelId!: string;
}

@ObjectType('TestChannelPayload')
export class TestChannelPayloadModel {
  @Field(() => Boolean)
  readonly delivered!: boolean;

  @Field(() => String, { description: "Why not, '' when it was." })
  readonly problem!: string;
}

@ObjectType('SendAgainPayload')
export class SendAgainPayloadModel {
  @Field(() => DeliveryModel)
  readonly delivery!: DeliveryModel;
}

@InputType('ChannelInput')
export class ChannelInputModel {
  @Field(() => ID, { description: 'Name or id.' })
  readonly channel!: string;
}

@InputType('UpdateChannelInput')
export class UpdateChannelInputModel {
  @Field(() => ID, { description: 'Name or id.' })
  readonly channel!: string;

  @Field(() => ChannelTargetInputModel, { nullable: true, description: 'A new one, whole.' })
  readonly target?: ChannelTargetInputModel | null;

  @Field(() => [ChannelEventEnum], { nullable: true })
  readonly events?: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Names or ids; null for every cluster.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => Boolean, { nullable: true })
  readonly paused?: boolean | null;
}

@InputType('DeliveryInput')
export class DeliveryInputModel {
  @Field(() => ID)
  readonly delivery!: string;
}

@ArgsType()
export class DeliveriesArgs extends PageArgs {
  @SortField(deliveriesInput)
  readonly sort?: string | null;

  @Field(() => ID, { nullable: true, description: 'Name or id.' })
  readonly channel?: string | null;

  @Field(() => DeliveryStateEnum, { nullable: true })
  readonly state?: string | null;
}

@ArgsType()
export class ChannelsArgs extends PageArgs {
  @SortField(channelsInput)
  readonly sort?: string | null;
}
