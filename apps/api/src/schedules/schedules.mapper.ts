import type { PlannedTime, SchedulePage, ScheduleRunPage, ScheduleRunRecord, ScheduleView } from '#analysis';
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

export function schedulePageToBody({ items, nextCursor }: SchedulePage, limit: number): ScheduleListBody {
  return { items: items.map(scheduleToBody), page: { limit, nextCursor } };
}

export function scheduleRunPageToBody({ items, nextCursor }: ScheduleRunPage, limit: number): ScheduleRunListBody {
  return { items: items.map(runToBody), page: { limit, nextCursor } };
}

export function plannedToBody(times: readonly PlannedTime[]): SchedulePreviewBody {
  return { items: times.map(({ at, local }) => ({ at: at.toISOString(), local })) };
}

function runToBody(run: ScheduleRunRecord): Body<typeof scheduleRunBody> {
  return {
    ...run,
    dueAt: run.dueAt.toISOString(),
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
