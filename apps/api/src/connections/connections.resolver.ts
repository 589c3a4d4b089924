import { Inject } from '@nestjs/common';
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Connections } from '#analysis';
import { allConnectionsInput, connectionsInput, parseInput, type AllConnectionsInput } from '#contracts';
import { connectionMatrix } from '#engine';
import { render, type Graph } from '#render';
import { FieldAction } from '../access/action.decorator.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { PictureFormatEnum } from '../graphql/model/enums.js';
import type { Shape } from '../graphql/model/shape.js';
import { ForwardPageArgs, pageOf } from '../graphql/page.args.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { graphOf } from './connections.mapper.js';
import { ConnectionsInputModel, ConnectionsOverviewInputModel } from './dto/connections.input.js';
import { ConnectionGraphModel, ConnectionMatrixModel, ConnectionPageModel } from './dto/connections.model.js';

@Resolver(() => ConnectionGraphModel)
export class ConnectionsResolver {
  constructor(@Inject(Connections) private readonly useCase: Connections) {}

  @Query(() => ConnectionPageModel, { description: 'What can connect to what, as a list.' })
  @FieldAction('question.ask')
  async connections(
    @Args('input', { type: () => ConnectionsInputModel }) { cluster, ...filter }: ConnectionsInputModel,
    @Args() page: ForwardPageArgs,
  ): Promise<Shape<ConnectionPageModel>> {
    const input = parseInput(connectionsInput, withoutNulls({ ...filter, ...pageOf(page) }));
    const found = await this.useCase.page(cluster, input);
    const { caveat } = found;
    return {
      __typename: 'ConnectionConnection',
      ...toConnection(found.items, found, page),
      caveat,
      ...toAnswer(found),
    };
  }

  @Query(() => ConnectionMatrixModel, { description: 'What can connect to what, as a matrix.' })
  @FieldAction('question.ask')
  async connectionMatrix(
    @Args('input', { type: () => ConnectionsOverviewInputModel }) { cluster, ...rest }: ConnectionsOverviewInputModel,
  ): Promise<Shape<ConnectionMatrixModel>> {
    const found = await this.useCase.whole(cluster, overviewOf(rest));
    const { caveat } = found;
    return { __typename: 'ConnectionMatrix', ...connectionMatrix(found.rows), caveat, ...toAnswer(found) };
  }

  @Query(() => ConnectionGraphModel, { description: 'What can connect to what, as a picture.' })
  @FieldAction('question.ask')
  async connectionGraph(
    @Args('input', { type: () => ConnectionsOverviewInputModel }) { cluster, ...rest }: ConnectionsOverviewInputModel,
  ): Promise<Omit<Shape<ConnectionGraphModel>, 'drawn'>> {
    const input = overviewOf(rest);
    const found = await this.useCase.whole(cluster, input);
    const { caveat } = found;
    return { __typename: 'ConnectionGraph', ...graphOf(found, input.verdict), caveat, ...toAnswer(found) };
  }

  @ResolveField(() => String, { description: 'The picture as text.' })
  @FieldAction('question.ask')
  drawn(
    @Parent() graph: Graph,
    @Args('format', { type: () => PictureFormatEnum }) format: 'svg' | 'dot' | 'mermaid',
  ): Promise<string> {
    return render({ data: null, table: () => ({ columns: [], rows: [] }), graph: () => graph }, format);
  }
}

function overviewOf({ by, ...filter }: Omit<ConnectionsOverviewInputModel, 'cluster'>): AllConnectionsInput {
  return parseInput(allConnectionsInput, withoutNulls({ ...filter, by: by ?? 'namespace' }));
}
