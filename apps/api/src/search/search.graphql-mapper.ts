import { collectionOf, type ClusterCounts, type FleetCounts, type ObjectCounts, type SearchPage } from '#analysis';
import type { SelectingPolicy } from '#engine';
import type { AskedPage } from '../graphql/page.args.js';
import type { Shape } from '../graphql/model/shape.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { toKubernetesObject } from '../inventory/inventory.graphql-mapper.js';
import { pickRef } from '../rest/provenance.mapper.js';
import type {
  ClusterCountsModel,
  FleetCountsModel,
  SearchConnectionModel,
  SelectingPolicyModel,
} from './dto/search.model.js';

export function toSelectingPolicy(found: SelectingPolicy): Shape<SelectingPolicyModel> {
  return { ...found, policy: pickRef(found.policy) };
}

function toCounts({ collections, kinds }: ObjectCounts): Pick<Shape<FleetCountsModel>, 'collections' | 'kinds'> {
  return {
    collections: Object.entries(collections).map(([collection, count]) => ({ collection, count })),
    kinds: Object.entries(kinds).map(([kind, count]) => ({ kind, count })),
  };
}

export function toClusterCounts(counts: ClusterCounts): Shape<ClusterCountsModel> {
  return { __typename: 'ClusterCounts', ...toCounts(counts), ...toAnswer(counts) };
}

export function toFleetCounts(counts: FleetCounts): Shape<FleetCountsModel> {
  return { ...toCounts(counts), clusters: counts.clusters, unread: counts.unread };
}

export function toSearchConnection(page: SearchPage, args: AskedPage): Shape<SearchConnectionModel> {
  const nodes = page.items.map(({ asOf, object }) => ({
    asOf,
    object: toKubernetesObject(object, collectionOf(object.kindId), asOf.clusterId),
  }));
  const { edges, pageInfo } = toConnection(nodes, page, args);
  // A page that found nothing still leads on.
  return { edges, pageInfo: { ...pageInfo, endCursor: page.nextCursor ?? pageInfo.endCursor }, unread: page.unread };
}
