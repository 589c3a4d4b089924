import { Inject, Injectable } from '@nestjs/common';
import { Assertions, DriftTimeline } from '#analysis';
import { isAppError, type JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';
import { LOG, type Log } from '#telemetry';

/** Works out what changed in a cluster since the last report, and checks what is expected of it. The rows say what there is to do. */
@Injectable()
@HandlesJob('drift.compute')
export class DriftComputeJob implements JobHandler<'drift.compute'> {
  constructor(
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(Assertions) private readonly assertions: Assertions,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async handle({ clusterId }: JobPayload<'drift.compute'>): Promise<void> {
    try {
      const found = await this.timeline.compute(clusterId);
      // Whatever came of the report: a try that ended between the two is made up for.
      const turned = await this.assertions.evaluate(clusterId);
      if (turned > 0) this.log.info('assertions turned', { clusterId, turned });
      if (found === null) return;
      const { before, after, entries, dangerous, breaking } = found;
      this.log.info('drift was worked out', {
        clusterId,
        from: before.seq,
        to: after.seq,
        entries,
        dangerous,
        breaking,
      });
    } catch (error) {
      // Removed, or pruned, since it was asked for: the next snapshot brings the next report.
      if (!isAppError(error, 'cluster.not_found') && !isAppError(error, 'snapshot.not_found')) throw error;
      this.log.info('nothing left to compare', { clusterId, reason: error.message });
    }
  }
}
