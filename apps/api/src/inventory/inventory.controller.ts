import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Inventory, type Collection, type ObjectView } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { snapshotPageToBody, type SnapshotListBody } from '../rest/page.mapper.js';
import {
  nodeToBody,
  objectAnswerToBody,
  objectToBody,
  podToBody,
  serviceToBody,
  workloadToBody,
  type ListBody,
  type ObjectAnswerBody,
} from './inventory.mapper.js';
import { LIST_QUERIES, NO_NAMESPACE, snapshotQuery } from './inventory.query.js';

@Controller('api/v1/clusters/:id')
export class InventoryController {
  constructor(@Inject(Inventory) private readonly inventory: Inventory) {}

  @Get('policies')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  policies(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'policies'>> {
    return this.list('policies', objectToBody, id, query);
  }

  @Get('namespaces')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  namespaces(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'namespaces'>> {
    return this.list('namespaces', objectToBody, id, query);
  }

  @Get('pods')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  pods(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'pods'>> {
    return this.list('pods', podToBody, id, query);
  }

  @Get('workloads')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  workloads(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'workloads'>> {
    return this.list('workloads', workloadToBody, id, query);
  }

  @Get('services')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  services(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'services'>> {
    return this.list('services', serviceToBody, id, query);
  }

  @Get('nodes')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  nodes(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'nodes'>> {
    return this.list('nodes', nodeToBody, id, query);
  }

  @Get('objects')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  objects(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<'objects'>> {
    return this.list('objects', objectToBody, id, query);
  }

  @Get('objects/:kind/:namespace/:name')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async object(
    @Param('id') cluster: string,
    @Param('kind') kindId: string,
    @Param('namespace') namespace: string,
    @Param('name') name: string,
    @Query() query: unknown,
  ): Promise<ObjectAnswerBody> {
    const { at } = parseInput(snapshotQuery, query);
    const scope = namespace === NO_NAMESPACE ? '' : namespace;
    return objectAnswerToBody(await this.inventory.get({ cluster, kindId, namespace: scope, name, at }));
  }

  private async list<T>(
    collection: Collection,
    item: (view: ObjectView) => T,
    cluster: string,
    query: unknown,
  ): Promise<SnapshotListBody<T>> {
    const { kind: kinds, ...filter } = parseInput(LIST_QUERIES[collection], query);
    const page = await this.inventory.list({ cluster, collection, kinds, ...filter });
    return snapshotPageToBody(page, filter.limit, item);
  }
}
