import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IdempotencyScope, IdempotentRequestRepository } from '#analysis';
import { AppError } from '#contracts';
import { ENGINE_VERSION } from '#engine';
import { answeredByTag, entityTag } from '../http/entity-tags.js';
import { routeOf } from './route-needs.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key whose answer this request gives; null when it has none. */
    keyed: IdempotencyScope | null;
  }
}

const KEY = /^"?([\x21\x23-\x7e]{1,255})"?$/;
/** Headers that a repeated answer needs. */
const KEPT_HEADERS = ['content-type', 'location', 'retry-after'] as const;

/**
 * Answers repeated requests from what is known: an answer of snapshots by its tag, and one that started work by the key
 * that came with it.
 */
export function addRequestManners(server: FastifyInstance, requests: () => IdempotentRequestRepository): void {
  server.decorateRequest('keyed', null);
  server.addHook('preHandler', (request, reply, done) => {
    const scope = keyOf(request);
    if (scope !== null) return claimed(requests(), scope, request, reply);
    done();
    return undefined;
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    const { need, isOfSnapshot } = routeOf(request);
    if (need !== undefined && need !== 'public' && !reply.hasHeader('cache-control')) {
      void reply.header('cache-control', 'private, no-cache').header('vary', 'authorization, accept');
    }
    const told = isOfSnapshot === true && reply.statusCode === 200 ? tagged(request, reply, payload) : payload;
    if (request.keyed !== null) return keepAnswer(requests(), request.keyed, reply, told).then(() => told);
    done(null, told);
    return undefined;
  });
}

/** Answers a repeated request from what its key is known for; the first goes on. */
async function claimed(
  requests: IdempotentRequestRepository,
  scope: IdempotencyScope,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const claim = await requests.claim(scope, bodyHash(request.body));
  if (claim.type === 'first') {
    request.keyed = scope;
    return undefined;
  }
  if (claim.type === 'answered') {
    const { status, headers, body } = claim.answer;
    return reply.status(status).headers(headers).header('idempotency-replayed', 'true').send(body);
  }
  throw claim.type === 'running' ? stillRunning() : otherBody();
}

function keyOf(request: FastifyRequest): IdempotencyScope | null {
  const header = request.headers['idempotency-key'];
  if (routeOf(request).startsWork !== true || header === undefined) return null;
  const key = KEY.exec(String(header))?.[1];
  if (key !== undefined) {
    return { subject: request.caller.subject, route: `${request.method} ${request.url}`, key };
  }
  throw new AppError('request.invalid', '`Idempotency-Key` must be up to 255 visible characters, as `"8e03978e"`');
}

function bodyHash(body: unknown): string {
  const bytes = body instanceof Uint8Array ? body : JSON.stringify(body ?? null);
  return createHash('sha256').update(bytes).digest('base64url');
}

/** What failed by a fault of ours may be tried again with the same key. */
async function keepAnswer(
  requests: IdempotentRequestRepository,
  scope: IdempotencyScope,
  reply: FastifyReply,
  payload: unknown,
): Promise<void> {
  if (reply.statusCode >= 500 || typeof payload !== 'string') {
    await requests.forget(scope);
    return;
  }
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
  await requests.finish(scope, {
    status: reply.statusCode,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: payload,
  });
}

/**
 * The same snapshots, question, form and scope give the same answer, so that together they are its tag. The age of the
 * data is told too, and moves on without the tag.
 */
function tagged(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { access, headers, url } = request;
  if (access === null || access.sources.length === 0) return payload;
  const parts = [access.sources, normalUrl(url), headers.accept ?? '', access.scopeKey, ENGINE_VERSION];
  return answeredByTag(request, reply, payload, entityTag(parts));
}

/** Parameters in any order are the same question. */
function normalUrl(url: string): string {
  const [path = '', search = ''] = url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.sort();
  return `${path}?${parameters.toString()}`;
}

function stillRunning(): AppError {
  const detail = 'the first request with this `Idempotency-Key` is not answered yet, ask again later';
  return new AppError('idempotency.running', detail, { retryable: true });
}

function otherBody(): AppError {
  return new AppError('idempotency.mismatch', 'this `Idempotency-Key` came with another body before, take a new one');
}
