import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ClusterProblems, Clusters, Inventory } from '#analysis';
import { AppError, createClusterInput, parseInput, clustersInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import { DiagnosticClassEnum } from '../graphql/model/enums.js';
import { filtersOf, ForwardPageArgs, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { UPLOAD_MEDIA_TYPES } from '../http/body-parsers.js';
import { ClusterResync } from './cluster-resync.js';
import { toClusterModel, toCniReport, toProblemModel } from './clusters.graphql-mapper.js';
import { waitInput } from './clusters.query.js';
import { AddClusterInputModel, ClusterInputModel, UploadManifestsInputModel } from './dto/cluster.input.js';
import { ClusterConnection, ClusterModel, ClusterProblemPageModel } from './dto/cluster.model.js';
import { CniReportModel } from './dto/cni-report.model.js';
import { ClusterPayloadModel, RemoveClusterPayloadModel, ResyncClusterPayloadModel } from './dto/cluster.payload.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { ClustersArgs } from './dto/clusters.args.js';

@Resolver(() => ClusterModel)
export class ClustersResolver {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(ClusterProblems) private readonly problems: ClusterProblems,
    @Inject(Inventory) private readonly inventory: Inventory,
    @Inject(ClusterResync) private readonly resyncs: ClusterResync,
  ) {}

  @Query(() => ClusterConnection, { name: 'clusters', description: 'All clusters, by name.' })
  @FieldAction('cluster.read')
  async list(@Args() args: ClustersArgs): Promise<Connection<Shape<ClusterModel>>> {
    const page = await this.clusters.list(parseInput(clustersInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toClusterModel), page, args);
  }

  @Query(() => ClusterModel, { name: 'cluster', nullable: true, description: 'One cluster, null when there is none.' })
  @FieldAction('cluster.read')
  async get(
    @Args('cluster', { type: () => String, description: 'Name or id.' }) ref: string,
  ): Promise<Shape<ClusterModel> | null> {
    return orNull('cluster.not_found', async () => toClusterModel(await this.clusters.get(ref)));
  }

  @ResolveField(() => ClusterProblemPageModel, {
    name: 'problems',
    description: 'What could not be read or evaluated.',
  })
  @FieldAction('cluster.read')
  async listProblems(
    @Parent() cluster: ClusterModel,
    @Args() args: ForwardPageArgs,
    @Args('class', { type: () => DiagnosticClassEnum, nullable: true }) wanted?: string | null,
  ): Promise<Shape<ClusterProblemPageModel>> {
    const page = await this.problems.list({
      cluster: cluster.clusterId,
      class: (wanted ?? undefined) as 'error' | undefined,
      ...pageOf(args),
    });
    return { items: page.items.map(toProblemModel), totalCount: page.total, nextCursor: page.nextCursor };
  }

  @ResolveField(() => CniReportModel, {
    nullable: true,
    description: 'What enforces policy in the newest snapshot and what it ignores, null while there is none.',
  })
  @FieldAction('cluster.read')
  async cniReport(@Parent() cluster: ClusterModel): Promise<Shape<CniReportModel> | null> {
    return orNull('snapshot.not_found', async () => toCniReport(await this.inventory.cni(cluster.clusterId)));
  }

  @Mutation(() => ClusterPayloadModel, { description: 'Adds a cluster and starts to read it.' })
  @FieldAction('cluster.write')
  async addCluster(
    @Args('input', { type: () => AddClusterInputModel }) input: AddClusterInputModel,
  ): Promise<Shape<ClusterPayloadModel>> {
    const { waitSeconds, ...rest } = input;
    const given = withoutNulls({ ...rest, source: withoutNulls(rest.source) });
    const wait = parseInput(waitInput, { waitSeconds: waitSeconds ?? undefined }).waitSeconds;
    return { cluster: toClusterModel(await this.clusters.create(parseInput(createClusterInput, given), wait * 1000)) };
  }

  @Mutation(() => RemoveClusterPayloadModel, { description: 'Forgets a cluster with all its snapshots.' })
  @FieldAction('cluster.write')
  async removeCluster(
    @Args('input', { type: () => ClusterInputModel }) input: ClusterInputModel,
  ): Promise<Shape<RemoveClusterPayloadModel>> {
    const removed = await this.clusters.remove(input.cluster);
    return { removedClusterId: removed.id, name: removed.name };
  }

  @Mutation(() => ClusterPayloadModel, { description: 'Stops reading a cluster. What is stored stays.' })
  @FieldAction('cluster.write')
  async pauseCluster(
    @Args('input', { type: () => ClusterInputModel }) input: ClusterInputModel,
  ): Promise<Shape<ClusterPayloadModel>> {
    return { cluster: toClusterModel(await this.clusters.setPaused(input.cluster, true)) };
  }

  @Mutation(() => ClusterPayloadModel, { description: 'Goes on reading a paused cluster.' })
  @FieldAction('cluster.write')
  async resumeCluster(
    @Args('input', { type: () => ClusterInputModel }) input: ClusterInputModel,
  ): Promise<Shape<ClusterPayloadModel>> {
    return { cluster: toClusterModel(await this.clusters.setPaused(input.cluster, false)) };
  }

  @Mutation(() => ResyncClusterPayloadModel, { description: 'Queues a full read of a cluster.' })
  @FieldAction('cluster.resync')
  async resyncCluster(
    @Args('input', { type: () => ClusterInputModel }) input: ClusterInputModel,
  ): Promise<Shape<ResyncClusterPayloadModel>> {
    const { cluster, jobId } = await this.resyncs.enqueue(input.cluster);
    return { cluster: toClusterModel(cluster), jobId };
  }

  @Mutation(() => ClusterPayloadModel, { description: 'Replaces the manifests of a cluster of source UPLOAD.' })
  @FieldAction('cluster.write')
  async uploadManifests(
    @Args('input', { type: () => UploadManifestsInputModel }) input: UploadManifestsInputModel,
  ): Promise<Shape<ClusterPayloadModel>> {
    const wait = parseInput(waitInput, { waitSeconds: input.waitSeconds ?? undefined }).waitSeconds;
    const bytes = Buffer.from(input.content, input.encoding === 'base64' ? 'base64' : 'utf8');
    const type = uploadType(input.contentType ?? 'application/yaml');
    return { cluster: toClusterModel(await this.clusters.upload(input.cluster, bytes, type, wait * 1000)) };
  }
}

function uploadType(contentType: string): string {
  if ((UPLOAD_MEDIA_TYPES as readonly string[]).includes(contentType)) return contentType;
  const detail = `content type \`${contentType}\` is not read here, send one of ${UPLOAD_MEDIA_TYPES.join(', ')}`;
  throw new AppError('upload.unsupported', detail, { errors: [{ pointer: '/contentType', detail }] });
}
