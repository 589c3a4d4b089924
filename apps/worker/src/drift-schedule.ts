import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DriftTimeline } from '#analysis';
import { JOB_QUEUE, type JobQueue } from '#queue';
import { LOG, type Log } from '#telemetry';

const SWEEP_MS = 5_000;

/**
 * Has drift worked out where a snapshot has come that no report ends with, whoever stored it and whatever became of the
 * word of it. Every worker looks; the queue keeps one job a cluster.
 */
@Injectable()
export class DriftSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping = this.sweeping.then(() => this.sweep());
    }, SWEEP_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      for (const clusterId of await this.timeline.behind()) await this.queue.enqueue('drift.compute', { clusterId });
    } catch (error) {
      this.log.warn('could not look for snapshots without a report on drift', { error });
    }
  }
}
