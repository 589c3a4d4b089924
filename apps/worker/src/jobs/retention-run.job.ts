import { Inject, Injectable } from '@nestjs/common';
import { Retention } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';
import { LOG, type Log } from '#telemetry';

/** Deletes snapshots that are older than the configured age. */
@Injectable()
@HandlesJob('retention.run')
export class RetentionRunJob implements JobHandler<'retention.run'> {
  constructor(
    @Inject(Retention) private readonly retention: Retention,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async handle(payload: JobPayload<'retention.run'>): Promise<void> {
    const result = await this.retention.execute(payload.clusterId);
    this.log.info('old snapshots deleted', { ...result });
  }
}
