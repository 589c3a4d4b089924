import { z } from 'zod';
import { pageInput } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { pageBody, timestamp } from '../rest/shared.body.js';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const DECISIONS = ['allowed', 'refused', 'failed'] as const;

export const logQuery = z.strictObject({
  subject: z.string().min(1).max(500).optional().describe('Only questions of this caller'),
  decision: z.enum(DECISIONS).optional(),
  since: instant.optional().describe('From this time on, RFC 3339'),
  until: instant.optional().describe('Before this time, RFC 3339'),
  ...pageInput.shape,
});

const logEntryBody = named(
  'LogEntry',
  z.strictObject({
    id: z.string(),
    at: timestamp,
    subject: z.string().describe('The caller, as `oidc:issuer#sub`, `token:id`, `kubernetes:cluster/user`'),
    name: z.string(),
    action: z.string(),
    question: z.string(),
    decision: z.enum(DECISIONS),
    status: z.int(),
    address: z.string(),
    requestId: z.string().describe('Of the first request'),
    times: z
      .int()
      .min(1)
      .describe('How many requests said the same within a moment; those that bring an id stand alone'),
    lastAt: timestamp.describe('Of the last of them'),
  }),
);

export const logListBody = named('LogEntryList', z.strictObject({ items: z.array(logEntryBody), page: pageBody }));
