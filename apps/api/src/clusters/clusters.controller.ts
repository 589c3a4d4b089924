import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ClusterProblems, Clusters, Inventory } from '#analysis';
import { AppError, createClusterInput, clustersInput, parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { snapshotQuery } from '../inventory/inventory.query.js';
import { pageToBody } from '../rest/page.mapper.js';
import { ClusterResync, type ResyncBody } from './cluster-resync.js';
import {
  clusterToBody,
  cniAnswerToBody,
  problemsToBody,
  type ClusterBody,
  type ClusterCniBody,
  type ClusterListBody,
  type ClusterProblemsBody,
} from './clusters.mapper.js';
import { noQuery, patchClusterInput, problemsQuery, waitQuery } from './clusters.query.js';

@Controller('api/v1/clusters')
export class ClustersController {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(ClusterProblems) private readonly problems: ClusterProblems,
    @Inject(Inventory) private readonly inventory: Inventory,
    @Inject(ClusterResync) private readonly resyncs: ClusterResync,
  ) {}

  @Post()
  @RouteAction('cluster.write', { startsWork: true })
  async create(
    @Body() body: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClusterBody> {
    const { wait } = parseInput(waitQuery, query);
    const cluster = await this.clusters.create(parseInput(createClusterInput, body), wait * 1000);
    void reply.header('location', `/api/v1/clusters/${cluster.id}`);
    return clusterToBody(cluster);
  }

  @Get()
  @RouteAction('cluster.read')
  async list(@Query() query: unknown): Promise<ClusterListBody> {
    const page = parseInput(clustersInput, query);
    const found = await this.clusters.list(page);
    return pageToBody(found, page.limit, clusterToBody);
  }

  @Get(':id')
  @RouteAction('cluster.read')
  async get(@Param('id') id: string, @Query() query: unknown): Promise<ClusterBody> {
    parseInput(noQuery, query);
    return clusterToBody(await this.clusters.get(id));
  }

  @Patch(':id')
  @RouteAction('cluster.write')
  async patch(@Param('id') id: string, @Body() body: unknown, @Query() query: unknown): Promise<ClusterBody> {
    parseInput(noQuery, query);
    const { paused } = parseInput(patchClusterInput, body);
    return clusterToBody(await this.clusters.setPaused(id, paused));
  }

  @Delete(':id')
  @RouteAction('cluster.write')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.clusters.remove(id);
  }

  @Post(':id/resync')
  @RouteAction('cluster.resync', { startsWork: true })
  @HttpCode(202)
  async resync(
    @Param('id') id: string,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ResyncBody> {
    parseInput(noQuery, query);
    const accepted = await this.resyncs.start(id);
    void reply.header('location', `/api/v1/jobs/${encodeURIComponent(accepted.job.id)}`);
    return accepted;
  }

  @Put(':id/upload')
  @RouteAction('cluster.write')
  async upload(
    @Param('id') id: string,
    @Body() body: unknown,
    @Query() query: unknown,
    @Headers('content-type') contentType: string | undefined,
  ): Promise<ClusterBody> {
    const { wait } = parseInput(waitQuery, query);
    if (!(body instanceof Uint8Array)) {
      throw new AppError('request.invalid', 'the body is empty, send manifests as YAML, JSON, tar, tar.gz or zip');
    }
    return clusterToBody(await this.clusters.upload(id, body, mediaType(contentType), wait * 1000));
  }

  @Get(':id/cni')
  @RouteAction('cluster.read', { isOfSnapshot: true })
  async cni(@Param('id') id: string, @Query() query: unknown): Promise<ClusterCniBody> {
    return cniAnswerToBody(await this.inventory.cni(id, parseInput(snapshotQuery, query).at));
  }

  @Get(':id/problems')
  @RouteAction('cluster.read')
  async listProblems(@Param('id') id: string, @Query() query: unknown): Promise<ClusterProblemsBody> {
    const input = parseInput(problemsQuery, query);
    const found = await this.problems.list({ cluster: id, ...input });
    return problemsToBody(found, input.limit);
  }
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
