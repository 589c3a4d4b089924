import type pg from 'pg';
import type { ErrorCode, JobEventName, JobProgress, RunState, TrackedJobName } from '#contracts';

/** Why a job failed, as it is shown. */
export interface JobFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A job's row. */
export interface JobRunRecord {
  readonly id: string;
  readonly name: TrackedJobName;
  /** Null for a job that is about no single cluster. */
  readonly clusterId: string | null;
  readonly parentId: string | null;
  /** True for a flow: its parts are done, and it ends with the last of them. */
  readonly isFlow: boolean;
  readonly input: unknown;
  /** Who asked for it, '' for the service itself. */
  readonly requester: string;
  readonly state: RunState;
  /** Tries that have begun, and those of them whose worker was lost. */
  readonly attempts: number;
  readonly losses: number;
  readonly progress: JobProgress;
  /** Address of what it made, below `/api/v1`. */
  readonly result: string | null;
  readonly error: JobFailure | null;
  readonly cancelRequested: boolean;
  /** Number of its newest event, 0 before the first. */
  readonly lastEvent: number;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** A job to be added. */
export interface NewJobRun {
  readonly name: TrackedJobName;
  readonly clusterId: string | null;
  readonly input: unknown;
  readonly requester: string;
}

/** Which jobs to list. `clusterIds`: only jobs of these clusters, and those of no cluster when it is null. */
export interface JobFilter {
  readonly state?: RunState | undefined;
  readonly name?: TrackedJobName | undefined;
  readonly parentId?: string | undefined;
  readonly clusterIds: readonly string[] | null;
}

/** One event of a job. */
export interface JobEventRecord {
  readonly seq: number;
  readonly event: JobEventName;
  readonly data: unknown;
  readonly at: Date;
}

/** The right to write one job's outcome, lost when somebody else takes the job. */
export interface JobLease {
  readonly id: string;
  readonly token: string;
}

/** What came of a job that is over. */
export type JobOutcome =
  | { readonly state: 'succeeded'; readonly result: string | null }
  | { readonly state: 'failed'; readonly error: JobFailure }
  | { readonly state: 'cancelled' };

/** Writes what a job made, in the transaction that ends it. Other libraries only hand it on. */
export type StoreWork = (client: pg.PoolClient) => Promise<void>;

/** Writes more in the transaction that adds a flow. */
export type FlowWork = (client: pg.PoolClient, flowId: string) => Promise<void>;
