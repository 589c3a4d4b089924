import { nearNames } from '#engine';

import type { Runbook } from './define-runbook.js';

type Named = Pick<Runbook, 'id' | 'number' | 'alerts'>;

/**
 * The runbook that somebody means who has only what a pager shows: its id, its number, the link of an alert
 * (`https://…/runbooks/ID`), or the name of an alert that it is for. Null when none is meant.
 */
export function runbookNamed<R extends Named>(runbooks: readonly R[], name: string): R | null {
  const linked = /\/runbooks\/([a-z0-9-]+)/i.exec(name)?.[1];
  const wanted = (linked ?? name).toLowerCase();
  const isMeant = ({ id, number }: R): boolean => id === wanted || number.toLowerCase() === wanted;
  const forAlert = ({ alerts }: R): boolean => alerts.some((alert) => alert.toLowerCase() === wanted);
  return runbooks.find(isMeant) ?? runbooks.find(forAlert) ?? null;
}

/** The ids that come close to a name that no runbook has. */
export function runbooksNear(runbooks: readonly Named[], name: string): string[] {
  return nearNames(
    name.toLowerCase(),
    runbooks.map(({ id }) => id),
  );
}
