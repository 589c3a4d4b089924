import type { ClusterCounts, FleetCounts, LabelCount, SearchPage, SelectedView, SnapshotPage } from '#analysis';
import type { SelectingPolicy } from '#engine';
import { objectToBody } from '../inventory/inventory.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type {
  clusterCountsBody,
  fleetCountsBody,
  labelListBody,
  searchResultBody,
  selectedListBody,
  selectingListBody,
} from './search.body.js';

export type LabelListBody = Body<typeof labelListBody>;
export type SelectedListBody = Body<typeof selectedListBody>;
export type SelectingListBody = Body<typeof selectingListBody>;
export type ClusterCountsBody = Body<typeof clusterCountsBody>;
export type FleetCountsBody = Body<typeof fleetCountsBody>;
export type SearchResultBody = Body<typeof searchResultBody>;

export const labelsToBody = (page: SnapshotPage<LabelCount>, limit: number): LabelListBody =>
  pageOf(page, limit, (label) => label);

export const selectedToBody = (page: SnapshotPage<SelectedView>, limit: number): SelectedListBody =>
  pageOf(page, limit, (selected) => selected);

export const selectingToBody = (page: SnapshotPage<SelectingPolicy>, limit: number): SelectingListBody =>
  pageOf(page, limit, (found) => ({ ...found, policy: pickRef(found.policy) }));

function pageOf<T, U>(page: SnapshotPage<T>, limit: number, item: (of: T) => U): PageOf<U> {
  const { items, total, nextCursor } = page;
  return { items: items.map(item), total, page: { limit, nextCursor }, ...provenanceToBody(page) };
}

interface PageOf<U> extends Pick<LabelListBody, 'total' | 'page' | 'asOf' | 'completeness' | 'engineVersion'> {
  readonly items: readonly U[];
}

export function clusterCountsToBody(counts: ClusterCounts): ClusterCountsBody {
  return { collections: counts.collections, kinds: counts.kinds, ...provenanceToBody(counts) };
}

export function fleetCountsToBody(counts: FleetCounts): FleetCountsBody {
  return counts;
}

export function searchToBody({ items, nextCursor, unread }: SearchPage, limit: number): SearchResultBody {
  return {
    items: items.map(({ asOf, object }) => ({
      asOf: { ...asOf, takenAt: asOf.takenAt.toISOString() },
      object: objectToBody(object),
    })),
    page: { limit, nextCursor },
    unread,
  };
}
