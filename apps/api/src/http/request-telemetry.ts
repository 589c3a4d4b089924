import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { runInRequest, traceIdFrom, type Log, type Metrics, type RequestContext } from '#telemetry';
import { routeOf } from '../access/route-needs.js';

// Probes and scrapes come every few seconds: their lines would bury the others.
const QUIET_ROUTES = new Set(['/livez', '/readyz', '/metrics']);

/** Gives every request its id, one line in the log and its place in the metrics. */
export function observeRequests(server: FastifyInstance, log: Log, metrics: Metrics): void {
  const durations = metrics.batchedHistogram('atlas_http_request_duration_seconds', 'Time to answer a request', [
    'method',
    'route',
    'status',
  ]);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const context = contextOf(request);
    if (context.traceId !== undefined) void reply.header('traceparent', request.headers['traceparent']);
    runInRequest(context, done);
  });
  // Once more behind the body: its events come from outside of the context.
  server.addHook('preHandler', (request, _reply, done) => {
    runInRequest(contextOf(request), done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request).url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    durations.observe(labels, reply.elapsedTime / 1000);
    if (!QUIET_ROUTES.has(route)) runInRequest(contextOf(request), () => logLine(log, request, reply));
    done();
  });
}

function contextOf({ id, headers }: FastifyRequest): RequestContext {
  const traceId = traceIdFrom(headers['traceparent']);
  return traceId === undefined ? { requestId: id } : { requestId: id, traceId };
}

function logLine(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  log.info('request answered', {
    method: request.method,
    path: pathOf(request.url),
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
  });
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
