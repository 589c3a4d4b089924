import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AssertionEvents, Assertions } from '#analysis';
import { assertionEventsInput, checkAssertionsInput, parseInput, setAssertionsInput } from '#contracts';
import { renderJUnit } from '#engine';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { EventStream } from '../rest/event-stream.js';
import { mapStream } from '../streams/map-stream.js';
import { keptToBody, reportToBody, turnsToBody, turnToBody } from './assertion.mapper.js';
import type { AssertionEventsBody, AssertionReportBody, KeptAssertionsBody } from './assertion.mapper.js';
import { junitQuery } from './assertions.query.js';

const JUNIT = 'application/xml';

@Controller('api/v1')
export class AssertionsController {
  constructor(
    @Inject(Assertions) private readonly assertions: Assertions,
    @Inject(AssertionEvents) private readonly turns: AssertionEvents,
    @Inject(EventStream) private readonly stream: EventStream,
  ) {}

  @Post('assertions/check')
  @RouteAction('question.ask')
  @HttpCode(200)
  async check(
    @Body() body: unknown,
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AssertionReportBody | string> {
    const { format } = parseInput(junitQuery, query);
    const report = await this.assertions.check(parseInput(checkAssertionsInput, body));
    if (format !== 'junit' && (format !== undefined || accept?.startsWith(JUNIT) !== true)) return reportToBody(report);
    void reply.type(`${JUNIT}; charset=utf-8`);
    return renderJUnit(report.asOf.cluster, report.results);
  }

  @Get('clusters/:id/assertions')
  @RouteAction('question.ask')
  async get(@Param('id') id: string, @Query() query: unknown): Promise<KeptAssertionsBody> {
    parseInput(noQuery, query);
    return keptToBody(await this.assertions.get(id));
  }

  @Put('clusters/:id/assertions')
  @RouteAction('question.write')
  async put(@Param('id') id: string, @Body() body: unknown, @Query() query: unknown): Promise<KeptAssertionsBody> {
    parseInput(noQuery, query);
    return keptToBody(await this.assertions.set(id, parseInput(setAssertionsInput, body).assertions));
  }

  @Delete('clusters/:id/assertions')
  @RouteAction('question.write')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.assertions.remove(id);
  }

  @Get('clusters/:id/assertions/events')
  @RouteAction('question.ask')
  async events(@Param('id') id: string, @Query() query: unknown): Promise<AssertionEventsBody> {
    const input = parseInput(assertionEventsInput, query);
    const turns = await this.turns.list(id, input);
    return turnsToBody(turns, input.limit);
  }

  /** Events as they are stored; the id of each is its own. */
  @Get('clusters/:id/assertions/stream')
  @RouteAction('question.ask')
  follow(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    parseInput(noQuery, query);
    return this.stream.answer(request, reply, async ({ lastEventId, signal }) => {
      const after = /^\d{1,18}$/.test(lastEventId ?? '') ? lastEventId : undefined;
      return mapStream(await this.turns.follow(id, after, signal), (turn) => ({
        id: turn.id,
        event: 'assertion',
        data: turnToBody(turn),
      }));
    });
  }
}
