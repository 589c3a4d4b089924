import { Controller, Get, Inject, Query } from '@nestjs/common';
import { QuestionLog } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { pageToBody } from '../rest/page.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import { logQuery, type logListBody } from './log.body.js';

@Controller('api/v1/log')
export class LogController {
  constructor(@Inject(QuestionLog) private readonly log: QuestionLog) {}

  @Get()
  @RouteAction('log.read')
  async list(@Query() query: unknown): Promise<Body<typeof logListBody>> {
    const input = parseInput(logQuery, query);
    const page = await this.log.list(input);
    return pageToBody(page, input.limit, (entry) => ({
      ...entry,
      at: entry.at.toISOString(),
      lastAt: entry.lastAt.toISOString(),
    }));
  }
}
