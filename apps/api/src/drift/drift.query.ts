import { z } from 'zod';
import { driftFilter, driftInput, pageInput, parseInput, snapshotAt, type DriftInput } from '#contracts';

/** How a report is told; by the `Accept` header when it is left out. */
export const formatQuery = z.strictObject({ format: z.enum(['json', 'md']).optional() });

/** A comparison as a query string: two times of a cluster, or two clusters. */
export const driftQuery = z.strictObject({
  cluster: driftInput.shape.cluster,
  before: driftInput.shape.before.describe(
    'The earlier state, or `baseline`; the snapshot before the later one when left out',
  ),
  after: driftInput.shape.after.describe('The later state; the newest when left out'),
  against: driftInput.shape.cluster.optional().describe('Another cluster to compare with, by name or id'),
  againstAt: snapshotAt.optional().describe('The state of the other cluster'),
  reading: driftInput.shape.reading,
  ...driftFilter.shape,
  ...pageInput.shape,
  ...formatQuery.shape,
});

/** @throws AppError `request.invalid` naming each wrong or unknown parameter */
export function parseDriftQuery(query: unknown): { readonly input: DriftInput; readonly format: string | undefined } {
  const given = parseInput(driftQuery, query);
  const raw = query as Readonly<Record<string, unknown>>;
  const { against: _, againstAt: __, format: ___, ...rest } = raw;
  const against = given.against === undefined ? {} : { against: { cluster: raw['against'], at: raw['againstAt'] } };
  return { input: parseInput(driftInput, { ...rest, ...against }), format: given.format };
}
