import type { Readable } from 'node:stream';
import { Body as RequestBody, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Blast, Jobs, Levers, Outside, Why, type WhyAnswer } from '#analysis';
import { leversInput, parseInput, reachabilityInput } from '#contracts';
import { answerExhibit, blastExhibit, entryTable, exposureTable } from '#render';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { replyWithJob } from '../jobs/job-reply.js';
import type { JobBody } from '../jobs/jobs.mapper.js';
import { parseReachabilityQuery } from '../reachability/reachability.query.js';
import { negotiate } from '../rest/formats/negotiate.js';
import { linesBody, textBody } from '../rest/formats/text-body.js';
import { linkNextPage } from '../rest/next-page-link.js';
import { provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import { placeOf } from './connections.mapper.js';
import type { blastBody, entryPointsBody, exposureListBody, leverReportBody, whyBody } from './outside.body.js';
import { blastToBody, whyToBody } from './outside.mapper.js';
import {
  BLAST_FORMATS,
  blastQuery,
  entryPointsQuery,
  EXPOSURE_FORMATS,
  exposureQuery,
  TABLE_FORMATS,
  WHY_FORMATS,
  whyQuery,
} from './outside.query.js';

@Controller('api/v1')
export class OutsideController {
  constructor(
    @Inject(Outside) private readonly outside: Outside,
    @Inject(Blast) private readonly blast: Blast,
    @Inject(Why) private readonly whyCase: Why,
    @Inject(Levers) private readonly levers: Levers,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Get('clusters/:id/entry-points')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async entryPoints(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof entryPointsBody> | string> {
    const { format: named, ...input } = parseInput(entryPointsQuery, query);
    const format = negotiate(request, reply, TABLE_FORMATS, named);
    const { items, ...provenance } = await this.outside.entryPoints(cluster, input);
    if (format === 'json') return { items, ...provenanceToBody(provenance) };
    return textBody(reply, format, { data: items, table: () => entryTable(items) }, provenance);
  }

  /** A page; as NDJSON the whole list, while it is found. */
  @Get('clusters/:id/exposure')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async exposure(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof exposureListBody> | string | Readable> {
    const { format: named, ...input } = parseInput(exposureQuery, query);
    const format = negotiate(request, reply, EXPOSURE_FORMATS, named);
    if (format === 'ndjson') {
      const { limit: _, cursor: __, ...whole } = input;
      const { chunks, ...about } = await this.outside.everyExposure(cluster, whole);
      return linesBody(reply, chunks, about);
    }
    const page = await this.outside.exposure(cluster, input);
    linkNextPage(request, reply, page.nextCursor);
    const { items, nextCursor, caveat } = page;
    if (format === 'json')
      return { items, page: { limit: input.limit, nextCursor }, caveat, ...provenanceToBody(page) };
    return textBody(reply, format, { data: items, table: () => exposureTable(items) }, page);
  }

  @Get('clusters/:id/blast-radius')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async blastRadius(
    @Param('id') cluster: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof blastBody> | string> {
    const { format: named, ...input } = parseInput(blastQuery, query);
    const format = negotiate(request, reply, BLAST_FORMATS, named);
    const answer = await this.blast.execute(cluster, input);
    if (format === 'json') return blastToBody(answer);
    const { blast } = answer;
    return textBody(reply, format, blastExhibit(blast, placeOf(answer)), { ...answer, caveat: blast.caveat });
  }

  /** Starts a job that tries every policy that may change it. */
  @Post('clusters/:id/blast-radius/levers')
  @HttpCode(202)
  @RouteAction('question.ask', { startsWork: true })
  async tryLevers(
    @Param('id') cluster: string,
    @RequestBody() body: unknown,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobBody> {
    parseInput(noQuery, query);
    return replyWithJob(this.jobs, await this.levers.start(cluster, parseInput(leversInput, body)), request, reply);
  }

  @Get('clusters/:id/policy-levers/:job')
  @RouteAction('question.ask')
  async policyLevers(
    @Param('id') cluster: string,
    @Param('job') job: string,
    @Query() query: unknown,
  ): Promise<Body<typeof leverReportBody>> {
    parseInput(noQuery, query);
    const { id, of, direction, hops, levers, ...provenance } = await this.levers.get(cluster, job);
    return { id, of, direction, hops, ...levers, ...provenanceToBody(provenance) };
  }

  @Post('why')
  @HttpCode(200)
  @RouteAction('question.ask')
  async why(@RequestBody() body: unknown): Promise<Body<typeof whyBody>> {
    return whyToBody(await this.whyCase.execute(parseInput(reachabilityInput, body)));
  }

  @Get('why')
  @RouteAction('question.ask', { isOfSnapshot: true })
  async whyByQuery(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Body<typeof whyBody> | string> {
    const { format: named } = parseInput(whyQuery, query);
    const format = negotiate(request, reply, WHY_FORMATS, named);
    const { format: _, ...rest } = query as Readonly<Record<string, unknown>>;
    const found: WhyAnswer = await this.whyCase.execute(parseReachabilityQuery(rest));
    if (format === 'json') return whyToBody(found);
    const { answer, fixes } = found;
    return textBody(reply, format, answerExhibit(answer, placeOf(found), { fixes }), found);
  }
}
