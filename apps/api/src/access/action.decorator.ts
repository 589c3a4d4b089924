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
}

/** Says what a route does, and so who may use it. The server does not start with a route that says nothing. */
export function RouteAction(need: RouteNeed, manners: RouteManners = {}): MethodDecorator {
  return RouteConfig({ need, ...manners });
}

/** Says what a GraphQL field with a resolver of its own does, and so who may ask for it. `isKept` as for routes. */
export function FieldAction(action: Action, { isKept = false }: Pick<RouteManners, 'isKept'> = {}): MethodDecorator {
  return Extensions({ action, isKept });
}
