import { Inject, Injectable } from '@nestjs/common';
import { Clusters, JobRunner } from '#analysis';
import { isAppError, type JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';
import { LOG, type Log } from '#telemetry';

/** Asks the sync role for a full read of a cluster, by a note on its row: the row decides, whoever watches it. */
@Injectable()
@HandlesJob('cluster.resync')
export class ClusterResyncJob implements JobHandler<'cluster.resync'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(LOG) private readonly log: Log,
  ) {}

  handle(message: JobPayload<'cluster.resync'>): Promise<void> {
    return this.runner.execute('cluster.resync', message, async ({ clusterId }) => {
      try {
        await this.clusters.requestResync(clusterId);
      } catch (error) {
        // Removed since it was asked for: there is nothing left to do.
        if (!isAppError(error, 'cluster.not_found')) throw error;
        this.log.info('cluster is gone, nothing to read again', { clusterId });
      }
      return { result: `/api/v1/clusters/${clusterId}` };
    });
  }
}
