import { AppError, JOBS, parseInput, type JobName, type JobPayload } from '#contracts';
import { Metrics, silentLog, type Log } from '#telemetry';
import type { EnqueueOptions, JobHandlers, JobQueue, JobState, JobStatus } from './job-queue.js';
import { runJob } from './run-job.js';

interface InlineJob {
  readonly id: string;
  readonly name: JobName;
  readonly identity: string;
  readonly payload: unknown;
  readonly queuedAt: Date;
  state: JobState;
  attempts: number;
  finishedAt: Date | null;
  reason: string;
}

/**
 * Keeps jobs in memory and runs them in this process, one after the other: for tests of what enqueues or handles jobs.
 * Tries again at once instead of waiting; cron patterns are noted and never due.
 */
export class InlineJobQueue implements JobQueue {
  readonly name = 'queue';
  readonly #jobs = new Map<string, InlineJob>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #handlers: JobHandlers = {};
  #isStarted = false;
  #last: Promise<void> = Promise.resolve();
  readonly #metrics = new Metrics();

  constructor(private readonly log: Log = silentLog) {}

  registerHandlers(handlers: JobHandlers): void {
    this.#handlers = { ...this.#handlers, ...handlers };
  }

  start(): Promise<void> {
    this.#isStarted = true;
    for (const job of this.#jobs.values()) if (job.state === 'queued') this.#plan(job, 0);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#last;
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  enqueue<N extends JobName>(name: N, payload: JobPayload<N>, options: EnqueueOptions = {}): Promise<string> {
    return Promise.resolve().then(() => {
      const checked = parseInput(JOBS[name].payload, payload) as JobPayload<N>;
      const identity = (JOBS[name].idOf as (payload: JobPayload<N>) => string)(checked);
      const waiting = [...this.#jobs.values()].find((job) => job.identity === identity && job.state === 'queued');
      if (waiting !== undefined) return waiting.id;
      const job: InlineJob = {
        id: `${JOBS[name].queue}.${globalThis.crypto.randomUUID()}`,
        name,
        identity,
        payload: checked,
        queuedAt: new Date(),
        state: 'queued',
        attempts: 0,
        finishedAt: null,
        reason: '',
      };
      this.#jobs.set(job.id, job);
      if (this.#isStarted) this.#plan(job, options.delayMs ?? 0);
      return job.id;
    });
  }

  async enqueueMany<N extends JobName>(name: N, payloads: readonly JobPayload<N>[]): Promise<void> {
    for (const payload of payloads) await this.enqueue(name, payload);
  }

  status(id: string): Promise<JobStatus> {
    const job = this.#jobs.get(id);
    if (job === undefined) return Promise.reject(new AppError('job.not_found', `there is no job \`${id}\``));
    const { name, state, attempts, queuedAt, finishedAt, reason } = job;
    return Promise.resolve({ id, name, state, attempts, queuedAt, finishedAt, reason });
  }

  board(): Promise<null> {
    return Promise.resolve(null);
  }

  #plan(job: InlineJob, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#last = this.#last.then(() => this.#run(job));
    }, delayMs);
    this.#timers.add(timer);
  }

  async #run(job: InlineJob): Promise<void> {
    const handler = this.#handlers[job.name];
    if (handler === undefined || job.state !== 'queued') return;
    job.state = 'running';
    for (;;) {
      job.attempts += 1;
      const { id: jobId, attempts: attempt, payload } = job;
      const queuedAtMs = job.queuedAt.getTime();
      const error: unknown = await runJob({ log: this.log, metrics: this.#metrics }, job.name, handler, {
        jobId,
        attempt,
        payload,
        queuedAtMs,
      }).then(
        () => null,
        (reason: unknown) => reason,
      );
      job.reason = error === null ? '' : error instanceof Error ? error.message : 'failed';
      const isFinal = error instanceof AppError && !error.retryable;
      if (error !== null && !isFinal && job.attempts < JOBS[job.name].attempts) continue;
      job.state = error === null ? 'succeeded' : 'failed';
      job.finishedAt = new Date();
      return;
    }
  }
}
