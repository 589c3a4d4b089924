import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Patterns } from '#analysis';
import { parseInput, patternInput } from '#contracts';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import { FillPatternInputModel } from './dto/pattern.input.js';
import { FilledPatternModel, PatternModel } from './dto/pattern.model.js';
import { toFilled } from './patterns.mapper.js';

@Resolver()
export class PatternsResolver {
  constructor(@Inject(Patterns) private readonly patterns: Patterns) {}

  @Query(() => [PatternModel], { name: 'patterns', description: 'Policies that are written again and again.' })
  @FieldAction('question.ask')
  list(): readonly Shape<PatternModel>[] {
    return this.patterns.all();
  }

  @Query(() => FilledPatternModel, { description: 'One of them filled in for a namespace, proved.' })
  @FieldAction('question.ask')
  async fillPattern(
    @Args('input', { type: () => FillPatternInputModel }) { cluster, pattern, ...rest }: FillPatternInputModel,
  ): Promise<Shape<FilledPatternModel>> {
    const answer = await this.patterns.fill(cluster, pattern, parseInput(patternInput, withoutNulls(rest)));
    return { __typename: 'FilledPattern', ...toFilled(answer), ...toAnswer(answer) };
  }
}
