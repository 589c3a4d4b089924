import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { Metrics } from '#telemetry';
import { RouteAction } from '../access/action.decorator.js';

@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @RouteAction('metrics.read')
  async get(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (this.config.http.metricsPort !== null) {
      throw new AppError('not_found', `metrics are on port ${String(this.config.http.metricsPort)}`);
    }
    void reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}
