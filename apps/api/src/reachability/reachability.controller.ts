import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { CanReach, CanReachBatch, notFoundError } from '#analysis';
import { parseInput, reachabilityBatchInput, reachabilityInput, type ReachabilityInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import {
  batchToBody,
  reachabilityToBody,
  verdictToBody,
  type ReachabilityBatchBody,
  type ReachabilityBody,
  type VerdictBody,
} from './reachability.mapper.js';
import { parseReachabilityQuery } from './reachability.query.js';

@Controller('api/v1/reachability')
export class ReachabilityController {
  constructor(
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(CanReachBatch) private readonly canReachBatch: CanReachBatch,
  ) {}

  @Post()
  @RouteAction('question.ask', { isKept: true })
  @HttpCode(200)
  post(@Body() body: unknown): Promise<ReachabilityBody> {
    return this.answer(parseInput(reachabilityInput, body));
  }

  /** 200 even if some fail: each item has a status of its own. */
  @Post('batch')
  @RouteAction('question.ask')
  @HttpCode(200)
  async batch(@Body() body: unknown): Promise<ReachabilityBatchBody> {
    return batchToBody(await this.canReachBatch.execute(parseInput(reachabilityBatchInput, body)));
  }

  @Get()
  @RouteAction('question.ask', { isOfSnapshot: true, isKept: true })
  get(@Query() query: unknown): Promise<ReachabilityBody> {
    return this.answer(parseReachabilityQuery(query));
  }

  /** For whoever wants to know whether, and not why. */
  @Post('verdict')
  @RouteAction('question.ask', { isKept: true })
  @HttpCode(200)
  postVerdict(@Body() body: unknown): Promise<VerdictBody> {
    return this.judge(parseInput(reachabilityInput, body));
  }

  @Get('verdict')
  @RouteAction('question.ask', { isOfSnapshot: true, isKept: true })
  getVerdict(@Query() query: unknown): Promise<VerdictBody> {
    return this.judge(parseReachabilityQuery(query));
  }

  private async judge(input: ReachabilityInput): Promise<VerdictBody> {
    const outcome = await this.canReach.judge(input);
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    return verdictToBody(outcome.answer, outcome);
  }

  private async answer(input: ReachabilityInput): Promise<ReachabilityBody> {
    const outcome = await this.canReach.execute(input);
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    return reachabilityToBody(outcome.answer, outcome);
  }
}
