import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { RouteManners, RouteMethod, RouteNeed } from './action.decorator.js';

declare module 'fastify' {
  interface FastifyContextConfig extends RouteManners {
    readonly need?: RouteNeed;
    readonly method?: RouteMethod;
  }
}

/** Routes that no controller declares. */
const OTHER_ROUTES: Readonly<Record<string, RouteManners & { readonly need: RouteNeed }>> = {
  '/graphql': { need: 'fields', isKept: true },
};

/** Refuses every route, at registration, that does not say what it does. */
export function demandRouteNeeds(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.config = { ...OTHER_ROUTES[route.url], ...route.config };
    demandNeed(route);
  });
}

function demandNeed(route: RouteOptions): void {
  if (route.config?.need !== undefined) return;
  throw new Error(`invariant: ${String(route.method)} ${route.url} does not say what it does, give it @RouteAction`);
}

/** What the route of a request needs; `public` where there is no route. */
export function requestNeed(request: FastifyRequest): RouteNeed {
  return request.routeOptions.config.need ?? 'public';
}
