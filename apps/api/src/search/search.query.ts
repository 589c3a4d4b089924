import { z } from 'zod';
import { COLLECTIONS } from '#analysis';
import { pageInput, walkedPageInput } from '#contracts';
import { kindFilter, objectFilterShape, snapshotQuery } from '../inventory/inventory.query.js';

/** A page of a list about one snapshot. */
export const snapshotPageQuery = z.strictObject({ at: snapshotQuery.shape.at, ...walkedPageInput.shape });

export const labelsQuery = z.strictObject({
  on: z.enum(COLLECTIONS).default('pods').describe('Whose labels; `objects` for those of every kind'),
  key: z.string().min(1).max(317).optional().describe('The values of this key, instead of all keys'),
  ...snapshotPageQuery.shape,
});

export const searchQuery = z.strictObject({
  on: z.enum(COLLECTIONS).default('objects').describe('Only objects of this list'),
  kind: kindFilter('objects'),
  ...objectFilterShape,
  ...pageInput.shape,
});
