import { Controller, Delete, Get, Headers, HttpCode, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasEnded, Jobs } from '#analysis';
import { jobsInput, parseInput } from '#contracts';
import { noQuery } from '../clusters/clusters.query.js';
import { sendEvents } from '../rest/event-stream.js';
import { linkNextPage } from '../rest/page-link.js';
import { jobPageToBody, jobToBody, type JobBody, type JobListBody } from './jobs.mapper.js';

const HEARTBEAT_MS = 15_000;

@Controller('api/v1/jobs')
export class JobsController {
  constructor(@Inject(Jobs) private readonly jobs: Jobs) {}

  @Get()
  async list(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobListBody> {
    const input = parseInput(jobsInput, query);
    const page = await this.jobs.list(input);
    linkNextPage(request, reply, page.nextCursor);
    return jobPageToBody(page, input.limit);
  }

  @Get(':job')
  async get(@Param('job') id: string, @Query() query: unknown): Promise<JobBody> {
    parseInput(noQuery, query);
    return jobToBody(await this.jobs.get(id));
  }

  @Delete(':job')
  @HttpCode(202)
  async cancel(@Param('job') id: string, @Query() query: unknown): Promise<JobBody> {
    parseInput(noQuery, query);
    return jobToBody(await this.jobs.cancel(id));
  }

  /** Server-sent events. 204 after the last one, which makes `EventSource` stop. */
  @Get(':job/events')
  async events(
    @Param('job') id: string,
    @Query() query: unknown,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    parseInput(noQuery, query);
    const run = await this.jobs.get(id);
    const after = /^\d{1,9}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
    if (hasEnded(run) && after >= run.lastEvent) {
      void reply.status(204).send();
      return;
    }
    sendEvents(reply, toStream(this.jobs.events(run.id, after, HEARTBEAT_MS)));
  }
}

async function* toStream(events: ReturnType<Jobs['events']>) {
  for await (const event of events) yield event === null ? null : { ...event, id: event.seq };
}
