import { Inject, Injectable } from '@nestjs/common';
import { Clusters } from '#analysis';
import { isAppError, type JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';
import { LOG, type Log } from '#telemetry';

/** Asks the sync role for a full read of a cluster, by a note on its row: the row decides, whoever watches it. */
@Injectable()
@HandlesJob('cluster.resync')
export class ClusterResyncJob implements JobHandler<'cluster.resync'> {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async handle({ clusterId }: JobPayload<'cluster.resync'>): Promise<void> {
    try {
      await this.clusters.requestResync(clusterId);
    } catch (error) {
      // Removed since it was asked for: there is nothing left to do.
      if (!isAppError(error, 'cluster.not_found')) throw error;
      this.log.info('cluster is gone, nothing to read again', { clusterId });
    }
  }
}
