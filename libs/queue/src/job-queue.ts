import type { JobName, JobPayload } from '#contracts';
import type { HealthCheck } from '#telemetry';
import type { JobBoard } from './job-board.js';

/** Injection token of the process's `JobQueue`. */
export const JOB_QUEUE = Symbol('JOB_QUEUE');

/** What a handler is told beside the payload. */
export interface JobContext {
  readonly jobId: string;
  /** From 1. */
  readonly attempt: number;
}

/** Does one sort of job. May be called twice for one job: what it finds in the rows decides what there is to do. */
export interface JobHandler<N extends JobName = JobName> {
  /** A rejection is tried again, unless it is an `AppError` that is not retryable. */
  handle(payload: JobPayload<N>, context: JobContext): Promise<void>;
}

/** A handler for each name. */
export type JobHandlers = { readonly [N in JobName]?: JobHandler<N> };

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed';

/** Where one job stands. */
export interface JobStatus {
  readonly id: string;
  readonly name: JobName;
  readonly state: JobState;
  /** Tries that have begun. */
  readonly attempts: number;
  readonly queuedAt: Date;
  readonly finishedAt: Date | null;
  /** Why it failed last, '' when it did not. */
  readonly reason: string;
}

export interface EnqueueOptions {
  /** Runs it no earlier than after this time. */
  readonly delayMs?: number;
}

/** Carries jobs from who wants them done to who does them. Delivery is at least once. */
export interface JobQueue extends HealthCheck {
  /**
   * Adds a job and returns its id. While a job of the same identity waits, nothing is added and that one's id is
   * returned; while it runs, one more is kept to run after it.
   * Throws `request.invalid` for a wrong payload and `queue.unavailable` when the queue cannot be reached.
   */
  enqueue<N extends JobName>(name: N, payload: JobPayload<N>, options?: EnqueueOptions): Promise<string>;
  /** Adds several jobs at once, as `enqueue` does each; nothing is returned. */
  enqueueMany<N extends JobName>(name: N, payloads: readonly JobPayload<N>[]): Promise<void>;
  /** Says who does which job. Call it before `start`. */
  registerHandlers(handlers: JobHandlers): void;
  /** Starts to do the jobs that have a handler. Without handlers it only connects. */
  start(): Promise<void>;
  /** Takes no more jobs, waits for those that run, and closes. */
  stop(): Promise<void>;
  /** Where a job stands; finished ones are forgotten after a day. Throws `job.not_found`. */
  status(id: string): Promise<JobStatus>;
  /** A page that stands at `base` and shows the queues; null for a queue that has none. */
  board(base: string): Promise<JobBoard | null>;
}
