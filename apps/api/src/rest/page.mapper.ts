import type { SnapshotPage } from '#analysis';
import type { Page } from '#contracts';
import { provenanceToBody, type ProvenanceBody } from './provenance.mapper.js';
import type { Body } from './schema-registry.js';
import type { pageBody } from './shared.body.js';

interface ListBody<U> {
  readonly items: readonly U[];
  readonly page: Body<typeof pageBody>;
}

export interface SnapshotListBody<U> extends ListBody<U>, ProvenanceBody {
  readonly total: number;
}

/** A page of a list as JSON. */
export function pageToBody<T, U>(
  { items, nextCursor }: Page<T>,
  limit: number,
  itemToBody: (item: T) => U,
): ListBody<U> {
  return { items: items.map((item) => itemToBody(item)), page: { limit, nextCursor } };
}

/** A page of a list about one snapshot as JSON. */
export function snapshotPageToBody<T, U>(
  snapshotPage: SnapshotPage<T>,
  limit: number,
  itemToBody: (item: T) => U,
): SnapshotListBody<U> {
  const { items, page } = pageToBody(snapshotPage, limit, itemToBody);
  return { items, total: snapshotPage.total, page, ...provenanceToBody(snapshotPage) };
}
