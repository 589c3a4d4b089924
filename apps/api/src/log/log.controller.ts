import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QuestionLog } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { linkNextPage } from '../rest/page-link.js';
import type { Body } from '../rest/schema-registry.js';
import { logQuery, type logListBody } from './log.body.js';

@Controller('api/v1/log')
export class LogController {
  constructor(@Inject(QuestionLog) private readonly log: QuestionLog) {}

  @Get()
  @RouteAction('log.read')
  async list(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof logListBody>> {
    const input = parseInput(logQuery, query);
    const { items, nextCursor } = await this.log.list(input);
    linkNextPage(request, reply, nextCursor);
    return {
      items: items.map((entry) => ({ ...entry, at: entry.at.toISOString(), lastAt: entry.lastAt.toISOString() })),
      page: { limit: input.limit, nextCursor },
    };
  }
}
