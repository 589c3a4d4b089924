import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Patterns } from '#analysis';
import { parseInput, patternInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { filledPatternBody, patternListBody } from './patterns.body.js';
import { toFilled } from './patterns.mapper.js';

export type PatternListBody = Body<typeof patternListBody>;
export type FilledPatternBody = Body<typeof filledPatternBody>;

@Controller('api/v1')
export class PatternsController {
  constructor(@Inject(Patterns) private readonly patterns: Patterns) {}

  @Get('patterns')
  @RouteAction('question.ask')
  list(@Query() query: unknown): PatternListBody {
    parseInput(noQuery, query);
    return { items: this.patterns.all() };
  }

  @Get('clusters/:id/patterns/:pattern')
  @RouteAction('question.ask')
  async fill(
    @Param('id') cluster: string,
    @Param('pattern') pattern: string,
    @Query() query: unknown,
  ): Promise<FilledPatternBody> {
    const answer = await this.patterns.fill(cluster, pattern, parseInput(patternInput, query));
    return { ...toFilled(answer), ...provenanceToBody(answer) };
  }
}
