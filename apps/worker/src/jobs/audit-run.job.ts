import { Inject, Injectable } from '@nestjs/common';
import { JobRunner, RunAudit } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';

/** Audits one cluster and keeps the report. */
@Injectable()
@HandlesJob('audit.run')
export class AuditRunJob implements JobHandler<'audit.run'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(RunAudit) private readonly audit: RunAudit,
  ) {}

  handle(message: JobPayload<'audit.run'>): Promise<void> {
    return this.runner.execute('audit.run', message, (input, job) => this.audit.execute(input, job));
  }
}
