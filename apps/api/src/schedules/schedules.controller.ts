import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Jobs, Schedules } from '#analysis';
import {
  createScheduleInput,
  scheduleRunsInput,
  schedulesInput,
  parseInput,
  patchScheduleInput,
  previewScheduleInput,
} from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { replyWithJob } from '../jobs/job-reply.js';
import type { JobBody } from '../jobs/jobs.mapper.js';
import { pageToBody } from '../rest/page.mapper.js';
import {
  plannedToBody,
  scheduleToBody,
  runToBody,
  type ScheduleBody,
  type ScheduleListBody,
  type SchedulePreviewBody,
  type ScheduleRunListBody,
} from './schedules.mapper.js';

@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(
    @Inject(Schedules) private readonly schedules: Schedules,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Get('preview')
  @RouteAction('schedule.read')
  preview(@Query() query: unknown): SchedulePreviewBody {
    return plannedToBody(this.schedules.preview(parseInput(previewScheduleInput, query)));
  }

  @Post()
  @RouteAction('schedule.write')
  async create(@Body() body: unknown, @Query() query: unknown): Promise<ScheduleBody> {
    parseInput(noQuery, query);
    return scheduleToBody(await this.schedules.create(parseInput(createScheduleInput, body)));
  }

  @Get()
  @RouteAction('schedule.read')
  async list(@Query() query: unknown): Promise<ScheduleListBody> {
    const input = parseInput(schedulesInput, query);
    const page = await this.schedules.list(input);
    return pageToBody(page, input.limit, scheduleToBody);
  }

  @Get(':schedule')
  @RouteAction('schedule.read')
  async get(@Param('schedule') ref: string, @Query() query: unknown): Promise<ScheduleBody> {
    parseInput(noQuery, query);
    return scheduleToBody(await this.schedules.get(ref));
  }

  @Patch(':schedule')
  @RouteAction('schedule.write')
  async update(@Param('schedule') ref: string, @Body() body: unknown, @Query() query: unknown): Promise<ScheduleBody> {
    parseInput(noQuery, query);
    return scheduleToBody(await this.schedules.update(ref, parseInput(patchScheduleInput, body)));
  }

  @Delete(':schedule')
  @HttpCode(204)
  @RouteAction('schedule.write')
  async remove(@Param('schedule') ref: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.schedules.remove(ref);
  }

  @Post(':schedule/run')
  @HttpCode(202)
  @RouteAction('schedule.write', { startsWork: true })
  async run(
    @Param('schedule') ref: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobBody> {
    parseInput(noQuery, query);
    return replyWithJob(this.jobs, await this.schedules.runNow(ref), request, reply);
  }

  @Get(':schedule/runs')
  @RouteAction('schedule.read')
  async runs(@Param('schedule') ref: string, @Query() query: unknown): Promise<ScheduleRunListBody> {
    const input = parseInput(scheduleRunsInput, query);
    const page = await this.schedules.runs(ref, input);
    return pageToBody(page, input.limit, runToBody);
  }
}
