import { z } from 'zod';
import { flag, readingName } from './connections.input.js';
import { pageInput, type PageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

const peer = z.string().trim().min(1).max(1024);
const MAX_HOPS = 100;

/** A whole number from 1, or `all` for as far as it goes. */
const hops = z
  .union([z.number(), z.string().trim()])
  .default(1)
  .transform((value, context): number => {
    if (value === 'all') return Number.POSITIVE_INFINITY;
    const number = value === '' ? Number.NaN : Number(value);
    if (Number.isInteger(number) && number >= 1 && number <= MAX_HOPS) return number;
    context.addIssue({ code: 'custom', message: `must be a whole number from 1 to ${String(MAX_HOPS)}, or \`all\`` });
    return z.NEVER;
  });

const someTexts = z
  .union([z.string().trim().min(1).max(64), z.array(z.string().trim().min(1).max(64)).max(100)])
  .default([])
  .transform((value): readonly string[] => [value].flat());

/** What could something reach if it were taken over (`from`), or who could reach it (`to`)? */
export const blastInput = z.strictObject({
  of: peer,
  direction: z.enum(['from', 'to']).default('from'),
  hops,
  reading: readingName,
  sensitive: z.string().trim().min(1).max(1024).optional(),
  range: someTexts,
  levers: flag.default(false),
  at: snapshotAt.optional(),
});

/** Which policies change a radius most? Worked out in the background, of all there are. */
export const leversInput = blastInput.pick({ of: true, direction: true, hops: true, reading: true, at: true });

/** By which objects does something outside get in? */
export const entryPointsInput = z.strictObject({
  to: peer.optional(),
  client: z.string().trim().min(1).max(64).optional(),
  reading: readingName,
  at: snapshotAt.optional(),
});

/** What is each workload open to? */
export const exposureInput = z.strictObject({
  of: peer.optional(),
  reading: readingName,
  at: snapshotAt.optional(),
  ...pageInput.shape,
});

export type BlastInput = z.output<typeof blastInput>;
export type LeversInput = z.output<typeof leversInput>;
export type EntryPointsInput = z.output<typeof entryPointsInput>;
export type ExposureInput = z.output<typeof exposureInput>;
export type AllExposureInput = Omit<ExposureInput, keyof PageInput>;
