import { z } from 'zod';
import { ERROR_CODES, RUN_STATES, TRACKED_JOB_NAMES } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { pageBody, timestamp } from '../rest/shared.body.js';

export const jobBody = named(
  'Job',
  z.strictObject({
    id: z.uuid(),
    name: z.enum(TRACKED_JOB_NAMES),
    clusterId: z.uuid().nullable().describe('Null for a job that is about no single cluster'),
    parentId: z.uuid().nullable().describe('The flow that it is one part of'),
    isFlow: z.boolean().describe('True for a flow: it ends with the last of its parts'),
    requester: z.string().describe('Who asked for it; `system:` and a task for the service itself'),
    state: z.enum(RUN_STATES),
    attempts: z.int().describe('Tries that have begun'),
    progress: z.strictObject({
      done: z.int().min(0),
      total: z.int().min(0).describe('0 while it is not known'),
      phase: z.string(),
    }),
    cancelRequested: z.boolean(),
    result: z.string().nullable().describe('Address of what it made'),
    error: z.strictObject({ code: z.enum(ERROR_CODES), message: z.string() }).nullable(),
    queuedAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
  }),
);

export const jobListBody = named('JobList', z.strictObject({ items: z.array(jobBody), page: pageBody }));

export const jobEventBody = named(
  'JobEvent',
  z.unknown().describe('What the event tells: how far the job is, what it found, or how it ended'),
);
