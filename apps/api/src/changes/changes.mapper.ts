import type { ChangeView, PlacedChange } from '#analysis';
import type { ServerEvent } from '../rest/event-stream.js';
import type { Body } from '../rest/schema-registry.js';
import type { changeBody, changeListBody } from './change.body.js';

export type ChangeBody = Body<typeof changeBody>;
export type ChangeListBody = Body<typeof changeListBody>;

export function changeToBody(change: ChangeView): ChangeBody {
  const { takenAt, storedAt, values } = change;
  return {
    ...change,
    takenAt: takenAt.toISOString(),
    storedAt: storedAt.toISOString(),
    values: values.map(({ pointer, before, after }) => ({ pointer, before: before ?? null, after: after ?? null })),
  };
}

/** A change as an event; its id is the cursor behind it. */
export function changeToEvent({ cursor, change }: PlacedChange): ServerEvent {
  return { id: cursor, event: 'change', data: changeToBody(change) };
}
