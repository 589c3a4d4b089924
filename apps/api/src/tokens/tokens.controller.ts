import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { createTokenInput, rotateTokenInput } from '#access';
import { ApiTokens } from '#analysis';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { issuedToBody, tokenToBody, type IssuedTokenBody, type TokenListBody } from './tokens.mapper.js';

@Controller('api/v1/tokens')
export class TokensController {
  constructor(@Inject(ApiTokens) private readonly tokens: ApiTokens) {}

  @Get()
  @RouteAction('token.own')
  async list(@Query() query: unknown): Promise<TokenListBody> {
    parseInput(noQuery, query);
    return { items: (await this.tokens.list()).map(tokenToBody) };
  }

  @Post()
  @RouteAction('token.own')
  async create(
    @Body() body: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenBody> {
    parseInput(noQuery, query);
    void reply.header('cache-control', 'no-store');
    return issuedToBody(await this.tokens.create(parseInput(createTokenInput, body)));
  }

  @Post(':token/rotate')
  @RouteAction('token.own')
  @HttpCode(201)
  async rotate(
    @Param('token') id: string,
    @Body() body: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenBody> {
    parseInput(noQuery, query);
    void reply.header('cache-control', 'no-store');
    const { overlapHours } = parseInput(rotateTokenInput, body ?? {});
    return issuedToBody(await this.tokens.rotate(id, overlapHours));
  }

  @Delete(':token')
  @RouteAction('token.own')
  @HttpCode(204)
  async revoke(@Param('token') id: string, @Query() query: unknown): Promise<void> {
    parseInput(noQuery, query);
    await this.tokens.revoke(id);
  }
}
