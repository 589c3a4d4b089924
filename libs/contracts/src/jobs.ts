import { z } from 'zod';
import { reportContent } from './inputs/report.input.js';
import { runbookInputs } from './inputs/runbook.input.js';

/** How one sort of job is run. */
export interface JobDefinition<S extends z.ZodType = z.ZodType> {
  /** Payloads hold ids, never data: the row decides what there is to do. */
  readonly payload: S;
  /** Name of the queue that carries it. */
  readonly queue: string;
  /** The job's identity: a second job with the same id waits for no one, it is not queued while the first is. */
  idOf(payload: z.output<S>): string;
  /** How often it is tried in all. */
  readonly attempts: number;
  /** Wait before the second try; doubles with each further one. */
  readonly backoffMs: number;
}

/** What the queue carries of a tracked job: which row, and which delivery of it. */
export const runMessage = z.strictObject({ runId: z.uuid(), delivery: z.int().min(0) });
export type RunMessage = z.output<typeof runMessage>;

/**
 * A job whose life is a row: it has an address, progress and a result, and can be cancelled. The queue only delivers the
 * row's id, as often as it likes: whoever claims the row does the job.
 */
export interface TrackedJobDefinition<I extends z.ZodType = z.ZodType> extends JobDefinition<typeof runMessage> {
  /** What the job is told to do, as its row keeps it. */
  readonly input: I;
  /** Equal for two jobs that would do the same: the second is not added while the first waits. */
  identityOf(input: z.output<I>): string;
}

const job = <S extends z.ZodType>(definition: JobDefinition<S>): JobDefinition<S> => definition;
const tracked = <I extends z.ZodType>(
  definition: Omit<TrackedJobDefinition<I>, 'payload' | 'idOf'>,
): TrackedJobDefinition<I> => ({
  ...definition,
  payload: runMessage,
  idOf: ({ runId, delivery }) => `${runId}.${String(delivery)}`,
});
const clusterId = z.uuid();

/** Every job there is. Adding one here makes the worker refuse to start until a handler for it exists. */
export const JOBS = {
  /** Deletes snapshots past their time to live, of one cluster or of all. */
  'retention.run': tracked({
    input: z.strictObject({ clusterId: clusterId.optional() }),
    queue: 'maintenance',
    identityOf: (input) => input.clusterId ?? 'all',
    attempts: 3,
    backoffMs: 30_000,
  }),
  /** Works out what changed in a cluster since the last report; snapshots that wait together make one report. */
  'drift.compute': job({
    payload: z.strictObject({ clusterId }),
    queue: 'drift',
    idOf: (payload) => `drift.compute.${payload.clusterId}`,
    attempts: 5,
    backoffMs: 2_000,
  }),
  /** Makes one try to tell a channel something: the row says whether it is still to be made. */
  'delivery.send': job({
    payload: z.strictObject({ deliveryId: z.uuid(), attempt: z.int().min(0) }),
    queue: 'delivery',
    idOf: ({ deliveryId, attempt }) => `${deliveryId}.${String(attempt)}`,
    attempts: 1,
    backoffMs: 1_000,
  }),
  /** Asks the sync role to read a cluster's source again from the start. */
  'cluster.resync': tracked({
    input: z.strictObject({ clusterId }),
    queue: 'sync',
    identityOf: (input) => input.clusterId,
    attempts: 5,
    backoffMs: 1_000,
  }),
  /** Makes a report of a cluster in the forms asked for, and keeps it. */
  'report.make': tracked({
    input: z.strictObject({ clusterId, ...reportContent.shape, audit: z.uuid().optional() }),
    queue: 'report',
    identityOf: ({ clusterId: of, formats, framework, audit }) => JSON.stringify([of, formats, framework, audit]),
    attempts: 3,
    backoffMs: 2_000,
  }),
  /** Runs a runbook that an alert leads to. */
  'runbook.run': tracked({
    input: z.strictObject({ clusterId, runbook: z.string(), inputs: runbookInputs }),
    queue: 'runbook',
    identityOf: ({ clusterId: cluster, runbook, inputs }) => `${cluster} ${runbook} ${JSON.stringify(inputs)}`,
    attempts: 3,
    backoffMs: 2_000,
  }),
  /** Tries which policies change most what is within reach of something that is taken over. */
  'levers.try': tracked({
    input: z.strictObject({
      clusterId,
      seq: z.int().min(1),
      of: z.string(),
      direction: z.enum(['from', 'to']),
      /** Null: as far as it goes. */
      hops: z.int().min(1).nullable(),
      reading: z.enum(['intended', 'enforced']),
      /** Those that who asked may know of, '' for what has none; null for all. */
      namespaces: z.array(z.string()).nullable(),
    }),
    queue: 'report',
    identityOf: (input) => JSON.stringify(input),
    attempts: 3,
    backoffMs: 2_000,
  }),
  /** Audits one cluster and keeps the report. An audit of many is a flow of these. */
  'audit.run': tracked({
    input: z.strictObject({
      clusterId,
      /** Ids of the checks, all when left out. */
      checks: z.array(z.string()).optional(),
      /** Number of the snapshot, the newest when left out. */
      seq: z.int().min(1).optional(),
    }),
    queue: 'audit',
    identityOf: ({ clusterId: of, checks, seq }) => JSON.stringify([of, checks?.toSorted() ?? null, seq ?? null]),
    attempts: 3,
    backoffMs: 2_000,
  }),
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.output<(typeof JOBS)[N]['payload']>;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

/** Names of the jobs that have rows. */
export type TrackedJobName = {
  [N in JobName]: (typeof JOBS)[N] extends TrackedJobDefinition ? N : never;
}[JobName];
export type JobInput<N extends TrackedJobName> = z.output<(typeof JOBS)[N]['input']>;
export const TRACKED_JOB_NAMES = JOB_NAMES.filter((name): name is TrackedJobName => 'input' in JOBS[name]);

/** Where a job stands. The last three are for good. */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** How far a job is; `total` is 0 while it is not known. */
export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** What it is doing, one word or two. */
  readonly phase: string;
}

/** What a job tells while it runs. `done` and `failed` are the last; a cancelled job fails. */
export const JOB_EVENTS = ['progress', 'finding', 'done', 'failed'] as const;
export type JobEventName = (typeof JOB_EVENTS)[number];

/** Notification channel of the database for jobs that have moved; the payload is the job's id. */
export const JOB_CHANNEL = 'atlas_job';
