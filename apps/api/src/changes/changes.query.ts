import { z } from 'zod';
import { pageCursor, pageInput } from '#contracts';
import { kindFilter, objectName } from '../inventory/inventory.query.js';

const filterShape = {
  cluster: z.string().trim().min(1).max(63).optional().describe('Only changes of this cluster, by name or id'),
  kind: kindFilter('objects'),
  namespace: objectName.optional().describe('Only objects of this namespace'),
  name: objectName.optional().describe('Only objects of this name'),
};

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** Filters of the list of changes. */
export const changesQuery = z.strictObject({
  ...filterShape,
  since: time.optional().describe('Only what was stored at this time or later, RFC 3339'),
  until: time.optional().describe('Only what was stored before this time, RFC 3339'),
  ...pageInput.shape,
});

/** Filters of the stream of changes. */
export const changeStreamQuery = z.strictObject({
  ...filterShape,
  cursor: pageCursor.describe('Go on behind this place, as `Last-Event-ID` does; from now on when left out'),
});
