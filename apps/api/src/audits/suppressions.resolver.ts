import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Suppressions } from '#analysis';
import { parseInput, suppressionInput, suppressionsInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toSuppressionModel } from './audits.graphql-mapper.js';
import { AddSuppressionInputModel, SuppressionsArgs, RemoveSuppressionInputModel } from './dto/audit.input.js';
import { SuppressionConnection, SuppressionModel, SuppressionPayloadModel } from './dto/suppression.model.js';

@Resolver(() => SuppressionModel)
export class SuppressionsResolver {
  constructor(@Inject(Suppressions) private readonly suppressions: Suppressions) {}

  @Query(() => SuppressionConnection, {
    name: 'suppressions',
    description: 'Accepted findings, the next to come back first.',
  })
  @FieldAction('audit.read')
  async list(@Args() args: SuppressionsArgs): Promise<Connection<Shape<SuppressionModel>>> {
    const page = await this.suppressions.list(parseInput(suppressionsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toSuppressionModel), page, args);
  }

  @Mutation(() => SuppressionPayloadModel, { description: 'Accepts findings for a time, with an owner and a reason.' })
  @FieldAction('finding.write')
  async addSuppression(
    @Args('input', { type: () => AddSuppressionInputModel }) input: AddSuppressionInputModel,
  ): Promise<Shape<SuppressionPayloadModel>> {
    const given = parseInput(suppressionInput, withoutNulls(input));
    return { suppression: toSuppressionModel(await this.suppressions.add(given)) };
  }

  @Mutation(() => SuppressionPayloadModel, { description: 'Lets findings count again.' })
  @FieldAction('finding.write')
  async removeSuppression(
    @Args('input', { type: () => RemoveSuppressionInputModel }) input: RemoveSuppressionInputModel,
  ): Promise<Shape<SuppressionPayloadModel>> {
    return { suppression: toSuppressionModel(await this.suppressions.remove(input.suppression)) };
  }
}
