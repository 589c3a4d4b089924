import { z } from 'zod';
import { auditInput } from './audit.input.js';
import { sortedPageInput } from './paging.input.js';
import { reportContent } from './report.input.js';
import { runbookInputs, runbookRunInput } from './runbook.input.js';

const { clusters, checks } = auditInput.shape;

/** What comes round. Clusters are looked at when it does, so one that is added later is among "every". */
export const scheduleTask = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audit'), checks }),
  z.strictObject({
    type: z.literal('runbook'),
    runbook: runbookRunInput.shape.runbook,
    inputs: runbookInputs.default({}),
  }),
  z.strictObject({ type: z.literal('report'), ...reportContent.shape }),
  z.strictObject({ type: z.literal('retention') }),
]);
export type ScheduleTask = z.output<typeof scheduleTask>;
export const SCHEDULE_TASKS = scheduleTask.options.map(({ shape }) => shape.type.value);

const scheduleName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and `-`, at most 63');
const cron = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .describe('Five fields: minute, hour, day of month, month, day of week, as `0 6 * * mon-fri`');
const timeZone = z.string().trim().min(1).max(64).describe('IANA name, as `Europe/Berlin`');

export const createScheduleInput = z.strictObject({
  name: scheduleName,
  cron,
  timeZone: timeZone.default('UTC'),
  task: scheduleTask,
  clusters,
  paused: z.boolean().default(false),
});
export type CreateScheduleInput = z.output<typeof createScheduleInput>;

/** What is left out stays as it is; `clusters` null is every cluster. */
export const patchScheduleInput = z.strictObject({
  name: scheduleName.optional(),
  cron: cron.optional(),
  timeZone: timeZone.optional(),
  task: scheduleTask.optional(),
  clusters: clusters.nullable().describe('Names or ids; null for every cluster'),
  paused: z.boolean().optional(),
});
export type PatchScheduleInput = z.output<typeof patchScheduleInput>;

const MAX_PREVIEW = 50;
const count = z
  .union([z.number(), z.string().trim()])
  .default(5)
  .transform((value, context): number => {
    const number = value === '' ? Number.NaN : Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= MAX_PREVIEW) return number;
    context.addIssue({ code: 'custom', message: `must be a whole number from 1 to ${String(MAX_PREVIEW)}` });
    return z.NEVER;
  })
  .describe(`How many times to tell, 1 to ${String(MAX_PREVIEW)}`);

export const previewScheduleInput = z.strictObject({ cron, timeZone: timeZone.default('UTC'), count });
export type PreviewScheduleInput = z.output<typeof previewScheduleInput>;

export const schedulesInput = sortedPageInput(['name', 'nextAt', 'createdAt']);
export type SchedulesInput = z.output<typeof schedulesInput>;

export const scheduleRunsInput = sortedPageInput(['dueAt', 'state']);
export type ScheduleRunsInput = z.output<typeof scheduleRunsInput>;
