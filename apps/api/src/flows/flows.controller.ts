import { Body as RequestBody, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Flows, KeptFlows } from '#analysis';
import { AppError, explainFlowsInput, keptFlowsInput, parseInput, suggestFlowsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { pageToBody } from '../rest/page.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { explainedFlowsBody, keepFlowsBody, keptFlowsBody, suggestionsBody } from './flows.body.js';
import { toKeptFlow } from './flows.mapper.js';

export type ExplainedFlowsBody = Body<typeof explainedFlowsBody>;
export type SuggestionsBody = Body<typeof suggestionsBody>;
export type KeepFlowsBody = Body<typeof keepFlowsBody>;
export type KeptFlowsBody = Body<typeof keptFlowsBody>;

@Controller('api/v1/clusters/:id/flows')
export class FlowsController {
  constructor(
    @Inject(Flows) private readonly flows: Flows,
    @Inject(KeptFlows) private readonly kept: KeptFlows,
  ) {}

  @Post()
  @HttpCode(200)
  @RouteAction('question.write')
  async keep(@Param('id') cluster: string, @RequestBody() body: unknown): Promise<KeepFlowsBody> {
    const { read, kept, refused, unnamed, dropped, ...answer } = await this.kept.keep(cluster, textOf(body));
    return { read, kept, refused, unnamed: [...unnamed], dropped, ...provenanceToBody(answer) };
  }

  @Get()
  @RouteAction('question.ask')
  async list(@Param('id') cluster: string, @Query() query: unknown): Promise<KeptFlowsBody> {
    const input = parseInput(keptFlowsInput, query);
    const { span, ...page } = await this.kept.list(cluster, input);
    return {
      total: span.flows,
      firstSeen: span.firstSeen?.toISOString() ?? null,
      lastSeen: span.lastSeen?.toISOString() ?? null,
      ...pageToBody(page, input.limit, toKeptFlow),
      ...provenanceToBody(page),
    };
  }

  @Post('explain')
  @HttpCode(200)
  @RouteAction('question.ask')
  async explain(
    @Param('id') cluster: string,
    @RequestBody() body: unknown,
    @Query() query: unknown,
  ): Promise<ExplainedFlowsBody> {
    const input = parseInput(explainFlowsInput, query);
    const { read, standings, items, nextCursor, ...answer } = await this.flows.explain(
      cluster,
      givenOrKept(body, input.kept),
      input,
    );
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
    const { asOf, completeness, engineVersion, ...found } = await this.flows.suggest(
      cluster,
      givenOrKept(body, input.kept),
      input,
    );
    return { ...found, ...provenanceToBody({ asOf, completeness, engineVersion }) };
  }
}

/** Null for the flows that the cluster keeps. */
function givenOrKept(body: unknown, kept = false): string | null {
  if (!kept) return textOf(body);
  if (bodyText(body) === '') return null;
  throw new AppError('request.invalid', '`kept` is about flows that the cluster keeps, leave it out or send no body');
}

function bodyText(body: unknown): string {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
  return text.trim() === '' ? '' : text;
}

function textOf(body: unknown): string {
  const text = bodyText(body);
  if (text !== '') return text;
  throw new AppError(
    'request.invalid',
    'the body is empty, send flows as lines of JSON, as `hubble observe -o json` writes them',
  );
}
