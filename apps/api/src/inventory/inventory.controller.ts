import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Inventory, type Collection, type ObjectView } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { linkNextPage } from '../rest/page-link.js';
import {
  nodeToBody,
  objectAnswerToBody,
  objectToBody,
  pageToBody,
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
  policies(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'policies'>> {
    return this.list('policies', objectToBody, id, query, request, reply);
  }

  @Get('namespaces')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  namespaces(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'namespaces'>> {
    return this.list('namespaces', objectToBody, id, query, request, reply);
  }

  @Get('pods')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  pods(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'pods'>> {
    return this.list('pods', podToBody, id, query, request, reply);
  }

  @Get('workloads')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  workloads(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'workloads'>> {
    return this.list('workloads', workloadToBody, id, query, request, reply);
  }

  @Get('services')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  services(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'services'>> {
    return this.list('services', serviceToBody, id, query, request, reply);
  }

  @Get('nodes')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  nodes(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'nodes'>> {
    return this.list('nodes', nodeToBody, id, query, request, reply);
  }

  @Get('objects')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  objects(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListBody<'objects'>> {
    return this.list('objects', objectToBody, id, query, request, reply);
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
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ReturnType<typeof pageToBody<T>>> {
    const { kind: kinds, ...filter } = parseInput(LIST_QUERIES[collection], query);
    const page = await this.inventory.list({ cluster, collection, kinds, ...filter });
    linkNextPage(request, reply, page.nextCursor);
    return pageToBody(page, filter.limit, item);
  }
}
