import { Inject, Injectable } from '@nestjs/common';
import { Clusters, Jobs, type ClusterRecord } from '#analysis';
import type { Body } from '../rest/schema-registry.js';
import type { resyncBody } from './cluster.body.js';
import { clusterToBody } from './clusters.mapper.js';

export type ResyncBody = Body<typeof resyncBody>;

/** Queues full reads of clusters. */
@Injectable()
export class ClusterResync {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  /** @throws AppError `cluster.not_found`, `cluster.paused`, `queue.unavailable` */
  async start(ref: string): Promise<ResyncBody> {
    const { cluster, jobId } = await this.enqueue(ref);
    return { cluster: clusterToBody(cluster), job: { id: jobId, name: 'cluster.resync' } };
  }

  async enqueue(ref: string): Promise<{ readonly cluster: ClusterRecord; readonly jobId: string }> {
    const cluster = await this.clusters.resyncable(ref);
    const input = { clusterId: cluster.id };
    const job = await this.jobs.start({ name: 'cluster.resync', input, clusterId: cluster.id });
    return { cluster, jobId: job.id };
  }
}
