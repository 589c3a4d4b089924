import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { parseInput } from '#contracts';
import { JOB_QUEUE, type JobQueue, type JobStatus } from '#queue';
import { noQuery } from '../clusters/clusters.query.js';
import type { Body } from '../rest/schema-registry.js';
import type { jobBody } from './job.body.js';

type JobBody = Body<typeof jobBody>;

@Controller('api/v1/jobs')
export class JobsController {
  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  @Get(':job')
  async get(@Param('job') id: string, @Query() query: unknown): Promise<JobBody> {
    parseInput(noQuery, query);
    return jobToBody(await this.queue.status(id));
  }
}

function jobToBody(job: JobStatus): JobBody {
  return { ...job, queuedAt: job.queuedAt.toISOString(), finishedAt: job.finishedAt?.toISOString() ?? null };
}
