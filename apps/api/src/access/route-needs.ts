import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { RouteManners, RouteNeed } from './action.decorator.js';

declare module 'fastify' {
  interface FastifyContextConfig extends RouteManners {
    readonly need?: RouteNeed;
  }
}

/** Routes that no controller declares. */
const OTHER_ROUTES: Readonly<Record<string, RouteNeed>> = { '/graphql': 'fields' };

/** Refuses every route, at registration, that does not say what it does. */
export function demandRouteNeeds(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.config = { ...route.config, need: needOf(route) };
  });
}

function needOf(route: RouteOptions): RouteNeed {
  const need = route.config?.need ?? OTHER_ROUTES[route.url];
  if (need !== undefined) return need;
  throw new Error(`invariant: ${String(route.method)} ${route.url} does not say what it does, give it @RouteAction`);
}

/** What the route of a request needs; `public` where there is no route. */
export function requestNeed(request: FastifyRequest): RouteNeed {
  return request.routeOptions.config.need ?? 'public';
}
