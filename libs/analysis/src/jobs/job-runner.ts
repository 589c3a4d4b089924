import { Inject, Injectable } from '@nestjs/common';
import {
  AppError,
  isAppError,
  JOBS,
  parseInput,
  type JobInput,
  type JobProgress,
  type RunMessage,
  type TrackedJobName,
} from '#contracts';
import { JobRunRepository, type JobLease, type JobRunRecord, type StoreWork } from '#store';
import { LOG, type Log } from '#telemetry';

const LEASE_MS = 30_000;
const RENEW_MS = 3_000;
/** Progress is told at most this often; what is left out is told with the next. */
const PROGRESS_MS = 250;

/** What a job came to: the address of what it made, and how to store that in the transaction that ends the job. */
export interface JobResult {
  readonly result: string | null;
  readonly store?: StoreWork;
}

/** A job while it is done. */
export interface ActiveJob {
  readonly run: JobRunRecord;
  /** Aborted when the job is cancelled or was taken over: stop, nothing will be kept. */
  readonly signal: AbortSignal;
  progress(progress: JobProgress): Promise<void>;
  /** Tells of findings before the report is there. */
  findings(findings: readonly unknown[]): Promise<void>;
}

/** Does tracked jobs: takes the row, keeps it while the work lasts, and ends it with what came of it. */
@Injectable()
export class JobRunner {
  constructor(
    @Inject(JobRunRepository) private readonly runs: JobRunRepository,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * Does the job that a message names, unless it is done, cancelled or somebody else's. An error that may pass gives the
   * job back and is thrown, so that the queue delivers it again.
   */
  async execute<N extends TrackedJobName>(
    name: N,
    { runId }: RunMessage,
    work: (input: JobInput<N>, job: ActiveJob) => Promise<JobResult>,
  ): Promise<void> {
    const lease = { id: runId, token: globalThis.crypto.randomUUID() };
    const run = await this.runs.claim(lease, LEASE_MS);
    if (run === null) return;
    const kept = keepLease(this.runs, lease, run.cancelRequested);
    try {
      kept.signal.throwIfAborted();
      const input = await this.inputOf(name, run, lease);
      if (input === null) return;
      const { result, store } = await work(input, activeJob(this.runs, lease, run, kept.signal));
      kept.signal.throwIfAborted();
      await this.runs.finish(lease, { state: 'succeeded', result }, store);
    } catch (error) {
      await this.failed(run, lease, error, kept.signal);
    } finally {
      kept.stop();
    }
  }

  /**
   * What a job is told to do; null when another version wrote it, whose workers it is left to.
   * @throws AppError `request.invalid` when none of those came
   */
  private async inputOf<N extends TrackedJobName>(
    name: N,
    run: JobRunRecord,
    lease: JobLease,
  ): Promise<JobInput<N> | null> {
    try {
      return parseInput(JOBS[name].input, run.input) as JobInput<N>;
    } catch (error) {
      if (!(await this.runs.leave(lease))) throw error;
      this.log.warn('job is left to workers of another version', { runId: run.id, error });
      return null;
    }
  }

  private async failed(run: JobRunRecord, lease: JobLease, error: unknown, signal: AbortSignal): Promise<void> {
    if (isAppError(error, 'job.lease_lost') || isAppError(signal.reason, 'job.lease_lost')) {
      this.log.warn('job was taken over', { runId: run.id });
      return;
    }
    if (signal.aborted) {
      await this.runs.finish(lease, { state: 'cancelled' });
      return;
    }
    const failure = error instanceof AppError ? error : internal(error);
    const isFinal = !mayPass(error) || run.attempts - run.losses >= JOBS[run.name].attempts;
    if (!isFinal) {
      await this.runs.release(lease);
      throw error;
    }
    await this.runs.finish(lease, { state: 'failed', error: { code: failure.code, message: failure.message } });
    // Not to be tried again, whatever the queue has counted.
    throw new AppError(failure.code, failure.message, { retryable: false, cause: error });
  }
}

/** Errors of ours say so; any other may be of the moment. */
function mayPass(error: unknown): boolean {
  return error instanceof AppError ? error.retryable : true;
}

function internal(cause: unknown): AppError {
  return new AppError('internal', 'the job failed for a reason that the log has under its id', { cause });
}

/** Renews the lease until stopped. The signal is aborted when the lease is gone or the job is to be cancelled. */
function keepLease(runs: JobRunRepository, lease: JobLease, isCancelled: boolean) {
  const abort = new AbortController();
  if (isCancelled) abort.abort();
  const renew = async (): Promise<void> => {
    try {
      if ((await runs.renew(lease, LEASE_MS)).cancelRequested) abort.abort();
    } catch (error) {
      // A database that is away for a moment is no reason to stop; the lease says when it was too long.
      if (isAppError(error, 'job.lease_lost')) abort.abort(error);
    }
  };
  const timer = setInterval(() => void renew(), RENEW_MS);
  return {
    signal: abort.signal,
    stop: (): void => {
      clearInterval(timer);
    },
  };
}

function activeJob(runs: JobRunRepository, lease: JobLease, run: JobRunRecord, signal: AbortSignal): ActiveJob {
  let toldAt = 0;
  return {
    run,
    signal,
    progress: async (progress) => {
      const now = Date.now();
      if (now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      await runs.progress(lease, progress);
    },
    findings: (findings) => runs.findings(lease, findings),
  };
}
