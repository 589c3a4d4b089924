import { z } from 'zod';
import { REPORT_FORMATS, RUN_STATES, SCHEDULE_TASKS } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { pageBody, timestamp } from '../rest/shared.body.js';

const plannedTimeBody = named(
  'PlannedTime',
  z.strictObject({ at: timestamp, local: z.string().describe('As a clock there shows it') }),
);

const text = z.string().optional();
const taskBody = named(
  'ScheduleTask',
  z.strictObject({
    type: z.enum(SCHEDULE_TASKS),
    checks: z.array(z.string()).optional(),
    formats: z.array(z.enum(REPORT_FORMATS)).optional(),
    framework: text,
    runbook: text,
    inputs: z
      .strictObject({
        from: text,
        to: text,
        protocol: text,
        port: z.union([z.int(), z.string()]).optional(),
        namespace: text,
        node: text,
      })
      .optional(),
  }),
);

export const scheduleRunBody = named(
  'ScheduleRun',
  z.strictObject({
    dueAt: timestamp,
    startedAt: timestamp,
    missed: z.int().min(0).describe('Further times that passed while no worker ran; this run makes up for them'),
    requester: z.string().describe("Who asked for it at once, '' for the clock"),
    jobId: z.uuid(),
    state: z.enum(RUN_STATES),
    result: z.string().nullable().describe('Address of what it made'),
    finishedAt: timestamp.nullable(),
  }),
);

export const scheduleBody = named(
  'Schedule',
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    task: taskBody,
    clusters: z.array(z.string()).nullable().describe('Names; null for every cluster, whichever there are then'),
    paused: z.boolean(),
    next: z.array(plannedTimeBody).describe('The next three times; none while it is paused'),
    requester: z.string().describe('Who made it'),
    createdAt: timestamp,
    lastRun: scheduleRunBody.nullable(),
  }),
);

export const scheduleListBody = named('ScheduleList', z.strictObject({ items: z.array(scheduleBody), page: pageBody }));
export const scheduleRunListBody = named(
  'ScheduleRunList',
  z.strictObject({ items: z.array(scheduleRunBody), page: pageBody }),
);
export const schedulePreviewBody = named('SchedulePreview', z.strictObject({ items: z.array(plannedTimeBody) }));
