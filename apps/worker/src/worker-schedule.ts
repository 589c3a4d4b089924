import { Inject, Injectable } from '@nestjs/common';
import { Schedules } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { RecurringLook } from './recurring-look.js';

const LOOK_MS = 1_000;

/** Starts what comes round by a schedule. Every worker looks: each due time is one worker's. */
@Injectable()
export class WorkerSchedule extends RecurringLook {
  constructor(
    @Inject(Schedules) private readonly schedules: Schedules,
    @Inject(LOG) log: Log,
  ) {
    super(log, LOOK_MS, 'could not look for scheduled work, it is looked for again');
  }

  protected async look(): Promise<void> {
    const started = await this.schedules.runDue(new Date());
    await this.schedules.tellResults();
    if (started > 0) this.log.info('scheduled work was started', { schedules: started });
  }
}
