import type { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Connections } from '#analysis';
import { parseInput } from '#contracts';
import { connectionMatrix } from '#engine';
import { CONNECTION_COLUMNS, connectionCells } from '#render';
import { RouteAction } from '../access/action.decorator.js';
import { negotiate } from '../rest/formats/negotiate.js';
import { rowsBody, textBody } from '../rest/formats/text-body.js';
import { pageToBody } from '../rest/page.mapper.js';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { connectionGraphBody, connectionListBody, connectionMatrixBody } from './connections.body.js';
import { exhibitOf, graphOf, nodeToBody } from './connections.mapper.js';
import {
  connectionsQuery,
  GRAPH_FORMATS,
  graphQuery,
  LIST_FORMATS,
  MATRIX_FORMATS,
  matrixQuery,
} from './connections.query.js';

@Controller('api/v1/clusters/:id/connections')
export class ConnectionsController {
  constructor(@Inject(Connections) private readonly connections: Connections) {}

  /** A page as JSON; the whole list, while it is found, in forms that are read line by line. */
  @Get()
  @RouteAction('question.ask', { isOfSnapshot: true })
  async list(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof connectionListBody> | Readable> {
    const { format: named, ...input } = parseInput(connectionsQuery, query);
    const format = negotiate(request, reply, LIST_FORMATS, named);
    if (format !== 'json') {
      const { limit: _, cursor: __, ...whole } = input;
      const { chunks, ...about } = await this.connections.stream(cluster, whole);
      return rowsBody(reply, format, { chunks, columns: CONNECTION_COLUMNS, cells: connectionCells }, about);
    }
    const page = await this.connections.page(cluster, input);
    return { ...pageToBody(page, input.limit, (row) => row), caveat: page.caveat, ...provenanceToBody(page) };
  }

  @Get('matrix')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async matrix(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof connectionMatrixBody> | string> {
    const { format: named, ...input } = parseInput(matrixQuery, query);
    const format = negotiate(request, reply, MATRIX_FORMATS, named);
    const found = await this.connections.whole(cluster, input);
    if (format === 'json') return { ...connectionMatrix(found.rows), caveat: found.caveat, ...provenanceToBody(found) };
    return textBody(reply, format, exhibitOf(found, input.verdict), found);
  }

  @Get('graph')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async graph(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof connectionGraphBody> | string> {
    const { format: named, ...input } = parseInput(graphQuery, query);
    const format = negotiate(request, reply, GRAPH_FORMATS, named);
    const found = await this.connections.whole(cluster, input);
    if (format === 'json') {
      const { caveat } = found;
      const { title, groups, nodes, edges, note } = graphOf(found, input.verdict);
      return { title, groups, nodes: nodes.map(nodeToBody), edges, note, caveat, ...provenanceToBody(found) };
    }
    return textBody(reply, format, exhibitOf(found, input.verdict), found);
  }
}
