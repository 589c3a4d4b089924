import { Inject, Injectable } from '@nestjs/common';
import { JobRunner, MakeReport } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';

/** Makes a report and keeps it. */
@Injectable()
@HandlesJob('report.make')
export class ReportMakeJob implements JobHandler<'report.make'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(MakeReport) private readonly reports: MakeReport,
  ) {}

  handle(message: JobPayload<'report.make'>): Promise<void> {
    return this.runner.execute('report.make', message, (input, job) => this.reports.execute(input, job));
  }
}
