import { z } from 'zod';

const DEFAULT_PAGE_LIMIT = 25;
export const MAX_PAGE_LIMIT = 100;

/** Page size, 1 to 100, as a number or as digits from a query string. */
export const pageLimit = z
  .union([z.number(), z.string().trim()])
  .default(DEFAULT_PAGE_LIMIT)
  .transform((value, context): number => {
    const limit = value === '' ? Number.NaN : Number(value);
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE_LIMIT) return limit;
    context.addIssue({ code: 'custom', message: `must be a whole number from 1 to ${String(MAX_PAGE_LIMIT)}` });
    return z.NEVER;
  });

/** An opaque cursor from an earlier page. */
export const pageCursor = z.string().min(1).max(2048).optional();

/** One page of a list. Spread `.shape` into the schema of a list's filters. */
export const pageInput = z.strictObject({ limit: pageLimit, cursor: pageCursor });
export type PageInput = z.output<typeof pageInput>;

/** A page of results, in a stable order. `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
