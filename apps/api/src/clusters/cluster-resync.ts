import { Inject, Injectable } from '@nestjs/common';
import { Clusters, type ClusterRecord } from '#analysis';
import { JOB_QUEUE, type JobQueue } from '#queue';
import type { Body } from '../rest/schema-registry.js';
import type { resyncBody } from './cluster.body.js';
import { clusterToBody } from './clusters.mapper.js';

export type ResyncBody = Body<typeof resyncBody>;

/** Queues full reads of clusters. */
@Injectable()
export class ClusterResync {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  /** @throws AppError `cluster.not_found`, `cluster.paused`, `queue.unavailable` */
  async start(ref: string): Promise<ResyncBody> {
    const { cluster, jobId } = await this.enqueue(ref);
    return { cluster: clusterToBody(cluster), job: { id: jobId, name: 'cluster.resync' } };
  }

  async enqueue(ref: string): Promise<{ readonly cluster: ClusterRecord; readonly jobId: string }> {
    const cluster = await this.clusters.resyncable(ref);
    const jobId = await this.queue.enqueue('cluster.resync', { clusterId: cluster.id });
    return { cluster, jobId };
  }
}
