import { Body, Controller, Get, Header, HttpCode, Inject, Post, Query } from '@nestjs/common';
import {
  CanReach,
  CanReachBatch,
  notFoundError,
  type CanReachOutcome,
  type Provenance,
  type SoonOrNow,
} from '#analysis';
import type { Judgement } from '#engine';
import { parseInput, reachabilityBatchInput, reachabilityInput, type ReachabilityInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { JSON_MEDIA_TYPE } from '../http/json-media-type.js';
import { reachabilityJson } from './reachability.json.js';
import { batchToBody, verdictToBody, type ReachabilityBatchBody, type VerdictBody } from './reachability.mapper.js';
import { parseReachabilityQuery } from './reachability.query.js';

@Controller('api/v1/reachability')
export class ReachabilityController {
  constructor(
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(CanReachBatch) private readonly canReachBatch: CanReachBatch,
  ) {}

  @Post()
  @RouteAction('question.ask', { isKept: true, isDirect: true })
  @HttpCode(200)
  @Header('content-type', JSON_MEDIA_TYPE)
  post(@Body() body: unknown): SoonOrNow<Buffer> {
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
  @Header('content-type', JSON_MEDIA_TYPE)
  get(@Query() query: unknown): SoonOrNow<Buffer> {
    return this.answer(parseReachabilityQuery(query));
  }

  /** For whoever wants to know whether, and not why. */
  @Post('verdict')
  @RouteAction('question.ask', { isKept: true, isDirect: true })
  @HttpCode(200)
  postVerdict(@Body() body: unknown): SoonOrNow<VerdictBody> {
    return this.judge(parseInput(reachabilityInput, body));
  }

  @Get('verdict')
  @RouteAction('question.ask', { isOfSnapshot: true, isKept: true })
  getVerdict(@Query() query: unknown): SoonOrNow<VerdictBody> {
    return this.judge(parseReachabilityQuery(query));
  }

  private judge(input: ReachabilityInput): SoonOrNow<VerdictBody> {
    return told(this.canReach.judge(input), verdictToBody);
  }

  private answer(input: ReachabilityInput): SoonOrNow<Buffer> {
    return told(this.canReach.execute(input), reachabilityJson);
  }
}

/** What tells an outcome, as soon as it is there. @throws AppError for what the snapshot does not hold */
function told<A extends Judgement, T>(
  outcome: SoonOrNow<CanReachOutcome<A>>,
  tell: (answer: A, provenance: Provenance) => T,
): SoonOrNow<T> {
  if (outcome instanceof Promise) return outcome.then((later) => told(later, tell));
  if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
  return tell(outcome.answer, outcome);
}
