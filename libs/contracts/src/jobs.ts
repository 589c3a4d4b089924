import { z } from 'zod';

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

const job = <S extends z.ZodType>(definition: JobDefinition<S>): JobDefinition<S> => definition;
const clusterId = z.uuid();

/** Every job there is. Adding one here makes the worker refuse to start until a handler for it exists. */
export const JOBS = {
  /** Deletes snapshots past their time to live, of one cluster or of all. */
  'retention.run': job({
    payload: z.strictObject({ clusterId: clusterId.optional() }),
    queue: 'maintenance',
    idOf: (payload) => `retention.run.${payload.clusterId ?? 'all'}`,
    attempts: 3,
    backoffMs: 30_000,
  }),
  /** Asks the sync role to read a cluster's source again from the start. */
  'cluster.resync': job({
    payload: z.strictObject({ clusterId }),
    queue: 'sync',
    idOf: (payload) => `cluster.resync.${payload.clusterId}`,
    attempts: 5,
    backoffMs: 1_000,
  }),
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.output<(typeof JOBS)[N]['payload']>;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];
