import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WriteTurns } from '#analysis';
import { AppError } from '#contracts';
import { routeOf } from '../access/route-needs.js';
import { GRAPHQL_PATH } from '../graphql/graphql-options.js';
import { answeredByTag, contentTag, tagsIn } from './entity-tags.js';
import type { Problem } from './problem.js';
import { STATUS_BY_CODE } from './status-table.js';

const WRITES: ReadonlySet<string> = new Set(['PATCH', 'PUT', 'DELETE']);
/** Headers that say who asks, and on whose behalf. */
const OF_CALLER = ['authorization', 'x-request-id', 'traceparent'] as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** Ends its turn among the writes with a condition; null when it has none. */
    endTurn: (() => void) | null;
  }
}

/**
 * Gives a tag to each thing that can be written, and to what GraphQL answers by GET. A write with `If-Match` is done when
 * the thing still has that tag; such writes go one after the other.
 */
export function addConditions(server: FastifyInstance, turns: () => WriteTurns): void {
  const readable = new Set<string>();
  const tagged = new Set([GRAPHQL_PATH]);
  server.decorateRequest('endTurn', null);
  server.addHook('onRoute', ({ url, method }) => {
    const methods = [method].flat();
    if (methods.includes('GET')) readable.add(url);
    if (methods.some((each) => WRITES.has(each))) tagged.add(url);
  });

  server.addHook('preHandler', (request, _reply, done) => {
    if (!WRITES.has(request.method) || request.headers['if-match'] === undefined) {
      done();
      return;
    }
    turns()
      .take()
      .then((end) => {
        request.endTurn = end;
        return demandTag(server, request, readable.has(routeOf(request).url ?? ''));
      })
      .then(() => {
        done();
      }, done);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    // What was to be written is, also where nobody is there any more to be told.
    request.endTurn?.();
    const { url = '' } = routeOf(request);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const isTagged = isRead && reply.statusCode === 200 && !reply.hasHeader('etag');
    if (!isTagged || !tagged.has(url)) done(null, payload);
    else if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) done(null, payload);
    else {
      void reply.header('cache-control', 'private, no-cache');
      done(null, answeredByTag(request, reply, payload, contentTag(String(payload))));
    }
  });
}

/** @throws AppError `precondition.failed` when what a write is about is not what its caller knows; why it cannot be read now */
async function demandTag(server: FastifyInstance, request: FastifyRequest, isReadable: boolean): Promise<void> {
  const wanted = tagsIn(request.headers['if-match']);
  const headers = new Headers();
  for (const name of OF_CALLER) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const [path = ''] = request.url.split('?');
  const now = isReadable ? await fetch(`${server.listeningOrigin}${path}`, { headers }) : null;
  const body = (await now?.text()) ?? '';
  if (now?.ok === false) {
    const { code, detail, retryable } = JSON.parse(body) as Problem;
    // What cannot be looked at for the moment may have changed.
    if (now.status === STATUS_BY_CODE['rate.limited'] || now.status >= 500)
      throw new AppError(code, detail, { retryable });
    // What is not there, or not for the caller, is told by the write itself, unless that would make it.
    if (request.method !== 'PUT' || code !== 'not_found') return;
  }
  const tag = now?.ok === true ? now.headers.get('etag') : null;
  if (wanted.includes('*') ? now?.ok !== false : tag !== null && wanted.includes(tag)) return;
  const is = tag === null ? 'has no tag' : `has the tag \`${tag}\` now`;
  throw new AppError('precondition.failed', `it ${is}, which \`If-Match\` does not name: read it again, then decide`);
}
