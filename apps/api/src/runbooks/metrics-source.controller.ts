import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { MetricsSources } from '#analysis';
import { metricsSourceInput, parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { metricsSourceToBody, type MetricsSourceBody } from './runbooks.mapper.js';

@Controller('api/v1/clusters/:id/metrics-source')
export class MetricsSourceController {
  constructor(@Inject(MetricsSources) private readonly sources: MetricsSources) {}

  @Put()
  @RouteAction('cluster.write')
  async set(@Param('id') cluster: string, @Body() body: unknown, @Query() query: unknown): Promise<MetricsSourceBody> {
    parseInput(noQuery, query);
    return metricsSourceToBody(await this.sources.set(cluster, parseInput(metricsSourceInput, body)));
  }

  @Get()
  @RouteAction('cluster.read')
  async get(@Param('id') cluster: string, @Query() query: unknown): Promise<MetricsSourceBody> {
    parseInput(noQuery, query);
    return metricsSourceToBody(await this.sources.get(cluster));
  }

  @Delete()
  @HttpCode(204)
  @RouteAction('cluster.write')
  async remove(@Param('id') cluster: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.sources.remove(cluster);
  }
}
