import type { SortedPageInput } from '#contracts';
import type { Keyset, ListOrder } from '#store';
import type { CursorCodec } from './cursor-codec.js';
import type { ListedPage } from './listed-page.js';

/** How a page of a list is asked of the database, and made of what that gives. */
export interface ListWalk<T> {
  /** One more than the page has: that there is one tells that there is a next page. */
  readonly keyset: Keyset;
  /** The same stretch from behind a row on, for lists of which a caller sees some rows only. */
  behind(item: T): Keyset;
  page(found: readonly T[]): ListedPage<T>;
}

/**
 * A walk along a list that `scope` names, in the order that is asked for, else in its own. A cursor is bound to both. A
 * walk from the end asks for the rows the other way round and turns them again.
 * @throws AppError `cursor.invalid`
 */
export function listWalk<T, K extends string>(
  cursors: CursorCodec,
  scope: readonly unknown[],
  { keys, natural }: ListOrder<T, K>,
  { limit, cursor, sort = [], backward = false }: SortedPageInput<NoInfer<K>>,
): ListWalk<T> {
  const order = [...sort, ...natural.filter(({ key }) => !sort.some((step) => step.key === key))];
  const bound = [...scope, order];
  const place = (item: T): (string | number)[] => order.map(({ key }) => keys[key].of(item));
  const seal = (item: T): string => cursors.seal(bound, place(item));
  const keyset = {
    steps: order.map(({ key, descending }) => ({ ...keys[key], descending: descending !== backward })),
    from: cursor === undefined ? null : cursors.open(bound, cursor),
    limit: limit + 1,
  };
  return {
    keyset,
    behind: (item) => ({ ...keyset, from: place(item) }),
    page: (found) => {
      const shown = found.slice(0, limit);
      const items = backward ? shown.toReversed() : shown;
      const outermost = shown.at(-1);
      const nextCursor = found.length > limit && outermost !== undefined ? seal(outermost) : null;
      return { items, nextCursor, cursorAfter: (index) => seal(items[index] as T) };
    },
  };
}
