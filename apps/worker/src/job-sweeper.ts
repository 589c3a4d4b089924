import { Inject, Injectable } from '@nestjs/common';
import { Jobs } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { RecurringLook } from './recurring-look.js';

const SWEEP_MS = 5_000;

/** Looks for lost work every few seconds. Every worker does: rows that one looks at are left out by the others. */
@Injectable()
export class JobSweeper extends RecurringLook {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(LOG) log: Log,
  ) {
    super(log, SWEEP_MS, 'could not look for lost jobs');
  }

  protected async look(): Promise<void> {
    const found = await this.jobs.sweep();
    if (found > 0) this.log.warn('lost jobs are delivered again', { jobs: found });
  }
}
