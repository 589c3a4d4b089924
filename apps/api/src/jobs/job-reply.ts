import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasEnded, type JobRunRecord, type Jobs } from '#analysis';
import { jobToBody, type JobBody } from './jobs.mapper.js';

const MAX_WAIT_SECONDS = 60;
const RETRY_AFTER_SECONDS = 1;

/**
 * Answers a request that started a job: 202 with the job's address, or 200 with the job as it ended when the caller
 * asked to wait (`Prefer: wait=10`, RFC 7240) and it was done in time.
 */
export async function replyWithJob(
  jobs: Jobs,
  started: JobRunRecord,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<JobBody> {
  const wait = preferredWaitSeconds(request.headers.prefer);
  const run = wait === null ? started : await jobs.settled(started.id, wait * 1000);
  if (wait !== null) void reply.header('preference-applied', `wait=${String(wait)}`);
  const isOver = hasEnded(run);
  void reply.status(isOver ? 200 : 202).header('location', `/api/v1/jobs/${run.id}`);
  if (!isOver) void reply.header('retry-after', String(RETRY_AFTER_SECONDS));
  return jobToBody(run);
}

/** Seconds of the preference `wait`, at most a minute; null without one. What is no number is no preference. */
export function preferredWaitSeconds(prefer: string | string[] | undefined): number | null {
  const text = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '');
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(text)?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), MAX_WAIT_SECONDS);
}
