import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPostgresBackend,
  Queue,
  UnrecoverableError,
  Worker,
  type Job,
  type JobsOptions,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import type { Secret } from '#config';
import { AppError, JOB_NAMES, JOBS, parseInput, type JobName, type JobPayload } from '#contracts';
import { Metrics, silentLog, type Log } from '#telemetry';
import type { JobBoard } from './job-board.js';
import type { EnqueueOptions, JobHandler, JobHandlers, JobQueue, JobState, JobStatus } from './job-queue.js';
import { runJob } from './run-job.js';

/** Where the jobs are kept. */
export type QueueBackend =
  { readonly type: 'postgres'; readonly url: Secret } | { readonly type: 'redis'; readonly url: Secret };

export interface BullmqOptions {
  readonly backend: QueueBackend;
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** Jobs that one process runs at a time, of each queue. */
  readonly concurrency?: number;
}

const SCHEMA = 'bullmq';
const PREFIX = 'atlas';
const DAY_SECONDS = 86_400;
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
const POOL_SIZE = 3;
const DEFAULT_CONCURRENCY = 4;

const STATES: Readonly<Record<string, JobState>> = {
  active: 'running',
  completed: 'succeeded',
  failed: 'failed',
};

/** A queue on either backend: what is used here is the same. */
type AnyQueue = Queue;
type AnyWorker = Worker<unknown, void>;

function unavailable(cause: unknown): AppError {
  return new AppError('queue.unavailable', 'the job queue cannot be reached, check REDIS_URL or DATABASE_URL', {
    cause,
  });
}

/** Jobs on BullMQ, kept in Postgres or in Redis. One class for both: only the connection differs. */
export class BullmqJobQueue implements JobQueue {
  readonly name = 'queue';
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #queues = new Map<string, AnyQueue>();
  readonly #workers: AnyWorker[] = [];
  readonly #handlers = new Map<JobName, JobHandler>();
  #isStopped = false;

  constructor(private readonly options: BullmqOptions) {
    this.#log = options.log ?? silentLog;
    this.#metrics = options.metrics ?? new Metrics();
  }

  registerHandlers(handlers: JobHandlers): void {
    for (const name of JOB_NAMES) {
      const handler = handlers[name];
      if (handler !== undefined) this.#handlers.set(name, handler);
    }
  }

  async start(): Promise<void> {
    const queueNames = new Set(JOB_NAMES.map((name) => JOBS[name].queue));
    const served = new Set([...this.#handlers.keys()].map((name) => JOBS[name].queue));
    for (const queue of queueNames) await this.#reach(this.#queue(queue).waitUntilReady());
    for (const queue of served) await this.#startWorker(queue);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  async enqueue<N extends JobName>(name: N, payload: JobPayload<N>, options: EnqueueOptions = {}): Promise<string> {
    const { opts, data } = newJob(name, payload);
    const delayed = options.delayMs === undefined ? opts : { ...opts, delay: options.delayMs };
    const job = await this.#reach(this.#queue(JOBS[name].queue).add(name, data, delayed));
    return job.id ?? opts.jobId;
  }

  async enqueueMany<N extends JobName>(name: N, payloads: readonly JobPayload<N>[]): Promise<void> {
    if (payloads.length === 0) return;
    await this.#reach(this.#queue(JOBS[name].queue).addBulk(payloads.map((payload) => newJob(name, payload))));
  }

  async status(id: string): Promise<JobStatus> {
    for (const queueName of new Set(JOB_NAMES.map((name) => JOBS[name].queue))) {
      const queue = this.#queue(queueName);
      // The state first: what is read after it is at least as new, so a finished job is read with its outcome.
      const state = await this.#reach(queue.getJobState(id));
      const job = state === 'unknown' ? undefined : await this.#reach(queue.getJob(id));
      if (job !== undefined) return toStatus(id, job, state);
    }
    throw new AppError('job.not_found', `there is no job \`${id}\`, finished ones are kept for a day`);
  }

  /** Read only when somebody looks: no start waits for it. */
  async board(base: string): Promise<JobBoard> {
    const { JobBoard: Board } = await import('./job-board.js');
    const names = new Set(JOB_NAMES.map((name) => JOBS[name].queue));
    return new Board(
      [...names].map((name) => this.#queue(name)),
      base,
    );
  }

  /** Resolves when the queue can be reached. Throws `queue.unavailable`. */
  async check(): Promise<void> {
    await this.#reach(this.#queue(JOBS['drift.compute'].queue).getJobCounts('waiting'));
  }

  async #reach<T>(work: Promise<T>): Promise<T> {
    const timeout = new AbortController();
    // A client of Redis waits for the server for ever; whoever asked cannot.
    const late = sleep(ANSWER_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false }).then(
      () => Promise.reject(new Error(`no answer within ${String(ANSWER_TIMEOUT_MS)} ms`)),
      () => new Promise<never>(() => undefined),
    );
    try {
      return await Promise.race([work, late]);
    } catch (cause) {
      throw cause instanceof AppError ? cause : unavailable(cause);
    } finally {
      timeout.abort();
    }
  }

  #queue(name: string): AnyQueue {
    const existing = this.#queues.get(name);
    if (existing !== undefined) return existing;
    if (this.#isStopped) throw unavailable(new Error('the queue was stopped'));
    const queue = this.#open(
      (options) => new Queue(name, { ...options.redis, prefix: PREFIX }),
      (options) => new Queue(name, options.postgres, createPostgresBackend) as unknown as AnyQueue,
    );
    queue.on('error', (error) => {
      this.#log.warn('the job queue reports a problem', { queue: name, reason: error.message });
    });
    this.#queues.set(name, queue);
    return queue;
  }

