import { Inject } from '@nestjs/common';
import { Args, Query, Resolver, Subscription } from '@nestjs/graphql';
import { ChangeFeed } from '#analysis';
import { parseInput } from '#contracts';
import type { Connection, Edge } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { subscriptionTo } from '../graphql/subscription-to.js';
import { toChangeConnection, toChangeEdge } from './changes.graphql-mapper.js';
import { changesQuery, changeStreamQuery } from './changes.query.js';
import { ChangeConnection, ChangeEdge, type ChangeModel } from './dto/change.model.js';
import { ChangesArgs, ChangeStreamArgs } from './dto/changes.args.js';

@Resolver()
export class ChangesResolver {
  constructor(@Inject(ChangeFeed) private readonly feed: ChangeFeed) {}

  @Query(() => ChangeConnection, { description: 'What changed, newest first: of every cluster, or of one.' })
  @FieldAction('inventory.read')
  async changes(@Args() args: ChangesArgs): Promise<Connection<Shape<ChangeModel>>> {
    const { kind: kinds, ...filter } = parseInput(changesQuery, {
      ...filtersOf(args),
      ...pageOf(args),
    });
    return toChangeConnection(await this.feed.list({ ...filter, kinds }), args);
  }

  @Subscription(() => ChangeEdge, {
    name: 'changes',
    description: 'Changes as they come, from `after` on, else from now on.',
  })
  @FieldAction('inventory.read')
  changeStream(@Args() args: ChangeStreamArgs): Promise<AsyncIterable<{ changes: Edge<Shape<ChangeModel>> }>> {
    const {
      kind: kinds,
      cursor,
      ...filter
    } = parseInput(changeStreamQuery, {
      ...filtersOf(args),
      cursor: args.after ?? undefined,
    });
    return subscriptionTo('changes', toChangeEdge, (signal) => this.feed.follow({ ...filter, kinds }, cursor, signal));
  }
}
