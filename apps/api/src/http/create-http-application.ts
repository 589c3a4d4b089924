import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AgentHub, IdempotentRequestRepository, WriteTurns } from '#analysis';
import { AppError } from '#contracts';
import { NestLog, requestIdFrom, type Log, type Metrics } from '#telemetry';
import { CallerResolver } from '../access/caller-resolver.js';
import { guardRequests, type GuardParts } from '../access/guard-requests.js';
import { QuestionRecorder } from '../access/question-recorder.js';
import { RateLimiter } from '../access/rate-limiter.js';
import { addRequestManners } from '../access/request-manners.js';
import { demandRouteNeeds } from '../access/route-needs.js';
import { admitAgents } from '../agents/admit-agents.js';
import { linkNextPages } from '../rest/next-page-link.js';
import { sparseItems } from '../rest/sparse-items.js';
import { BODY_LIMIT_BYTES, registerBodyParsers } from './body-parsers.js';
import { drainConnections } from './connection-drain.js';
import { addConditions } from './conditional-requests.js';
import { answerDirectly } from './direct-routes.js';
import { keepAnswers } from './kept-answers.js';
import { ProblemFilter } from './problem.filter.js';
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.js';
import { observeRequests } from './request-telemetry.js';
import { RouteCatalogue } from './route-catalogue.js';
import { toAppError } from './to-app-error.js';

const MAX_PARAMETER_CHARACTERS = 1_024;

export interface HttpApplicationOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  /** False leaves signals to the caller, who has more to stop than the application. Defaults to true. */
  readonly handleSignals?: boolean;
}

/**
 * A Nest application over HTTP around a root module, ready to `listen`: problem documents for every error, request
 * ids, strict bodies, logs and metrics. The server carries its `RouteCatalogue` as `routeCatalogue`.
 */
export async function createHttpApplication(
  root: Type | DynamicModule,
  { log, metrics, handleSignals = true }: HttpApplicationOptions,
): Promise<NestFastifyApplication> {
  const routes = new RouteCatalogue();
  const adapter = createAdapter();
  const server = adapter.getInstance<FastifyInstance>();
  routes.watch(server);
  server.decorate('routeCatalogue', routes);
  registerBodyParsers(server);
  drainConnections(server);
  observeRequests(server, log, metrics);
  demandRouteNeeds(server);
  keepAnswers(server);
  const parts: {
    guard?: GuardParts;
    requests?: IdempotentRequestRepository;
    agents?: AgentHub;
    turns?: WriteTurns;
    controllerOf?: (type: Type) => unknown;
  } = {};
  linkNextPages(server);
  sparseItems(server);
  addRequestManners(server, () => made(parts.requests));
  addConditions(server, () => made(parts.turns));
  guardRequests(server, () => made(parts.guard));
  admitAgents(server, () => made(parts.agents));
  answerDirectly(server, (type) => made(parts.controllerOf)(type));
  const settings = { logger: new NestLog(log), bodyParser: false, abortOnError: false };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, settings);
  parts.requests = app.get(IdempotentRequestRepository, { strict: false });
  parts.agents = app.get(AgentHub, { strict: false });
  parts.turns = app.get(WriteTurns, { strict: false });
  parts.controllerOf = (type) => app.get<unknown>(type, { strict: false });
  parts.guard = {
    resolver: app.get(CallerResolver, { strict: false }),
    recorder: app.get(QuestionRecorder, { strict: false }),
    limiter: app.get(RateLimiter, { strict: false }),
  };
  app.useGlobalFilters(new ProblemFilter(routes, log));
  if (handleSignals) app.enableShutdownHooks();
  return app;
}

/** Hooks come before the application, and run after it is made. */
function made<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('invariant: a request came before the application was made');
  return part;
}

function createAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: true,
    genReqId: (request: IncomingMessage) => requestIdFrom(request.headers['x-request-id']),
    // While the server stops, requests that are already on their way are still answered (see `drainConnections`).
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  });
}

/** Errors of the router itself (a malformed address), which come before any hook or filter. */
function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(toAppError(error), request.id, request.url.split('?')[0] ?? '');
  void reply
    .status(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .header('x-request-id', request.id)
    .send(JSON.stringify(problem));
}

/** Bytes that are not HTTP. There is no request yet, so the answer is written by hand. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const failure = new AppError('request.invalid', 'the request is not valid HTTP');
  const problem = problemOf(failure, requestIdFrom(undefined), '');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy();
}
