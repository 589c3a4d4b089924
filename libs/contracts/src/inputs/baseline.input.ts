import { z } from 'zod';
import { manifestEncoding, manifestText } from './drift.input.js';
import { snapshotAt } from './snapshot-time.input.js';

/** What a cluster is declared to be: manifests, or one of its snapshots, the newest when nothing is said. */
export const setBaselineInput = z
  .strictObject({
    name: z.string().trim().min(1).max(253).default('baseline').describe('What people call it, as a release or a tag'),
    at: snapshotAt.optional(),
    manifests: manifestText.optional(),
    encoding: manifestEncoding,
  })
  .refine((input) => input.at === undefined || input.manifests === undefined, {
    message: 'give either `at` or `manifests`, not both',
  });

export type SetBaselineInput = z.output<typeof setBaselineInput>;
