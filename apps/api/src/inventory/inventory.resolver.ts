import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { collectionOf, Inventory, type Collection, type ObjectView } from '#analysis';
import { parseInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import {
  ClusterNodeConnection,
  NamespaceConnection,
  PodConnection,
  PolicyConnection,
  ServiceConnection,
  WorkloadConnection,
} from './dto/connection.model.js';
import { ObjectDetailModel } from './dto/kubernetes-object.model.js';
import type {
  ClusterNodeModel,
  NamespaceModel,
  PodModel,
  PolicyModel,
  ServiceModel,
  WorkloadModel,
} from './dto/kubernetes-object.model.js';
import { ObjectArgs, ObjectsArgs } from './dto/objects.args.js';
import {
  toClusterNode,
  toNamespace,
  toObjectDetail,
  toPod,
  toPolicy,
  toService,
  toWorkload,
} from './inventory.graphql-mapper.js';
import { toAnswerConnection } from '../graphql/shared.mapper.js';
import { LIST_QUERIES, snapshotQuery } from './inventory.query.js';
import type { AnswerConnection } from '../graphql/model/connection.model.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';

@Resolver()
export class InventoryResolver {
  constructor(@Inject(Inventory) private readonly inventory: Inventory) {}

  @Query(() => PolicyConnection, { description: 'Policies of every kind.' })
  @FieldAction('inventory.read')
  policies(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<PolicyModel>>> {
    return this.list('policies', args, toPolicy);
  }

  @Query(() => NamespaceConnection)
  @FieldAction('inventory.read')
  namespaces(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<NamespaceModel>>> {
    return this.list('namespaces', args, toNamespace);
  }

  @Query(() => PodConnection)
  @FieldAction('inventory.read')
  pods(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<PodModel>>> {
    return this.list('pods', args, toPod);
  }

  @Query(() => WorkloadConnection)
  @FieldAction('inventory.read')
  workloads(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<WorkloadModel>>> {
    return this.list('workloads', args, toWorkload);
  }

  @Query(() => ServiceConnection)
  @FieldAction('inventory.read')
  services(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<ServiceModel>>> {
    return this.list('services', args, toService);
  }

  @Query(() => ClusterNodeConnection, { name: 'clusterNodes' })
  @FieldAction('inventory.read')
  nodes(@Args() args: ObjectsArgs): Promise<AnswerConnection<Shape<ClusterNodeModel>>> {
    return this.list('nodes', args, toClusterNode);
  }

  @Query(() => ObjectDetailModel, { nullable: true, description: 'One object, null when the snapshot has none such.' })
  @FieldAction('inventory.read')
  async object(@Args() args: ObjectArgs): Promise<Shape<ObjectDetailModel> | null> {
    const { at } = parseInput(snapshotQuery, { at: args.at ?? undefined });
    const { cluster, kind, name } = args;
    return orNull('not_found', async () => {
      const answer = await this.inventory.get({ cluster, kindId: kind, namespace: args.namespace ?? '', name, at });
      return toObjectDetail(answer, collectionOf(kind));
    });
  }

  private async list<N>(
    collection: Collection,
    args: ObjectsArgs,
    map: (view: ObjectView, clusterId: string) => N,
  ): Promise<AnswerConnection<N>> {
    const { cluster, ...asked } = args;
    const { kind: kinds, ...filter } = parseInput(LIST_QUERIES[collection], { ...filtersOf(asked), ...pageOf(asked) });
    const page = await this.inventory.list({ cluster, collection, kinds, ...filter });
    return toAnswerConnection(page, args, (view) => map(view, page.asOf.clusterId));
  }
}
