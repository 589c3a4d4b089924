import { z } from 'zod';
/** What may be changed of a snapshot. */
export const patchSnapshotInput = z.strictObject({
  pinned: z.boolean().describe('A pinned snapshot is never dropped by retention'),
});

/** A snapshot's number in a path. */
export const snapshotSeq = z.strictObject({
  seq: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'must be the number of a snapshot')
    .transform(Number),
});
