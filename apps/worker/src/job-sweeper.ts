import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { repeat } from './repeat.js';

const SWEEP_MS = 5_000;

/** Looks for lost work every few seconds. Every worker does: rows that one looks at are left out by the others. */
@Injectable()
export class JobSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop: () => Promise<void> = () => Promise.resolve();

  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = repeat(SWEEP_MS, () => this.sweep());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async sweep(): Promise<void> {
    try {
      const found = await this.jobs.sweep();
      if (found > 0) this.log.warn('lost jobs are delivered again', { jobs: found });
    } catch (error) {
      this.log.warn('could not look for lost jobs', { error });
    }
  }
}
