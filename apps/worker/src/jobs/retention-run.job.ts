import { Inject, Injectable } from '@nestjs/common';
import { JobRunner, Retention } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';
import { LOG, type Log } from '#telemetry';

/** Deletes what is older than the configured ages. */
@Injectable()
@HandlesJob('retention.run')
export class RetentionRunJob implements JobHandler<'retention.run'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(Retention) private readonly retention: Retention,
    @Inject(LOG) private readonly log: Log,
  ) {}

  handle(message: JobPayload<'retention.run'>): Promise<void> {
    return this.runner.execute('retention.run', message, async ({ clusterId }) => {
      this.log.info('old snapshots deleted', { ...(await this.retention.execute(clusterId)) });
      return { result: null };
    });
  }
}
