import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthRegistry, type HealthReport } from '#telemetry';
import { RouteAction } from '../access/action.decorator.js';

@Controller()
export class HealthController {
  constructor(@Inject(HealthRegistry) private readonly health: HealthRegistry) {}

  /** The process runs and answers; says nothing of what it depends on, so that it is not restarted for that. */
  @Get('livez')
  @RouteAction('public')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether requests should be sent here: database and queue answer. */
  @Get('readyz')
  @RouteAction('public')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.report();
    void reply.status(report.ok ? 200 : 503).header('cache-control', 'no-store');
    return report;
  }
}
