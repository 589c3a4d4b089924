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

/** One step of an order: rows that are equal by it are in order of the next one. */
export interface SortStep<K extends string = string> {
  readonly key: K;
  readonly descending: boolean;
}

/** One page of a list that can be sorted, and walked from its end. */
export interface SortedPageInput<K extends string = string> extends PageInput {
  readonly sort?: readonly SortStep<K>[] | undefined;
  readonly backward?: boolean | undefined;
}

const backward = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .optional()
  .describe('Walk the list from its end, or from in front of `cursor`, towards its start');

/** As `pageInput`, for a list that can be walked from its end. */
export const walkedPageInput = pageInput.extend({ backward });

/** The same, for a list that can be sorted by `keys`. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- zod's own type says it all
export function sortedPageInput<K extends string>(keys: readonly K[]) {
  return walkedPageInput.extend({ sort: sortOrder(keys) });
}

function sortOrder<K extends string>(keys: readonly K[]) {
  const known = keys.map((key) => `\`${key}\``).join(', ');
  return z
    .string()
    .max(256)
    .transform((text, context): SortStep<K>[] => {
      const steps = text.split(',').map((step) => ({ descending: step.startsWith('-'), key: step.replace(/^-/, '') }));
      const wrong = steps.find(({ key }) => !keys.includes(key as K));
      const twice = steps.find(({ key }, place) => steps.findIndex((step) => step.key === key) < place);
      if (wrong === undefined && twice === undefined) return steps as SortStep<K>[];
      const message =
        wrong === undefined
          ? `names \`${String(twice?.key)}\` twice, one place is enough`
          : `cannot be \`${wrong.key}\`, it is one or more of ${known} with commas between, each with \`-\` in front to turn it round`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional()
    .describe(`Order: ${known}; several with commas between, with \`-\` in front from the last to the first`);
}

/** A page of results, in a stable order. `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
