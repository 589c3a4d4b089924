import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { FieldAction } from '../access/action.decorator.js';
import { CniHistory, Snapshots } from '#analysis';
import { parseInput, snapshotsInput } from '#contracts';
import type { AnswerConnection, Connection } from '../graphql/model/connection.model.js';
import type { Shape } from '../graphql/model/shape.js';
import { pageOf } from '../graphql/page.args.js';
import {
  SnapshotsArgs,
  CniHistoryArgs,
  CniNodesArgs,
  PinSnapshotInput,
  PinSnapshotPayloadModel,
} from './dto/history.args.js';
import {
  CniChangeConnection,
  NodeCniConnection,
  SnapshotConnection,
  type CniChangeModel,
  type NodeCniModel,
  type SnapshotModel,
} from './dto/history.model.js';
import {
  toCniChangeConnection,
  toNodeCniConnection,
  toSnapshot,
  toSnapshotConnection,
} from './history.graphql-mapper.js';
import { snapshotPageQuery } from '../search/search.query.js';
import { snapshotSeq } from './history.query.js';

@Resolver()
export class HistoryResolver {
  constructor(
    @Inject(Snapshots) private readonly snapshotList: Snapshots,
    @Inject(CniHistory) private readonly history: CniHistory,
  ) {}

  @Query(() => SnapshotConnection, { description: 'The snapshots of a cluster that are kept, newest first.' })
  @FieldAction('inventory.read')
  async snapshots(@Args() args: SnapshotsArgs): Promise<Connection<Shape<SnapshotModel>>> {
    const query = parseInput(snapshotsInput, { sort: args.sort ?? undefined, ...pageOf(args) });
    const page = await this.snapshotList.list(args.cluster, query);
    return toSnapshotConnection(page, args);
  }

  @Query(() => CniChangeConnection, { description: 'What a cluster ran as its network plugin, newest first.' })
  @FieldAction('cluster.read')
  async cniHistory(@Args() args: CniHistoryArgs): Promise<Connection<Shape<CniChangeModel>>> {
    const page = await this.history.list({ cluster: args.cluster, ...pageOf(args) });
    return toCniChangeConnection(page, args);
  }

  @Query(() => NodeCniConnection, { description: 'The network plugin node by node.' })
  @FieldAction('inventory.read')
  async cniNodes(@Args() args: CniNodesArgs): Promise<AnswerConnection<Shape<NodeCniModel>>> {
    const query = parseInput(snapshotPageQuery, { at: args.at ?? undefined, ...pageOf(args) });
    return toNodeCniConnection(await this.history.nodes({ cluster: args.cluster, ...query }), args);
  }

  @Mutation(() => PinSnapshotPayloadModel, {
    description: 'Keeps a snapshot from retention, or leaves it to it again.',
  })
  @FieldAction('question.write')
  async pinSnapshot(
    @Args('input', { type: () => PinSnapshotInput }) input: PinSnapshotInput,
  ): Promise<Shape<PinSnapshotPayloadModel>> {
    const { seq } = parseInput(snapshotSeq, { seq: String(input.seq) });
    return { snapshot: toSnapshot(await this.snapshotList.setPinned(input.cluster, seq, input.pinned)) };
  }
}
