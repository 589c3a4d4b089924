import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Audits, AuditTrend, CheckCatalogue, Findings, Jobs, Suppressions } from '#analysis';
import {
  auditInput,
  auditsInput,
  auditTrendInput,
  findingsInput,
  parseInput,
  suppressionInput,
  suppressionsInput,
} from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { replyWithJob } from '../jobs/job-reply.js';
import type { JobBody } from '../jobs/jobs.mapper.js';
import { pageToBody } from '../rest/page.mapper.js';
import {
  auditSummaryToBody,
  auditScoresToBody,
  auditToBody,
  trendPointToBody,
  checksToBody,
  findingAnswerToBody,
  findingPageToBody,
  suppressionToBody,
  type AuditBody,
  type AuditListBody,
  type AuditScoresBody,
  type AuditTrendBody,
  type CheckListBody,
  type FindingAnswerBody,
  type FindingListBody,
  type SuppressionBody,
  type SuppressionListBody,
} from './audits.mapper.js';

@Controller('api/v1')
export class AuditsController {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(AuditTrend) private readonly trend: AuditTrend,
    @Inject(Findings) private readonly findings: Findings,
    @Inject(Suppressions) private readonly suppressions: Suppressions,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Get('checks')
  @RouteAction('audit.read')
  async listChecks(@Query() query: unknown): Promise<CheckListBody> {
    parseInput(noQuery, query);
    return checksToBody(await this.catalogue.all());
  }

  @Post('audits')
  @HttpCode(202)
  @RouteAction('audit.run', { startsWork: true })
  async start(
    @Body() body: unknown,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobBody> {
    parseInput(noQuery, query);
    const job = await this.audits.start(parseInput(auditInput, body ?? {}));
    return replyWithJob(this.jobs, job, request, reply);
  }

  @Get('audits')
  @RouteAction('audit.read')
  async list(@Query() query: unknown): Promise<AuditListBody> {
    const input = parseInput(auditsInput, query);
    const page = await this.audits.list(input);
    return pageToBody(page, input.limit, auditSummaryToBody);
  }

  @Get('audits/:audit')
  @RouteAction('audit.read')
  async get(@Param('audit') id: string, @Query() query: unknown): Promise<AuditBody> {
    parseInput(noQuery, query);
    return auditToBody(await this.audits.get(id));
  }

  @Get('clusters/:id/audit')
  @RouteAction('audit.read')
  async latest(@Param('id') cluster: string, @Query() query: unknown): Promise<AuditBody> {
    parseInput(noQuery, query);
    return auditToBody(await this.audits.latest(cluster));
  }

  @Get('clusters/:id/audit-trend')
  @RouteAction('audit.read')
  async showTrend(@Param('id') cluster: string, @Query() query: unknown): Promise<AuditTrendBody> {
    const input = parseInput(auditTrendInput, query);
    const page = await this.trend.of(cluster, input);
    return pageToBody(page, input.limit, trendPointToBody);
  }

  @Get('audits/:audit/scores')
  @RouteAction('audit.read')
  async scores(@Param('audit') id: string, @Query() query: unknown): Promise<AuditScoresBody> {
    parseInput(noQuery, query);
    return auditScoresToBody(await this.audits.scores(id));
  }

  @Get('audits/:audit/findings')
  @RouteAction('audit.read')
  async listFindings(@Param('audit') id: string, @Query() query: unknown): Promise<FindingListBody> {
    const input = parseInput(findingsInput, query);
    const page = await this.findings.list(id, input);
    return findingPageToBody(page, input.limit);
  }

  @Get('audits/:audit/findings/:fingerprint')
  @RouteAction('audit.read')
  async getFinding(
    @Param('audit') id: string,
    @Param('fingerprint') fingerprint: string,
    @Query() query: unknown,
  ): Promise<FindingAnswerBody> {
    parseInput(noQuery, query);
    return findingAnswerToBody(await this.findings.get(id, fingerprint));
  }

  @Post('suppressions')
  @RouteAction('finding.write')
  async suppress(@Body() body: unknown, @Query() query: unknown): Promise<SuppressionBody> {
    parseInput(noQuery, query);
    return suppressionToBody(await this.suppressions.add(parseInput(suppressionInput, body)));
  }

  @Get('suppressions')
  @RouteAction('audit.read')
  async listSuppressions(@Query() query: unknown): Promise<SuppressionListBody> {
    const input = parseInput(suppressionsInput, query);
    const page = await this.suppressions.list(input);
    return pageToBody(page, input.limit, suppressionToBody);
  }

  @Delete('suppressions/:suppression')
  @HttpCode(204)
  @RouteAction('finding.write')
  async unsuppress(@Param('suppression') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.suppressions.remove(id);
  }
}
