import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuditReports } from '#analysis';
import { parseInput, reportInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';

@Controller('api/v1/audits/:audit/report')
export class ReportsController {
  constructor(@Inject(AuditReports) private readonly reports: AuditReports) {}

  @Get()
  @RouteAction('audit.read')
  async get(@Param('audit') audit: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { bytes, mediaType, name } = await this.reports.render(audit, parseInput(reportInput, query));
    await reply
      .header('content-type', mediaType)
      .header('content-disposition', `inline; filename="${name}"`)
      // What clusters call things stands in the page: it runs nothing and loads nothing.
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .header('cache-control', 'private, no-cache')
      .send(Buffer.from(bytes));
  }
}
