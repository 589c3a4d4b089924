import { Body as RequestBody, Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Flows } from '#analysis';
import { AppError, explainFlowsInput, parseInput, suggestFlowsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { explainedFlowsBody, suggestionsBody } from './flows.body.js';

export type ExplainedFlowsBody = Body<typeof explainedFlowsBody>;
export type SuggestionsBody = Body<typeof suggestionsBody>;

@Controller('api/v1/clusters/:id/flows')
export class FlowsController {
  constructor(@Inject(Flows) private readonly flows: Flows) {}

  @Post('explain')
  @HttpCode(200)
  @RouteAction('question.ask')
  async explain(
    @Param('id') cluster: string,
    @RequestBody() body: unknown,
    @Query() query: unknown,
  ): Promise<ExplainedFlowsBody> {
    const input = parseInput(explainFlowsInput, query);
    const { read, standings, items, nextCursor, ...answer } = await this.flows.explain(cluster, textOf(body), input);
    return {
      read,
      standings,
      items: items.map((item) => ({
        ...item,
        rules: item.rules.map((rule) => ({ ...rule, policy: pickRef(rule.policy) })),
      })),
      page: { limit: input.limit, nextCursor },
      ...provenanceToBody(answer),
    };
  }

  @Post('suggest')
  @HttpCode(200)
  @RouteAction('question.ask')
  async suggest(
    @Param('id') cluster: string,
    @RequestBody() body: unknown,
    @Query() query: unknown,
  ): Promise<SuggestionsBody> {
    const input = parseInput(suggestFlowsInput, query);
    const { asOf, completeness, engineVersion, ...found } = await this.flows.suggest(cluster, textOf(body), input);
    return { ...found, ...provenanceToBody({ asOf, completeness, engineVersion }) };
  }
}

function textOf(body: unknown): string {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
  if (text.trim() !== '') return text;
  throw new AppError(
    'request.invalid',
    'the body is empty, send flows as lines of JSON, as `hubble observe -o json` writes them',
  );
}
