import { z } from 'zod';
import { JOB_NAMES } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { timestamp } from '../rest/shared.body.js';

export const jobBody = named(
  'Job',
  z.strictObject({
    id: z.string(),
    name: z.enum(JOB_NAMES),
    state: z.enum(['queued', 'running', 'succeeded', 'failed']),
    attempts: z.int().describe('Tries that have begun'),
    queuedAt: timestamp,
    finishedAt: timestamp.nullable(),
    reason: z.string().describe("Why it failed last, '' when it did not"),
  }),
);
