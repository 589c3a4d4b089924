import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CrossCluster, Fleet, Probes, type FleetEnd, type FleetResult } from '#analysis';
import { crossClusterInput, fleetInput, parseInput, probePlanInput, probeResultsInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { EventStream, type ServerEvent } from '../rest/event-stream.js';
import { mediaTypeOf, negotiate } from '../rest/formats/negotiate.js';
import { asOfToBody, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body as BodyOf } from '../rest/schema-registry.js';
import type { crossClusterBody, fleetBody, fleetEventBody, probePlanBody, probeResultsBody } from './fleet.body.js';
import { FLEET_FORMATS, fleetQuery, parseFleetStreamQuery } from './fleet.query.js';

export type FleetBody = BodyOf<typeof fleetBody>;
export type CrossClusterBody = BodyOf<typeof crossClusterBody>;
export type ProbePlanBody = BodyOf<typeof probePlanBody>;
export type ProbeResultsBody = BodyOf<typeof probeResultsBody>;

@Controller('api/v1')
export class FleetController {
  constructor(
    @Inject(Fleet) private readonly fleet: Fleet,
    @Inject(CrossCluster) private readonly paths: CrossCluster,
    @Inject(Probes) private readonly probes: Probes,
    @Inject(EventStream) private readonly stream: EventStream,
  ) {}

  /** All answers together as JSON; each as it comes as NDJSON, the last line with the counts. */
  @Post('fleet/reachability')
  @HttpCode(200)
  @RouteAction('question.ask')
  async ask(
    @Body() body: unknown,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FleetBody | Readable> {
    const { format: named } = parseInput(fleetQuery, query);
    const answers = this.fleet.ask(parseInput(fleetInput, body));
    const format = negotiate(request, reply, FLEET_FORMATS, named);
    if (format === 'ndjson') {
      void reply.header('content-type', `${mediaTypeOf(format)}; charset=utf-8`);
      return Readable.from(lines(answers), { objectMode: false });
    }
    const items: FleetBody['items'][number][] = [];
    for await (const answer of answers) {
      if (answer.type !== 'end') items.push(resultToBody(answer));
      else {
        const { type: _, ...end } = answer;
        return { items, ...end };
      }
    }
    throw new Error('invariant: the answers of a fleet have an end');
  }

  /** Each answer as it comes, the counts last. Whoever comes back for more after those is told that there is none. */
  @Get('fleet/reachability/stream')
  @RouteAction('question.ask')
  follow(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const input = parseFleetStreamQuery(query);
    return this.stream.answer(request, reply, ({ lastEventId, signal }) =>
      Promise.resolve(lastEventId === END_ID ? null : events(this.fleet.ask(input), signal)),
    );
  }

  @Post('paths')
  @HttpCode(200)
  @RouteAction('question.ask')
  async path(@Body() body: unknown, @Query() query: unknown): Promise<CrossClusterBody> {
    parseInput(noQuery, query);
    const { from, to, ...answer } = await this.paths.execute(parseInput(crossClusterInput, body));
    return { ...answer, from: asOfToBody(from), to: asOfToBody(to) };
  }

  @Post('probes')
  @HttpCode(200)
  @RouteAction('question.ask')
  async plan(@Body() body: unknown, @Query() query: unknown): Promise<ProbePlanBody> {
    parseInput(noQuery, query);
    const { asOf, completeness, engineVersion, ...plan } = await this.probes.plan(parseInput(probePlanInput, body));
    return { ...plan, ...provenanceToBody({ asOf, completeness, engineVersion }) };
  }

  @Post('probes/results')
  @HttpCode(200)
  @RouteAction('question.ask')
  async judge(@Body() body: unknown, @Query() query: unknown): Promise<ProbeResultsBody> {
    parseInput(noQuery, query);
    const { asOf, completeness, engineVersion, ...judged } = await this.probes.judge(
      parseInput(probeResultsInput, body),
    );
    return { ...judged, ...provenanceToBody({ asOf, completeness, engineVersion }) };
  }
}

/** The id of the event with the counts; those before it have none, as nothing goes on in their middle. */
const END_ID = 'end';

async function* events(
  answers: AsyncIterable<FleetResult | FleetEnd>,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  for await (const answer of answers) {
    if (signal.aborted) return;
    yield { ...(answer.type === 'end' && { id: END_ID }), event: answer.type, data: lineOf(answer) };
  }
}

async function* lines(answers: AsyncIterable<FleetResult | FleetEnd>): AsyncGenerator<string> {
  for await (const answer of answers) yield `${JSON.stringify(lineOf(answer))}\n`;
}

function lineOf(answer: FleetResult | FleetEnd): BodyOf<typeof fleetEventBody> {
  return answer.type === 'end' ? answer : resultToBody(answer);
}

function resultToBody(result: FleetResult): FleetBody['items'][number] {
  return result.type === 'answer' ? { ...result, asOf: asOfToBody(result.asOf) } : result;
}
