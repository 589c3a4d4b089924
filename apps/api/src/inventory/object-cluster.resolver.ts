import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { FieldAction } from '../access/action.decorator.js';
import { ClusterModel } from '../clusters/dto/cluster.model.js';
import type { GraphqlContext } from '../graphql/graphql-context.js';
import type { Shape } from '../graphql/model/shape.js';
import { KubernetesObjectModel } from './dto/kubernetes-object.model.js';

/** The way from an object to its cluster, for every type of object. */
@Resolver(() => KubernetesObjectModel)
export class ObjectClusterResolver {
  @ResolveField(() => ClusterModel)
  @FieldAction('cluster.read')
  cluster(@Parent() object: KubernetesObjectModel, @Context() context: GraphqlContext): Promise<Shape<ClusterModel>> {
    return context.clusters.load(object.clusterId);
  }
}
