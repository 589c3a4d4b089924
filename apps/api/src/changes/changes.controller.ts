import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChangeFeed } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { EventStream } from '../rest/event-stream.js';
import { pageToBody } from '../rest/page.mapper.js';
import { mapStream } from '../streams/map-stream.js';
import { changeToBody, changeToEvent, type ChangeListBody } from './changes.mapper.js';
import { changesQuery, changeStreamQuery } from './changes.query.js';

@Controller('api/v1/changes')
export class ChangesController {
  constructor(
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
    @Inject(EventStream) private readonly events: EventStream,
  ) {}

  @Get()
  @RouteAction('inventory.read')
  async list(@Query() query: unknown): Promise<ChangeListBody> {
    const { kind: kinds, ...filter } = parseInput(changesQuery, query);
    const page = await this.feed.list({ ...filter, kinds });
    return pageToBody(page, filter.limit, ({ change }) => changeToBody(change));
  }

  @Get('stream')
  @RouteAction('inventory.read')
  stream(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { kind: kinds, cursor, ...filter } = parseInput(changeStreamQuery, query);
    return this.events.answer(request, reply, async ({ lastEventId, signal }) =>
      mapStream(await this.feed.follow({ ...filter, kinds }, lastEventId ?? cursor, signal), changeToEvent),
    );
  }
}
