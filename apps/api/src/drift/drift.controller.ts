import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Drift, DriftTimeline, SinceWhen, WhatIf, type DriftAnswer } from '#analysis';
import { driftInput, driftTimelineInput, parseInput, sinceInput, whatIfInput } from '#contracts';
import { renderDriftMarkdown } from '#engine';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { EventStream } from '../rest/event-stream.js';
import { linkNextPage } from '../rest/next-page-link.js';
import { mapStream } from '../streams/map-stream.js';
import {
  driftToBody,
  flowsMarkdown,
  sinceToBody,
  stretchToBody,
  timelineToBody,
  whatIfTitle,
  whatIfToBody,
  type DriftBody,
  type DriftTimelineBody,
  type SinceBody,
  type WhatIfBody,
} from './drift.mapper.js';
import { formatQuery, parseDriftQuery } from './drift.query.js';

const MARKDOWN = 'text/markdown';

@Controller('api/v1')
export class DriftController {
  constructor(
    @Inject(Drift) private readonly drifts: Drift,
    @Inject(WhatIf) private readonly whatIfs: WhatIf,
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(SinceWhen) private readonly since: SinceWhen,
    @Inject(EventStream) private readonly events: EventStream,
  ) {}

  @Get('drift')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async get(
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DriftBody | string> {
    const { input, format } = parseDriftQuery(query);
    const answer = await this.drifts.execute(input);
    linkNextPage(request, reply, answer.nextCursor);
    return wantsMarkdown(format, accept) ? markdown(reply, answer) : driftToBody(answer, input.limit);
  }

  @Post('drift')
  @HttpCode(200)
  @RouteAction('question.ask')
  async post(
    @Body() body: unknown,
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DriftBody | string> {
    const { format } = parseInput(formatQuery, query);
    const input = parseInput(driftInput, body);
    const answer = await this.drifts.execute(input);
    return wantsMarkdown(format, accept) ? markdown(reply, answer) : driftToBody(answer, input.limit);
  }

  @Post('what-if')
  @HttpCode(200)
  @RouteAction('question.ask')
  async whatIf(
    @Body() body: unknown,
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WhatIfBody | string> {
    const { format } = parseInput(formatQuery, query);
    const input = parseInput(whatIfInput, body);
    const answer = await this.whatIfs.execute(input);
    if (!wantsMarkdown(format, accept)) return whatIfToBody(answer, input.limit);
    return markdown(reply, answer, whatIfTitle(answer)) + flowsMarkdown(answer.flows);
  }

  @Get('clusters/:id/drift')
  @RouteAction('question.ask')
  async list(@Param('id') id: string, @Query() query: unknown): Promise<DriftTimelineBody> {
    const input = parseInput(driftTimelineInput, query);
    const page = await this.timeline.list(id, input);
    return timelineToBody(page, input.limit);
  }

  /** Reports as they are stored; the id of an event is the number of the snapshot that its report ends with. */
  @Get('clusters/:id/drift/events')
  @RouteAction('question.ask')
  stream(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    parseInput(noQuery, query);
    return this.events.answer(request, reply, async ({ lastEventId, signal }) => {
      const after = /^\d{1,9}$/.test(lastEventId ?? '') ? Number(lastEventId) : undefined;
      return mapStream(await this.timeline.follow(id, after, signal), (view) => ({
        id: String(view.after.seq),
        event: 'drift',
        data: stretchToBody(view),
      }));
    });
  }

  @Get('reachability/since')
  @RouteAction('question.ask')
  async sinceWhen(@Query() query: unknown): Promise<SinceBody> {
    return sinceToBody(await this.since.execute(parseInput(sinceInput, query)));
  }
}

function wantsMarkdown(format: string | undefined, accept = ''): boolean {
  return format === undefined ? accept.split(',')[0]?.split(';')[0]?.trim() === MARKDOWN : format === 'md';
}

function markdown(reply: FastifyReply, answer: DriftAnswer, title?: string): string {
  void reply.type(`${MARKDOWN}; charset=utf-8`);
  return renderDriftMarkdown(answer, title);
}
