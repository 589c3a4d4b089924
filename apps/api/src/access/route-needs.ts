import type { FastifyContextConfig, FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { RouteManners, RouteMethod, RouteNeed } from './action.decorator.js';

declare module 'fastify' {
  interface FastifyContextConfig extends RouteManners {
    readonly need?: RouteNeed;
    readonly method?: RouteMethod;
  }
  interface FastifyRequest {
    /** What `routeOf` gives, once it was asked for. */
    knownRoute: RouteConfig | null;
  }
}

/** What was declared of a route; without an address where there is none. */
type RouteConfig = FastifyContextConfig & { readonly url?: string };

/** Routes that no controller declares. */
const OTHER_ROUTES: Readonly<Record<string, RouteManners & { readonly need: RouteNeed }>> = {
  '/graphql': { need: 'fields', isKept: true },
};

/** Refuses every route, at registration, that does not say what it does. */
export function demandRouteNeeds(server: FastifyInstance): void {
  server.decorateRequest('knownRoute', null);
  server.addHook('onRoute', (route) => {
    route.config = { ...OTHER_ROUTES[route.url], ...route.config };
    demandNeed(route);
  });
}

function demandNeed(route: RouteOptions): void {
  if (route.config?.need !== undefined) return;
  throw new Error(`invariant: ${String(route.method)} ${route.url} does not say what it does, give it @RouteAction`);
}

/** The route of a request. Fastify makes `routeOptions` anew, of twelve fields, for each look at them. */
export function routeOf(request: FastifyRequest): RouteConfig {
  return (request.knownRoute ??= request.routeOptions.config);
}

/** What the route of a request needs; `public` where there is no route. */
export function requestNeed(request: FastifyRequest): RouteNeed {
  return routeOf(request).need ?? 'public';
}
