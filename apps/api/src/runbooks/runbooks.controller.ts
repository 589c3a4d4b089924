import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RunbookRuns, RunbookShelf, RunRunbook } from '#analysis';
import { parseInput, runbookRunInput, runbookRunsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { pageToBody } from '../rest/page.mapper.js';
import {
  runbookAnswerToBody,
  runbookToBody,
  runToBody,
  storedRunToBody,
  type RunbookBody,
  type RunbookRunBody,
  type RunbookRunListBody,
  type StoredRunBody,
} from './runbooks.mapper.js';

@Controller('api/v1')
export class RunbooksController {
  constructor(
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(RunRunbook) private readonly runner: RunRunbook,
    @Inject(RunbookRuns) private readonly runs: RunbookRuns,
  ) {}

  @Get('runbooks')
  @RouteAction('runbook.read')
  async list(@Query() query: unknown): Promise<{ readonly items: readonly RunbookBody[] }> {
    parseInput(noQuery, query);
    return { items: (await this.shelf.list()).map(runbookToBody) };
  }

  @Get('runbooks/:runbook')
  @RouteAction('runbook.read')
  async get(@Param('runbook') runbook: string, @Query() query: unknown): Promise<RunbookBody> {
    parseInput(noQuery, query);
    return runbookToBody(await this.shelf.get(runbook));
  }

  @Post('clusters/:id/runbook-runs')
  @RouteAction('runbook.run', { startsWork: true })
  async run(
    @Param('id') cluster: string,
    @Body() body: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunbookRunBody> {
    parseInput(noQuery, query);
    const answer = await this.runner.execute({ ...parseInput(runbookRunInput, body), cluster });
    void reply.header('location', `/api/v1/clusters/${answer.asOf.clusterId}/runbook-runs/${answer.id}`);
    return runbookAnswerToBody(answer);
  }

  @Get('clusters/:id/runbook-runs')
  @RouteAction('runbook.read')
  async listRuns(@Param('id') cluster: string, @Query() query: unknown): Promise<RunbookRunListBody> {
    const input = parseInput(runbookRunsInput, query);
    const page = await this.runs.list(cluster, input);
    return pageToBody(page, input.limit, runToBody);
  }

  @Get('clusters/:id/runbook-runs/:run')
  @RouteAction('runbook.read')
  async getRun(
    @Param('id') cluster: string,
    @Param('run') run: string,
    @Query() query: unknown,
  ): Promise<StoredRunBody> {
    parseInput(noQuery, query);
    return storedRunToBody(await this.runs.get(cluster, run));
  }
}
