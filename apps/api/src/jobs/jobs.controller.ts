import { Controller, Delete, Get, HttpCode, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasEnded, Jobs } from '#analysis';
import { jobsInput, parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { EventStream, type ServerEvent } from '../rest/event-stream.js';
import { pageToBody } from '../rest/page.mapper.js';
import { jobToBody, type JobBody, type JobListBody } from './jobs.mapper.js';

/** How long the events of a job may be silent before its row is looked at again. */
const QUIET_MS = 15_000;

@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(EventStream) private readonly stream: EventStream,
  ) {}

  @Get()
  @RouteAction('job.read')
  async list(@Query() query: unknown): Promise<JobListBody> {
    const input = parseInput(jobsInput, query);
    const page = await this.jobs.list(input);
    return pageToBody(page, input.limit, jobToBody);
  }

  @Get(':job')
  @RouteAction('job.read')
  async get(@Param('job') id: string, @Query() query: unknown): Promise<JobBody> {
    parseInput(noQuery, query);
    return jobToBody(await this.jobs.get(id));
  }

  @Delete(':job')
  @RouteAction('job.cancel')
  @HttpCode(202)
  async cancel(@Param('job') id: string, @Query() query: unknown): Promise<JobBody> {
    parseInput(noQuery, query);
    return jobToBody(await this.jobs.cancel(id));
  }

  /** Server-sent events. 204 after the last one, which makes `EventSource` stop. */
  @Get(':job/events')
  @RouteAction('job.read')
  events(
    @Param('job') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    parseInput(noQuery, query);
    return this.stream.answer(request, reply, async ({ lastEventId, signal }) => {
      const run = await this.jobs.get(id);
      const after = /^\d{1,9}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
      if (hasEnded(run) && after >= run.lastEvent) return null;
      return toEvents(this.jobs.events(run.id, after, QUIET_MS), signal);
    });
  }
}

async function* toEvents(events: ReturnType<Jobs['events']>, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  for await (const event of events) {
    if (signal.aborted) return;
    if (event !== null) yield { id: String(event.seq), event: event.event, data: event.data };
  }
}
