import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JOB_QUEUE, type JobQueue } from '#queue';

// At night in most of Europe and America, off the full hour, when other clocks strike.
const RETENTION_CRON = '17 3 * * *';

/** Jobs that come round by themselves. */
@Injectable()
export class WorkerSchedule implements OnApplicationBootstrap {
  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.schedule('retention.run', RETENTION_CRON, {});
  }
}
