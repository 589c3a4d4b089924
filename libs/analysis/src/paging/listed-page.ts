import type { Page } from '#contracts';

/** A page of a list. */
export interface ListedPage<T> extends Page<T> {
  /** The cursor behind `items[index]`, for callers that go on from the middle of a page. */
  cursorAfter(index: number): string;
}

/** The first `limit` of what was found; one more says that there is a next page. `seal` gives the cursor behind an item. */
export function listedPage<T>(found: readonly T[], limit: number, seal: (item: T) => string): ListedPage<T> {
  const items = found.slice(0, limit);
  const cursorAfter = (index: number): string => seal(items[index] as T);
  return { items, nextCursor: found.length > limit ? cursorAfter(limit - 1) : null, cursorAfter };
}
