import { Body, Controller, Get, Inject, Param, Patch, Query } from '@nestjs/common';
import { CniHistory, Snapshots } from '#analysis';
import { pageInput, parseInput, snapshotsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { pageToBody, snapshotPageToBody } from '../rest/page.mapper.js';
import { snapshotPageQuery } from '../search/search.query.js';
import {
  cniHistoryToBody,
  snapshotToBody,
  type CniHistoryBody,
  type CniNodeListBody,
  type SnapshotBody,
  type SnapshotListBody,
} from './history.mapper.js';
import { patchSnapshotInput, snapshotSeq } from './history.query.js';

/** The states of a cluster that are kept, and what its network plugin was. */
@Controller('api/v1/clusters/:id')
export class HistoryController {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(CniHistory) private readonly history: CniHistory,
  ) {}

  @Get('snapshots')
  @RouteAction('inventory.read')
  async list(@Param('id') cluster: string, @Query() query: unknown): Promise<SnapshotListBody> {
    const input = parseInput(snapshotsInput, query);
    const page = await this.snapshots.list(cluster, input);
    return pageToBody(page, input.limit, snapshotToBody);
  }

  @Patch('snapshots/:seq')
  @RouteAction('question.write')
  async patch(
    @Param('id') cluster: string,
    @Param('seq') number: string,
    @Body() body: unknown,
  ): Promise<SnapshotBody> {
    const { seq } = parseInput(snapshotSeq, { seq: number });
    const { pinned } = parseInput(patchSnapshotInput, body);
    return snapshotToBody(await this.snapshots.setPinned(cluster, seq, pinned));
  }

  @Get('cni/history')
  @RouteAction('cluster.read')
  async cniHistory(@Param('id') cluster: string, @Query() query: unknown): Promise<CniHistoryBody> {
    const input = parseInput(pageInput, query);
    const page = await this.history.list({ cluster, ...input });
    return cniHistoryToBody(page, input.limit);
  }

  @Get('cni/nodes')
  @RouteAction('inventory.read')
  async cniNodes(@Param('id') cluster: string, @Query() query: unknown): Promise<CniNodeListBody> {
    const input = parseInput(snapshotPageQuery, query);
    const page = await this.history.nodes({ cluster, ...input });
    return snapshotPageToBody(page, input.limit, (node) => node);
  }
}
