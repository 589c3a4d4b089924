import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { currentAccess } from '#access';
import { AppError } from '#contracts';
import { JOB_QUEUE, type JobBoard, type JobQueue } from '#queue';
import { RouteAction } from '../access/action.decorator.js';
import { BASED_PAGE_HEADERS } from '../pages/pages.js';

const BASE = '/board';
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** The queues as Bull Board shows them: of all clusters, so for those alone who may see them all. */
@Controller()
export class BoardController {
  private board: Promise<JobBoard | null> | null = null;

  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  @Get(['board', 'board/*'])
  @RouteAction('queue.read')
  async answer(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { seesEverything, caller } = currentAccess();
    if (!seesEverything) {
      throw new AppError('forbidden', `\`${caller.name}\` may see a part only, the queues are of all clusters`);
    }
    const path = (request.url.split('?')[0] ?? '').slice(BASE.length);
    const board = await (this.board ??= this.queue.board(BASE));
    const answer = (await board?.answer(path, query)) ?? null;
    if (answer === null) throw new AppError('not_found', `there is nothing at \`${BASE}${path}\`, see \`${BASE}\``);
    reply.headers(BASED_PAGE_HEADERS);
    if (answer.type === 'data') await reply.status(answer.status).send(answer.body);
    else if (answer.type === 'page') await reply.type('text/html; charset=utf-8').send(answer.html);
    else await reply.type(TYPES[answer.extension] ?? 'application/octet-stream').send(answer.bytes);
  }
}
