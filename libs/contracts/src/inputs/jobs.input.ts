import { z } from 'zod';
import { RUN_STATES, TRACKED_JOB_NAMES } from '../jobs.js';
import { sortedPageInput } from './paging.input.js';

/** Which jobs to list. */
export const jobsInput = z.strictObject({
  state: z.enum(RUN_STATES).optional().describe('Only jobs in this state'),
  name: z.enum(TRACKED_JOB_NAMES).optional().describe('Only jobs of this sort'),
  /** Name or id. */
  cluster: z.string().trim().min(1).max(63).optional(),
  parent: z.uuid().optional().describe('Only the parts of this flow'),
  ...sortedPageInput(['queuedAt', 'finishedAt', 'name', 'state']).shape,
});
export type JobsInput = z.output<typeof jobsInput>;
