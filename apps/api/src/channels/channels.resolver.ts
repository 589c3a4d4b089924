import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Channels, Deliveries } from '#analysis';
import { createChannelInput, deliveriesInput, parseInput, patchChannelInput, channelsInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { shownDelivery } from './channels.mapper.js';
import {
  ChannelConnection,
  ChannelInputModel,
  ChannelModel,
  ChannelPayloadModel,
  ChannelsArgs,
  DeliveriesArgs,
  DeliveryConnection,
  type DeliveryModel,
  DeliveryInputModel,
  RemoveChannelPayloadModel,
  SendAgainPayloadModel,
  TestChannelPayloadModel,
  UpdateChannelInputModel,
} from './dto/channel.model.js';
import { CreateChannelInputModel } from './dto/create-channel.input.js';

@Resolver(() => ChannelModel)
export class ChannelsResolver {
  constructor(
    @Inject(Channels) private readonly channels: Channels,
    @Inject(Deliveries) private readonly sent: Deliveries,
  ) {}

  @Query(() => ChannelConnection, { name: 'channels', description: 'Channels by name.' })
  @FieldAction('channel.read')
  async list(@Args() args: ChannelsArgs): Promise<Connection<Shape<ChannelModel>>> {
    const page = await this.channels.list(parseInput(channelsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items, page, args);
  }

  @Query(() => DeliveryConnection, { description: 'What channels were told, what waits, and what was given up.' })
  @FieldAction('channel.read')
  async deliveries(@Args() args: DeliveriesArgs): Promise<Connection<Shape<DeliveryModel>>> {
    const page = await this.sent.list(parseInput(deliveriesInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(shownDelivery), page, args);
  }

  @Mutation(() => ChannelPayloadModel, { description: 'Has things told somewhere.' })
  @FieldAction('channel.write')
  async createChannel(
    @Args('input', { type: () => CreateChannelInputModel }) input: CreateChannelInputModel,
  ): Promise<Shape<ChannelPayloadModel>> {
    const given = { ...withoutNulls(input), target: withoutNulls(input.target) };
    return { channel: await this.channels.create(parseInput(createChannelInput, given)) };
  }

  @Mutation(() => ChannelPayloadModel, { description: 'Changes, pauses or resumes a channel; what is left out stays.' })
  @FieldAction('channel.write')
  async updateChannel(
    @Args('input', { type: () => UpdateChannelInputModel })
    { channel, clusters, target, ...rest }: UpdateChannelInputModel,
  ): Promise<Shape<ChannelPayloadModel>> {
    const patch = {
      ...withoutNulls(rest),
      ...(target === undefined || target === null ? {} : { target: withoutNulls(target) }),
      ...(clusters === undefined ? {} : { clusters }),
    };
    return { channel: await this.channels.update(channel, parseInput(patchChannelInput, patch)) };
  }

  @Mutation(() => RemoveChannelPayloadModel, { description: 'Forgets a channel with all that it was told.' })
  @FieldAction('channel.write')
  async removeChannel(
    @Args('input', { type: () => ChannelInputModel }) { channel }: ChannelInputModel,
  ): Promise<Shape<RemoveChannelPayloadModel>> {
    return { removedChannelId: (await this.channels.remove(channel)).id };
  }

  @Mutation(() => TestChannelPayloadModel, { description: 'Sends a message at once, and tells whether it was taken.' })
  @FieldAction('channel.write')
  testChannel(
    @Args('input', { type: () => ChannelInputModel }) { channel }: ChannelInputModel,
  ): Promise<Shape<TestChannelPayloadModel>> {
    return this.channels.test(channel);
  }

  @Mutation(() => SendAgainPayloadModel, { description: 'Sends what was given up again.' })
  @FieldAction('channel.write')
  async sendAgain(
    @Args('input', { type: () => DeliveryInputModel }) { delivery }: DeliveryInputModel,
  ): Promise<Shape<SendAgainPayloadModel>> {
    return { delivery: shownDelivery(await this.sent.again(delivery)) };
  }
}
