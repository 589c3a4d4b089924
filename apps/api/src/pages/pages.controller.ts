import { createReadStream } from 'node:fs';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppError, ERROR_CODES, type ErrorCode } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { ASSETS } from './page-assets.js';
import { DOCS_PAGE, GRAPHIQL_PAGE, PAGE_HEADERS, problemPage, START_PAGE } from './pages.js';

const HTML = 'text/html; charset=utf-8';

@Controller()
export class PagesController {
  @Get()
  @RouteAction('public')
  start(@Res() reply: FastifyReply): void {
    sendPage(reply, START_PAGE);
  }

  @Get('docs')
  @RouteAction('public')
  docs(@Res() reply: FastifyReply): void {
    sendPage(reply, DOCS_PAGE);
  }

  @Get('graphiql')
  @RouteAction('public')
  graphiql(@Res() reply: FastifyReply): void {
    sendPage(reply, GRAPHIQL_PAGE);
  }

  @Get('problems/:code')
  @RouteAction('public')
  problem(@Param('code') code: string, @Res() reply: FastifyReply): void {
    if (!isErrorCode(code)) throw new AppError('not_found', `there is no problem type \`${code}\``);
    sendPage(reply, problemPage(code));
  }

  @Get('assets/:page/:file')
  @RouteAction('public')
  asset(@Param('page') page: string, @Param('file') file: string, @Res() reply: FastifyReply): void {
    const path = `${page}/${file}`;
    const asset = Object.hasOwn(ASSETS, path) ? ASSETS[path] : undefined;
    if (asset === undefined) throw new AppError('not_found', `there is no asset \`${path}\``);
    void reply
      .headers({ ...PAGE_HEADERS, 'cache-control': 'public, max-age=3600' })
      .type(asset.type)
      .send('text' in asset ? asset.text : createReadStream(asset.file));
  }
}

function sendPage(reply: FastifyReply, html: string): void {
  void reply.headers(PAGE_HEADERS).type(HTML).send(html);
}

function isErrorCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}
