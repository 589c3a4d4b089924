import type { PlannedTime, ScheduleRunRecord, ScheduleView } from '#analysis';
import type { Body } from '../rest/schema-registry.js';
import type {
  scheduleBody,
  scheduleListBody,
  schedulePreviewBody,
  scheduleRunBody,
  scheduleRunListBody,
} from './schedule.body.js';

export type ScheduleBody = Body<typeof scheduleBody>;
export type ScheduleListBody = Body<typeof scheduleListBody>;
export type ScheduleRunListBody = Body<typeof scheduleRunListBody>;
export type SchedulePreviewBody = Body<typeof schedulePreviewBody>;

export function scheduleToBody(schedule: ScheduleView): ScheduleBody {
  const { clusterIds: _, nextAt: __, next, createdAt, lastRun, ...plain } = schedule;
  return {
    ...plain,
    next: plannedToBody(next).items,
    createdAt: createdAt.toISOString(),
    lastRun: lastRun === null ? null : runToBody(lastRun),
  };
}

export function plannedToBody(times: readonly PlannedTime[]): SchedulePreviewBody {
  return { items: times.map(({ at, local }) => ({ at: at.toISOString(), local })) };
}

export function runToBody(run: ScheduleRunRecord): Body<typeof scheduleRunBody> {
  return {
    ...run,
    dueAt: run.dueAt.toISOString(),
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
