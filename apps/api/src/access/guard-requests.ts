import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessFor, ANONYMOUS, runWithAccess, type Access, type Action, type Caller } from '#access';
import { AppError } from '#contracts';
import { RATE_POLICY } from '../http/problem.js';
import type { CallerResolver } from './caller-resolver.js';
import type { QuestionRecorder } from './question-recorder.js';
import { questionOf } from './question-of.js';
import { rateLimited, type RateLimiter } from './rate-limiter.js';
import type { RouteNeed } from './action.decorator.js';
import { requestNeed } from './route-needs.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; nobody in particular at public routes. */
    caller: Caller;
    /** What the caller may see while the route does what it does; null where fields decide, and at public routes. */
    access: Access | null;
  }
}

/** What the guard works with; asked for when the application is there. */
export interface GuardParts {
  readonly resolver: CallerResolver;
  readonly recorder: QuestionRecorder;
  readonly limiter: RateLimiter;
}

/**
 * Lets a request through when its caller has a role for what the route does, and runs the rest of it with that access.
 * Who asks is found out before the body is read; the access is entered after, as reading a body leaves the context.
 */
export function guardRequests(server: FastifyInstance, parts: () => GuardParts): void {
  server.decorateRequest('caller', null as never);
  server.decorateRequest('access', null);
  server.addHook('onRequest', (request, reply, done) => {
    const need = requestNeed(request);
    request.caller = ANONYMOUS;
    // Where nobody is asked there is nothing to wait for, and a promise would cost more than the rest of this.
    if (need === 'public' || parts().resolver.isOpen) {
      enter(request, ANONYMOUS, need);
      done();
      return;
    }
    resolveCaller(parts(), request, reply)
      .then((caller) => {
        enter(request, caller, need);
      })
      .then(() => {
        done();
      }, done);
  });
  server.addHook('preHandler', (request: FastifyRequest, _reply, done) => {
    if (request.access === null) done();
    else runWithAccess(request.access, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const need = requestNeed(request);
    if (need !== 'public') {
      // Whoever gives a request an id may look for it, and what nobody asked before has nothing to join.
      const mayJoin = !request.isNew && request.headers['x-request-id'] === undefined;
      parts().recorder.record(questionOf(request, reply, need), mayJoin);
    }
    done();
  });
}

/** @throws AppError `forbidden` */
function enter(request: FastifyRequest, caller: Caller, need: RouteNeed): void {
  request.caller = caller;
  if (need !== 'public' && need !== 'fields') request.access = demandAccess(caller, need);
}

/** Callers have a share of requests each; whoever fails to say who it is has one by its address. */
async function resolveCaller(
  { resolver, limiter }: GuardParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller> {
  try {
    const caller = await resolver.resolve(request.headers);
    if (caller.authentication !== 'none') takeShare(limiter, caller.subject, reply);
    return caller;
  } catch (error) {
    if (error instanceof AppError && error.code === 'unauthenticated')
      takeShare(limiter, `address:${request.ip}`, reply);
    throw error;
  }
}

/** @throws AppError `rate.limited` */
function takeShare(limiter: RateLimiter, subject: string, reply: FastifyReply): void {
  const { limit, remaining, resetSeconds, isOver } = limiter.take(subject, Date.now());
  void reply.header('ratelimit-policy', `"${RATE_POLICY}";q=${String(limit)};w=60`);
  void reply.header('ratelimit', `"${RATE_POLICY}";r=${String(remaining)};t=${String(resetSeconds)}`);
  if (!isOver) return;
  void reply.header('retry-after', String(resetSeconds));
  throw rateLimited(resetSeconds);
}

/** The caller's access for an action. @throws AppError `forbidden` */
export function demandAccess(caller: Caller, action: Action): Access {
  const access = accessFor(caller, action);
  if (access !== null) return access;
  throw new AppError('forbidden', `no role of \`${caller.name}\` allows \`${action}\`, ask an administrator for one`);
}
