import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { Baselines, type BaselineView } from '#analysis';
import { parseInput, setBaselineInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { pointToBody } from '../drift/drift.mapper.js';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body as BodyOf } from '../rest/schema-registry.js';
import type { baselineBody } from './baseline.body.js';

export type BaselineBody = BodyOf<typeof baselineBody>;

@Controller('api/v1/clusters/:id/baseline')
export class BaselinesController {
  constructor(@Inject(Baselines) private readonly baselines: Baselines) {}

  @Get()
  @RouteAction('question.ask')
  async get(@Param('id') id: string, @Query() query: unknown): Promise<BaselineBody> {
    parseInput(noQuery, query);
    return toBody(await this.baselines.get(id));
  }

  @Put()
  @RouteAction('question.write')
  async put(@Param('id') id: string, @Body() body: unknown, @Query() query: unknown): Promise<BaselineBody> {
    parseInput(noQuery, query);
    return toBody(await this.baselines.set(id, parseInput(setBaselineInput, body)));
  }

  @Delete()
  @RouteAction('question.write')
  @HttpCode(204)
  async remove(@Param('id') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.baselines.remove(id);
  }
}

function toBody({ name, snapshot, requester, setAt, ...provenance }: BaselineView): BaselineBody {
  return {
    name,
    snapshot: snapshot === null ? null : pointToBody(snapshot),
    requester,
    setAt: setAt.toISOString(),
    ...provenanceToBody(provenance),
  };
}
