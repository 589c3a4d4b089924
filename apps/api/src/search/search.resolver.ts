import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Counts, FleetSearch, LabelCounts, Selections } from '#analysis';
import { parseInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { AnswerConnection } from '../graphql/model/connection.model.js';
import type { Shape } from '../graphql/model/shape.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toAnswerConnection } from '../graphql/shared.mapper.js';
import { snapshotQuery } from '../inventory/inventory.query.js';
import { CountsArgs, LabelsArgs, PoliciesOfPodArgs, SearchArgs, SelectedArgs } from './dto/search.args.js';
import {
  ClusterCountsModel,
  FleetCountsModel,
  LabelCountConnection,
  SearchConnectionModel,
  SelectedConnection,
  SelectingPolicyConnection,
  type LabelCountModel,
  type SelectedModel,
  type SelectingPolicyModel,
} from './dto/search.model.js';
import { refOfKind } from './ref-of-kind.js';
import { toClusterCounts, toFleetCounts, toSearchConnection, toSelectingPolicy } from './search.graphql-mapper.js';
import { labelsQuery, searchQuery, snapshotPageQuery } from './search.query.js';

@Resolver()
export class SearchResolver {
  constructor(
    @Inject(Counts) private readonly objectCounts: Counts,
    @Inject(FleetSearch) private readonly fleet: FleetSearch,
    @Inject(LabelCounts) private readonly labelCounts: LabelCounts,
    @Inject(Selections) private readonly selections: Selections,
  ) {}

  @Query(() => SearchConnectionModel, { description: 'Objects of all clusters, by cluster, kind, namespace and name.' })
  @FieldAction('inventory.read')
  async search(@Args() args: SearchArgs): Promise<Shape<SearchConnectionModel>> {
    const input = { ...filtersOf(args), ...pageOf(args) };
    const { on: collection, kind: kinds, ...filter } = parseInput(searchQuery, input);
    return toSearchConnection(await this.fleet.search({ collection, kinds, ...filter }), args);
  }

  @Query(() => ClusterCountsModel, { description: 'How many objects a cluster has.' })
  @FieldAction('inventory.read')
  async counts(@Args() args: CountsArgs): Promise<Shape<ClusterCountsModel>> {
    const { at } = parseInput(snapshotQuery, { at: args.at ?? undefined });
    return toClusterCounts(await this.objectCounts.ofCluster(args.cluster, at));
  }

  @Query(() => FleetCountsModel, { description: 'How many objects all clusters have together.' })
  @FieldAction('inventory.read')
  async fleetCounts(): Promise<Shape<FleetCountsModel>> {
    return toFleetCounts(await this.objectCounts.ofFleet());
  }

  @Query(() => LabelCountConnection, { description: 'Keys of labels, or the values of one, the most used first.' })
  @FieldAction('inventory.read')
  async labels(@Args() args: LabelsArgs): Promise<AnswerConnection<Shape<LabelCountModel>>> {
    const query = parseInput(labelsQuery, {
      at: args.at ?? undefined,
      ...pageOf(args),
      on: args.on ?? undefined,
      key: args.key ?? undefined,
    });
    const page = await this.labelCounts.list({ cluster: args.cluster, ...query });
    return toAnswerConnection(page, args, (label) => label);
  }

  @Query(() => SelectedConnection, { description: 'What a policy or a Service selects.' })
  @FieldAction('inventory.read')
  async selected(@Args() args: SelectedArgs): Promise<AnswerConnection<Shape<SelectedModel>>> {
    const object = refOfKind(args.kind, args.namespace ?? '', args.name);
    const query = parseInput(snapshotPageQuery, { at: args.at ?? undefined, ...pageOf(args) });
    const page = await this.selections.selected({ cluster: args.cluster, object, ...query });
    return toAnswerConnection(page, args, (found) => found);
  }

  @Query(() => SelectingPolicyConnection, { description: 'The policies that select a pod, in order of evaluation.' })
  @FieldAction('inventory.read')
  async policiesOfPod(@Args() args: PoliciesOfPodArgs): Promise<AnswerConnection<Shape<SelectingPolicyModel>>> {
    const { cluster, namespace, name } = args;
    const query = parseInput(snapshotPageQuery, { at: args.at ?? undefined, ...pageOf(args) });
    const page = await this.selections.policiesOf({ cluster, namespace, name, ...query });
    return toAnswerConnection(page, args, toSelectingPolicy);
  }
}
