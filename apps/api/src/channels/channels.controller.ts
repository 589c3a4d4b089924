import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { Channels, Deliveries } from '#analysis';
import { createChannelInput, deliveriesInput, channelsInput, parseInput, patchChannelInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { pageToBody } from '../rest/page.mapper.js';
import {
  channelToBody,
  deliveryToBody,
  type ChannelBody,
  type ChannelListBody,
  type ChannelTestBody,
  type DeliveryBody,
  type DeliveryListBody,
} from './channels.mapper.js';

@Controller('api/v1')
export class ChannelsController {
  constructor(
    @Inject(Channels) private readonly channels: Channels,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
  ) {}

  @Post('channels')
  @RouteAction('channel.write')
  async create(@Body() body: unknown, @Query() query: unknown): Promise<ChannelBody> {
    parseInput(noQuery, query);
    return channelToBody(await this.channels.create(parseInput(createChannelInput, body)));
  }

  @Get('channels')
  @RouteAction('channel.read')
  async list(@Query() query: unknown): Promise<ChannelListBody> {
    const input = parseInput(channelsInput, query);
    const page = await this.channels.list(input);
    return pageToBody(page, input.limit, channelToBody);
  }

  @Get('channels/:channel')
  @RouteAction('channel.read')
  async get(@Param('channel') ref: string, @Query() query: unknown): Promise<ChannelBody> {
    parseInput(noQuery, query);
    return channelToBody(await this.channels.get(ref));
  }

  @Patch('channels/:channel')
  @RouteAction('channel.write')
  async update(@Param('channel') ref: string, @Body() body: unknown, @Query() query: unknown): Promise<ChannelBody> {
    parseInput(noQuery, query);
    return channelToBody(await this.channels.update(ref, parseInput(patchChannelInput, body)));
  }

  @Delete('channels/:channel')
  @HttpCode(204)
  @RouteAction('channel.write')
  async remove(@Param('channel') ref: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.channels.remove(ref);
  }

  @Post('channels/:channel/test')
  @HttpCode(200)
  @RouteAction('channel.write')
  test(@Param('channel') ref: string, @Query() query: unknown): Promise<ChannelTestBody> {
    parseInput(noQuery, query);
    return this.channels.test(ref);
  }

  @Get('deliveries')
  @RouteAction('channel.read')
  async listDeliveries(@Query() query: unknown): Promise<DeliveryListBody> {
    const input = parseInput(deliveriesInput, query);
    const page = await this.deliveries.list(input);
    return pageToBody(page, input.limit, deliveryToBody);
  }

  @Post('deliveries/:delivery/again')
  @HttpCode(200)
  @RouteAction('channel.write')
  async again(@Param('delivery') id: string, @Query() query: unknown): Promise<DeliveryBody> {
    parseInput(noQuery, query);
    return deliveryToBody(await this.deliveries.again(id));
  }
}
