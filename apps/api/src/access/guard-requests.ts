import type { FastifyInstance, FastifyRequest } from 'fastify';
import { accessFor, ANONYMOUS, runWithAccess, type Access, type Action, type Caller } from '#access';
import { AppError } from '#contracts';
import type { CallerResolver } from './caller-resolver.js';
import { requestNeed } from './route-needs.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; nobody in particular at public routes. */
    caller: Caller;
    /** What the caller may see while the route does what it does; null where fields decide, and at public routes. */
    access: Access | null;
  }
}

/**
 * Lets a request through when its caller has a role for what the route does, and runs the rest of it with that access.
 * Who asks is found out before the body is read; the access is entered after, as reading a body leaves the context.
 */
export function guardRequests(server: FastifyInstance, resolver: () => CallerResolver): void {
  server.decorateRequest('caller', null as never);
  server.decorateRequest('access', null);
  server.addHook('onRequest', async (request) => {
    const need = requestNeed(request);
    request.caller = need === 'public' ? ANONYMOUS : await resolver().resolve(request.headers);
    request.access = need === 'public' || need === 'fields' ? null : demandAccess(request.caller, need);
  });
  server.addHook('preHandler', (request: FastifyRequest, _reply, done) => {
    if (request.access === null) done();
    else runWithAccess(request.access, done);
  });
}

/** The caller's access for an action. @throws AppError `forbidden` */
export function demandAccess(caller: Caller, action: Action): Access {
  const access = accessFor(caller, action);
  if (access !== null) return access;
  throw new AppError('forbidden', `no role of \`${caller.name}\` allows \`${action}\`, ask an administrator for one`);
}
