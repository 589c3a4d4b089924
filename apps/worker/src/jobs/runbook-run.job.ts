import { Inject, Injectable } from '@nestjs/common';
import { JobRunner, RunRunbook } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';

/** Runs a runbook that an alert leads to. */
@Injectable()
@HandlesJob('runbook.run')
export class RunbookRunJob implements JobHandler<'runbook.run'> {
  constructor(
    @Inject(JobRunner) private readonly runner: JobRunner,
    @Inject(RunRunbook) private readonly runbooks: RunRunbook,
  ) {}

  handle(message: JobPayload<'runbook.run'>): Promise<void> {
    return this.runner.execute('runbook.run', message, async (input, job) => {
      const { clusterId, runbook, inputs } = input;
      const question = { runbook, ...inputs, cluster: clusterId, all: false };
      let done = 0;
      const { answer, store } = await this.runbooks.executeFor(question, ({ title }) => {
        done += 1;
        return job.progress({ done, total: 0, phase: title });
      });
      return { result: `/api/v1/clusters/${clusterId}/runbook-runs/${answer.id}`, store };
    });
  }
}
