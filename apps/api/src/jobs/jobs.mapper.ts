import type { JobRunRecord } from '#analysis';
import type { Body } from '../rest/schema-registry.js';
import type { jobBody, jobListBody } from './job.body.js';

export type JobBody = Body<typeof jobBody>;
export type JobListBody = Body<typeof jobListBody>;

export function jobToBody({ input: _, losses: __, lastEvent: ___, ...run }: JobRunRecord): JobBody {
  return {
    ...run,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
