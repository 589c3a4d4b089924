import type { Type } from '@nestjs/common';
import { Extensions } from '@nestjs/graphql';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Action } from '#access';

/**
 * What a route needs: an action, `public` for what everybody may have, or `fields` where each field of a GraphQL
 * operation says it for itself.
 */
export type RouteNeed = Action | 'public' | 'fields';

export interface RouteManners {
  /** The answer follows from snapshots and the request alone, so that it has an `ETag`. */
  readonly isOfSnapshot?: boolean;
  /** Work begins that must not begin twice, so that an `Idempotency-Key` is honoured. */
  readonly startsWork?: boolean;
  /** The answer follows from snapshots and the request alone, and is likely to be asked for again. */
  readonly isKept?: boolean;
  /** Its method takes the body alone and gives what is sent, so that nothing has to stand between (`answerDirectly`). */
  readonly isDirect?: boolean;
}

/** The method of a controller that answers a route. */
export interface RouteMethod {
  readonly controller: Type;
  readonly name: string | symbol;
}

/** Says what a route does, and so who may use it. The server does not start with a route that says nothing. */
export function RouteAction(need: RouteNeed, manners: RouteManners = {}): MethodDecorator {
  return (target, name, descriptor) => {
    const method: RouteMethod = { controller: target.constructor as Type, name };
    RouteConfig({ need, method, ...manners })(target, name, descriptor);
  };
}

/** Says what a GraphQL field with a resolver of its own does, and so who may ask for it. `isKept` as for routes. */
export function FieldAction(action: Action, { isKept = false }: Pick<RouteManners, 'isKept'> = {}): MethodDecorator {
  return Extensions({ action, isKept });
}
