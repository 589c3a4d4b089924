import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Counts, FleetSearch, LabelCounts, Selections } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { NO_NAMESPACE, snapshotQuery } from '../inventory/inventory.query.js';
import { snapshotPageToBody } from '../rest/page.mapper.js';
import { refOfKind } from './ref-of-kind.js';
import {
  clusterCountsToBody,
  fleetCountsToBody,
  searchToBody,
  selectingToBody,
  type ClusterCountsBody,
  type FleetCountsBody,
  type LabelListBody,
  type SearchResultBody,
  type SelectedListBody,
  type SelectingListBody,
} from './search.mapper.js';
import { labelsQuery, searchQuery, snapshotPageQuery } from './search.query.js';

/** What there is, how much of it, and what selects what. */
@Controller('api/v1')
export class SearchController {
  constructor(
    @Inject(Counts) private readonly counts: Counts,
    @Inject(FleetSearch) private readonly fleet: FleetSearch,
    @Inject(LabelCounts) private readonly labelCounts: LabelCounts,
    @Inject(Selections) private readonly selections: Selections,
  ) {}

  @Get('search')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async search(@Query() query: unknown): Promise<SearchResultBody> {
    const { on: collection, kind: kinds, ...filter } = parseInput(searchQuery, query);
    const page = await this.fleet.search({ collection, kinds, ...filter });
    return searchToBody(page, filter.limit);
  }

  @Get('counts')
  @RouteAction('inventory.read')
  async fleetCounts(@Query() query: unknown): Promise<FleetCountsBody> {
    parseInput(noQuery, query);
    return fleetCountsToBody(await this.counts.ofFleet());
  }

  @Get('clusters/:id/counts')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async clusterCounts(@Param('id') cluster: string, @Query() query: unknown): Promise<ClusterCountsBody> {
    return clusterCountsToBody(await this.counts.ofCluster(cluster, parseInput(snapshotQuery, query).at));
  }

  @Get('clusters/:id/labels')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async labels(@Param('id') cluster: string, @Query() query: unknown): Promise<LabelListBody> {
    const input = parseInput(labelsQuery, query);
    const page = await this.labelCounts.list({ cluster, ...input });
    return snapshotPageToBody(page, input.limit, (label) => label);
  }

  @Get('clusters/:id/objects/:kind/:namespace/:name/selected')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async selected(
    @Param('id') cluster: string,
    @Param() { kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string },
    @Query() query: unknown,
  ): Promise<SelectedListBody> {
    const input = parseInput(snapshotPageQuery, query);
    const object = refOfKind(kind, namespace === NO_NAMESPACE ? '' : namespace, name);
    const page = await this.selections.selected({ cluster, object, ...input });
    return snapshotPageToBody(page, input.limit, (selected) => selected);
  }

  @Get('clusters/:id/pods/:namespace/:name/policies')
  @RouteAction('inventory.read', { isOfSnapshot: true })
  async policiesOf(
    @Param('id') cluster: string,
    @Param() { namespace, name }: { readonly namespace: string; readonly name: string },
    @Query() query: unknown,
  ): Promise<SelectingListBody> {
    const input = parseInput(snapshotPageQuery, query);
    const page = await this.selections.policiesOf({ cluster, namespace, name, ...input });
    return snapshotPageToBody(page, input.limit, selectingToBody);
  }
}
