import { runAsSystem } from '#access';
import { JOBS, parseInput, type JobName, type JobPayload } from '#contracts';
import { runInRequest, type Log, type Metrics } from '#telemetry';
import type { JobContext, JobHandler } from './job-queue.js';

export interface JobRunner {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Seconds since `time`, for a histogram. */
function secondsSince(timeMs: number): number {
  return Math.max(0, (Date.now() - timeMs) / 1000);
}

/** Reads the payload and runs the handler, and records wait, duration and outcome. Rejects as the handler does. */
export async function runJob<N extends JobName>(
  runner: JobRunner,
  name: N,
  handler: JobHandler<N>,
  job: { readonly payload: unknown; readonly queuedAtMs: number } & JobContext,
): Promise<void> {
  const { metrics } = runner;
  const log = runner.log.child({ job: name, jobId: job.jobId, attempt: job.attempt });
  const wait = metrics.histogram('atlas_job_wait_seconds', 'time that jobs waited to be run', ['job']);
  const run = metrics.histogram('atlas_job_run_seconds', 'time that jobs ran', ['job', 'outcome']);
  if (job.attempt === 1) wait.observe({ job: name }, secondsSince(job.queuedAtMs));
  const start = Date.now();
  try {
    const payload = parseInput(JOBS[name].payload, job.payload) as JobPayload<N>;
    const context: JobContext = { jobId: job.jobId, attempt: job.attempt };
    const work = (): Promise<void> => handler.handle(payload, context);
    await runInRequest({ requestId: job.jobId }, () => runAsSystem(name, work));
    run.observe({ job: name, outcome: 'succeeded' }, secondsSince(start));
    log.debug('job done', { durationMs: Date.now() - start });
  } catch (error) {
    run.observe({ job: name, outcome: 'failed' }, secondsSince(start));
    log.warn('job failed', { durationMs: Date.now() - start, error });
    throw error;
  }
}
