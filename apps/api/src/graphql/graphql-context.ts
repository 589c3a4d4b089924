import DataLoader from 'dataloader';
import type { Clusters } from '#analysis';
import { toClusterModel } from '../clusters/clusters.graphql-mapper.js';
import type { ClusterModel } from '../clusters/dto/cluster.model.js';
import type { Shape } from './model/shape.js';

/** What the resolvers of one request share. */
export interface GraphqlContext {
  readonly clusters: DataLoader<string, Shape<ClusterModel>>;
}

/** A fresh context: loaders live for one request, so that no answer is older than its question. */
export function createGraphqlContext(clusters: Clusters): GraphqlContext {
  return {
    clusters: new DataLoader(async (ids) =>
      Promise.all(
        ids.map((id) =>
          clusters
            .get(id)
            .then(toClusterModel, (error: unknown) => (error instanceof Error ? error : new Error('lost'))),
        ),
      ),
    ),
  };
}
