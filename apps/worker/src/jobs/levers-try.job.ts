import { Inject, Injectable } from '@nestjs/common';
import { JobRunner, Levers } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';

/** Tries which policies change most what is within reach, and keeps what came of it. */
@Injectable()
@HandlesJob('levers.try')
export class LeversTryJob implements JobHandler<'levers.try'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(Levers) private readonly levers: Levers,
  ) {}

  handle(message: JobPayload<'levers.try'>): Promise<void> {
    return this.runner.execute('levers.try', message, (input, job) => this.levers.execute(input, job));
  }
}
