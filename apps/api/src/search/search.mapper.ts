import type { ClusterCounts, FleetCounts, SearchPage } from '#analysis';
import type { SelectingPolicy } from '#engine';
import { objectToBody } from '../inventory/inventory.mapper.js';
import { pageToBody } from '../rest/page.mapper.js';
import { asOfToBody, pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
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

export function selectingToBody(found: SelectingPolicy): SelectingListBody['items'][number] {
  return { ...found, policy: pickRef(found.policy) };
}

export function clusterCountsToBody(counts: ClusterCounts): ClusterCountsBody {
  return { collections: counts.collections, kinds: counts.kinds, ...provenanceToBody(counts) };
}

export function fleetCountsToBody(counts: FleetCounts): FleetCountsBody {
  return counts;
}

export function searchToBody(found: SearchPage, limit: number): SearchResultBody {
  return { ...pageToBody(found, limit, foundToBody), unread: found.unread };
}

function foundToBody({ asOf, object }: SearchPage['items'][number]): SearchResultBody['items'][number] {
  return { asOf: asOfToBody(asOf), object: objectToBody(object) };
}
