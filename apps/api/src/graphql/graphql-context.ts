import DataLoader from 'dataloader';
import type { Access, Action, Caller } from '#access';
import { currentAccess } from '#access';
import type { Clusters } from '#analysis';
import { demandAccess } from '../access/guard-requests.js';
import { toClusterModel } from '../clusters/clusters.graphql-mapper.js';
import type { ClusterModel } from '../clusters/dto/cluster.model.js';
import type { Shape } from './model/shape.js';

/** What the resolvers of one operation share. Lives for one request, so that no answer is older than its question. */
export class GraphqlContext {
  private readonly accesses = new Map<Action, Access>();
  private readonly loaders = new Map<Access, DataLoader<string, Shape<ClusterModel>>>();

  constructor(
    readonly caller: Caller,
    private readonly useCase: Clusters,
  ) {}

  /** The caller's access for an action, one for all fields. @throws AppError `forbidden` */
  accessFor(action: Action): Access {
    const known = this.accesses.get(action) ?? demandAccess(this.caller, action);
    this.accesses.set(action, known);
    return known;
  }

  /** Loads clusters, each once. What is loaded with one access is never shown to another. */
  get clusters(): DataLoader<string, Shape<ClusterModel>> {
    const access = currentAccess();
    const known = this.loaders.get(access) ?? clusterLoader(this.useCase);
    this.loaders.set(access, known);
    return known;
  }
}

function clusterLoader(clusters: Clusters): DataLoader<string, Shape<ClusterModel>> {
  return new DataLoader(async (ids) =>
    Promise.all(
      ids.map((id) =>
        clusters.get(id).then(toClusterModel, (error: unknown) => (error instanceof Error ? error : new Error('lost'))),
      ),
    ),
  );
}
