import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { Clusters, collectionOf, Inventory } from '#analysis';
import { AppError, isAppError } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import { toClusterModel } from '../clusters/clusters.graphql-mapper.js';
import { toKubernetesObject } from '../inventory/inventory.graphql-mapper.js';
import { NodeModel } from './model/shared.model.js';
import { parseNodeId } from './node-id.js';
import type { Shape } from './model/shape.js';

const MAX_IDS = 100;

@Resolver(() => NodeModel)
export class NodeResolver {
  constructor(
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(Inventory) private readonly inventory: Inventory,
  ) {}

  @Query(() => NodeModel, { nullable: true, description: 'Anything by its id, null when it is no more.' })
  @FieldAction('inventory.read')
  async node(@Args('id', { type: () => ID }) id: string): Promise<Shape<NodeModel> | null> {
    try {
      return await this.load(id);
    } catch (error) {
      if (isAppError(error) && error.code.endsWith('not_found')) return null;
      throw error;
    }
  }

  @Query(() => [NodeModel], { nullable: 'items', description: 'Several by their ids, at most 100, in the same order.' })
  @FieldAction('inventory.read')
  nodes(@Args('ids', { type: () => [ID] }) ids: string[]): Promise<(Shape<NodeModel> | null)[]> {
    if (ids.length > MAX_IDS) {
      const detail = `at most ${String(MAX_IDS)} ids at once, not ${String(ids.length)}`;
      throw new AppError('request.invalid', detail, { errors: [{ pointer: '/ids', detail }] });
    }
    return Promise.all(ids.map((id) => this.node(id)));
  }

  private async load(id: string): Promise<Shape<NodeModel>> {
    const ref = parseNodeId(id);
    if (ref.type === 'cluster') return toClusterModel(await this.clusters.get(ref.clusterId));
    const { object } = await this.inventory.get({ ...ref, cluster: ref.clusterId });
    return toKubernetesObject(object, collectionOf(ref.kindId), ref.clusterId);
  }
}
