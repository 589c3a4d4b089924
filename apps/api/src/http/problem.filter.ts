import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import type { Log } from '#telemetry';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';
import type { RouteCatalogue } from './route-catalogue.js';
import { STATUS_BY_CODE } from './status-table.js';
import { toAppError } from './to-app-error.js';

/** Answers every failed HTTP request with a problem document. GraphQL errors pass through: its own formatter has them. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteCatalogue,
    private readonly log: Log,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    if (host.getType<string>() !== 'http') throw exception;
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const path = request.url.split('?')[0] ?? request.url;
    const allowed = request.is404 ? this.routes.allowedMethods(path) : [];
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '));
    if (allowed.length > 0 && request.method === 'OPTIONS') {
      void reply.status(204).send();
      return;
    }
    const error = refine(toAppError(exception), request, allowed, path);
    if (STATUS_BY_CODE[error.code] >= 500)
      this.log.error('request failed', { code: error.code, error: error.cause ?? error });
    if (reply.sent) return;
    // RFC 9110: who is refused is told how to say who it is.
    if (error.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    const problem = problemOf(error, request.id, path);
    void reply
      .status(problem.status)
      .header('content-type', PROBLEM_MEDIA_TYPE)
      .header('x-request-id', request.id)
      .send(JSON.stringify(problem));
  }
}

/** A path that exists for other methods is not "not found". */
function refine(error: AppError, request: FastifyRequest, allowed: readonly string[], path: string): AppError {
  if (error.code !== 'not_found' || !request.is404) return error;
  if (allowed.length === 0)
    return new AppError('not_found', `there is nothing at \`${path}\`, \`/docs\` lists what there is`);
  return new AppError(
    'method_not_allowed',
    `\`${path}\` does not take \`${request.method}\`, it takes ${allowed.join(', ')}`,
  );
}
