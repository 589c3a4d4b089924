import { Inject, Injectable } from '@nestjs/common';
import { ClusterWatch, DriftTimeline } from '#analysis';
import { JOB_QUEUE, type JobQueue } from '#queue';
import { LOG, type Log } from '#telemetry';
import { RecurringLook } from './recurring-look.js';

const SWEEP_MS = 15_000;
/** Time for a burst of snapshots to become one report. */
const SETTLE_MS = 500;

/**
 * Has drift worked out after each snapshot, whoever stored it: by the word of it, and by looking for snapshots that no
 * report ends with, as words get lost. Every worker does; the queue keeps one job a cluster.
 */
@Injectable()
export class DriftSchedule extends RecurringLook {
  private unsubscribe: () => void = () => undefined;

  constructor(
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(ClusterWatch) private readonly watch: ClusterWatch,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(LOG) log: Log,
  ) {
    super(log, SWEEP_MS, 'could not look for snapshots without a report on drift');
  }

  override onApplicationBootstrap(): void {
    super.onApplicationBootstrap();
    this.unsubscribe = this.watch.subscribe({
      onChange: (clusterId, seq) => {
        if (seq !== null && seq > 1) void this.enqueue(clusterId);
      },
    });
  }

  override async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    await super.beforeApplicationShutdown();
  }

  private async enqueue(clusterId: string): Promise<void> {
    try {
      await this.queue.enqueue('drift.compute', { clusterId }, { delayMs: SETTLE_MS });
    } catch (error) {
      this.log.warn('drift could not be asked for, it is looked for again', { clusterId, error });
    }
  }

  protected async look(): Promise<void> {
    for (const clusterId of await this.timeline.behind()) await this.queue.enqueue('drift.compute', { clusterId });
  }
}
