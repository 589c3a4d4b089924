import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Schedules } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { repeat } from './repeat.js';

const LOOK_MS = 1_000;

/** Starts what comes round by a schedule. Every worker looks: each due time is one worker's. */
@Injectable()
export class WorkerSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop: () => Promise<void> = () => Promise.resolve();

  constructor(
    @Inject(Schedules) private readonly schedules: Schedules,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = repeat(LOOK_MS, () => this.look());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async look(): Promise<void> {
    try {
      const started = await this.schedules.runDue(new Date());
      await this.schedules.tellResults();
      if (started > 0) this.log.info('scheduled work was started', { schedules: started });
    } catch (error) {
      this.log.warn('could not look for scheduled work, it is looked for again', { error });
    }
  }
}
