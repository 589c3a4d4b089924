import { Extensions } from '@nestjs/graphql';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Action } from '#access';

/**
 * What a route needs: an action, `public` for what everybody may have, or `fields` where each field of a GraphQL
 * operation says it for itself.
 */
export type RouteNeed = Action | 'public' | 'fields';

/** Says what a route does, and so who may use it. The server does not start with a route that says nothing. */
export function RouteAction(need: RouteNeed): MethodDecorator {
  return RouteConfig({ need });
}

/** Says what a GraphQL field with a resolver of its own does, and so who may ask for it. */
export function FieldAction(action: Action): MethodDecorator {
  return Extensions({ action });
}
