import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditReports, Jobs, KeptReports } from '#analysis';
import { makeReportInput, parseInput, reportInput, reportQuery, reportsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { replyWithJob } from '../jobs/job-reply.js';
import type { JobBody } from '../jobs/jobs.mapper.js';
import { pageToBody } from '../rest/page.mapper.js';
import { summaryToBody, reportToBody, type ReportBody, type ReportListBody } from './reports.mapper.js';
import { sendFile } from './send-file.js';

@Controller('api/v1')
export class ReportsController {
  constructor(
    @Inject(AuditReports) private readonly audits: AuditReports,
    @Inject(KeptReports) private readonly reports: KeptReports,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Get('audits/:audit/report')
  @RouteAction('audit.read')
  async ofAudit(@Param('audit') audit: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    await sendFile(reply, await this.audits.render(audit, parseInput(reportInput, query)));
  }

  @Post('reports')
  @HttpCode(202)
  @RouteAction('report.write', { startsWork: true })
  async make(
    @Body() body: unknown,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobBody> {
    parseInput(noQuery, query);
    const job = await this.reports.start(parseInput(makeReportInput, body));
    return replyWithJob(this.jobs, job, request, reply);
  }

  @Get('reports')
  @RouteAction('report.read')
  async list(@Query() query: unknown): Promise<ReportListBody> {
    const input = parseInput(reportsInput, query);
    const page = await this.reports.list(input);
    return pageToBody(page, input.limit, summaryToBody);
  }

  @Get('reports/:report')
  @RouteAction('report.read')
  async get(@Param('report') id: string, @Query() query: unknown): Promise<ReportBody> {
    return reportToBody(await this.reports.get(id, parseInput(reportQuery, query)));
  }

  @Get('reports/:report/files/:format')
  @RouteAction('report.read')
  async file(
    @Param('report') id: string,
    @Param('format') format: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    parseInput(noQuery, query);
    await sendFile(reply, await this.reports.file(id, format));
  }

  @Delete('reports/:report')
  @HttpCode(204)
  @RouteAction('report.write')
  async remove(@Param('report') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.reports.remove(id);
  }
}
