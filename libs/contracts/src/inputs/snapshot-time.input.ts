import { z } from 'zod';

import { readTime } from './read-time.js';

const MAX_SEQ = 2_147_483_646;

/** Which snapshot: by its number, or the one that held at a time. */
export type SnapshotAt = { readonly seq: number } | { readonly time: Date };

function readAt(value: number | string): SnapshotAt | null {
  if (typeof value === 'number' || /^\d{1,10}$/.test(value)) {
    const seq = Number(value);
    return Number.isInteger(seq) && seq >= 1 && seq <= MAX_SEQ ? { seq } : null;
  }
  const time = readTime(value);
  return time === null ? null : { time };
}

/** A snapshot's number, or an RFC 3339 time with its offset. */
export const snapshotAt = z.union([z.number(), z.string().trim()]).transform((value, context): SnapshotAt => {
  const at = readAt(value);
  if (at !== null) return at;
  context.addIssue({
    code: 'custom',
    message: 'must be a snapshot number from 1 or a time such as `2026-01-31T12:00:00Z`',
  });
  return z.NEVER;
});
