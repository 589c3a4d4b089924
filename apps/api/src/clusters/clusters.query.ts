import { z } from 'zod';
import { pageInput } from '#contracts';

const MAX_WAIT_SECONDS = 60;

/** A kubeconfig, a folder or an upload may take a while to be read: how long the caller is ready to wait for it. */
export const waitSeconds = z
  .union([z.number(), z.string().trim()])
  .default(0)
  .transform((value, context): number => {
    const seconds = value === '' ? Number.NaN : Number(value);
    if (Number.isFinite(seconds) && seconds >= 0 && seconds <= MAX_WAIT_SECONDS) return seconds;
    context.addIssue({ code: 'custom', message: `must be a number of seconds from 0 to ${String(MAX_WAIT_SECONDS)}` });
    return z.NEVER;
  })
  .describe('Seconds to wait until the source is read, 0 to 60');

export const waitQuery = z.strictObject({ wait: waitSeconds });
export const noQuery = z.strictObject({});

/** What may be changed of a cluster. */
export const patchClusterInput = z.strictObject({ paused: z.boolean() });

export const problemsQuery = z.strictObject({
  class: z.enum(['error', 'unsupported', 'suspect', 'note']).optional().describe('Only problems of this weight'),
  ...pageInput.shape,
});

/** The same wait as GraphQL names it. */
export const waitInput = z.strictObject({ waitSeconds });