  #open<T>(
    onRedis: (options: { redis: QueueOptions }) => T,
    onPostgres: (options: { postgres: PostgresOptions }) => T,
  ): T {
    const { backend } = this.options;
    const url = backend.url.reveal();
    if (backend.type === 'redis') return onRedis({ redis: { connection: redisConnection(url) } });
    return onPostgres({ postgres: { connection: postgresConnection(url) } });
  }

  async #startWorker(queueName: string): Promise<void> {
    const process = (job: Job): Promise<void> => this.#process(job);
    const common = {
      concurrency: this.options.concurrency ?? DEFAULT_CONCURRENCY,
      removeOnComplete: { age: DAY_SECONDS, count: 1000 },
    } satisfies Omit<WorkerOptions, 'connection'>;
    const worker = this.#open<AnyWorker>(
      (options) => new Worker<unknown, void>(queueName, process, { ...options.redis, ...common, prefix: PREFIX }),
      (options) =>
        new Worker(
          queueName,
          process,
          { ...options.postgres, ...common },
          createPostgresBackend,
        ) as unknown as AnyWorker,
    );
    worker.on('error', (error) => {
      this.#log.warn('the job worker reports a problem', { queue: queueName, reason: error.message });
    });
    this.#workers.push(worker);
    await this.#reach(worker.waitUntilReady());
  }

  async #process(job: Job): Promise<void> {
    const name = job.name as JobName;
    const handler = this.#handlers.get(name);
    // Another version of the product may know more jobs: leave them to it.
    if (handler === undefined) throw new Error(`this process has no handler for job \`${job.name}\``);
    try {
      await runJob({ log: this.#log, metrics: this.#metrics }, name, handler, {
        payload: job.data,
        queuedAtMs: job.timestamp + job.delay,
        jobId: job.id ?? '',
        attempt: job.attemptsMade + 1,
      });
    } catch (error) {
      throw error instanceof AppError && !error.retryable ? new UnrecoverableError(error.message) : error;
    }
  }
}

interface PostgresOptions {
  readonly connection: { connectionString: string; schema: string; migrate: boolean; max: number };
}

function postgresConnection(url: string): PostgresOptions['connection'] {
  return { connectionString: url, schema: SCHEMA, migrate: true, max: POOL_SIZE };
}

function redisConnection(url: string): { url: string; maxRetriesPerRequest: null; connectTimeout: number } {
  return { url, maxRetriesPerRequest: null, connectTimeout: CONNECT_TIMEOUT_MS };
}

function identityOf<N extends JobName>(name: N, payload: JobPayload<N>): string {
  return (JOBS[name].idOf as (payload: JobPayload<N>) => string)(payload);
}

/** A job as BullMQ takes it. Throws `request.invalid` for a wrong payload. */
function newJob<N extends JobName>(
  name: N,
  payload: JobPayload<N>,
): { name: N; data: JobPayload<N>; opts: JobsOptions & { jobId: string } } {
  const data = parseInput(JOBS[name].payload, payload) as JobPayload<N>;
  const jobId = `${JOBS[name].queue}.${globalThis.crypto.randomUUID()}`;
  const deduplication = { id: identityOf(name, data), keepLastIfActive: true };
  return { name, data, opts: { ...jobOptions(name), jobId, deduplication } };
}

function jobOptions(name: JobName): JobsOptions {
  const { attempts, backoffMs } = JOBS[name];
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs },
    removeOnComplete: { age: DAY_SECONDS, count: 1000 },
    removeOnFail: { age: DAY_SECONDS, count: 1000 },
  };
}

function toStatus(id: string, job: Job, state: string): JobStatus {
  const shown = STATES[state] ?? 'queued';
  // Of a job that has not finished, both are absent, whatever the types of the package say.
  const outcome: { readonly finishedOn?: number | null; readonly failedReason?: string | null } = job;
  return {
    id,
    name: job.name as JobName,
    state: shown,
    attempts: job.attemptsStarted,
    queuedAt: new Date(job.timestamp),
    finishedAt: typeof outcome.finishedOn === 'number' ? new Date(outcome.finishedOn) : null,
    reason: outcome.failedReason ?? '',
  };
}
