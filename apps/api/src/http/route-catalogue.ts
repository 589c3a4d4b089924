import type { FastifyInstance } from 'fastify';

/** Which methods each path takes, for answering 405 apart from 404. */
export class RouteCatalogue {
  private readonly routes: { readonly pattern: RegExp; readonly methods: ReadonlySet<string> }[] = [];
  private readonly listed: { readonly method: string; readonly path: string }[] = [];

  /** Notes every route that is registered from now on. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      const methods = Array.isArray(route.method) ? route.method : [route.method];
      this.routes.push({ pattern: patternOf(route.url), methods: new Set(methods) });
      for (const method of methods) this.listed.push({ method, path: route.url });
    });
  }

  /** Methods that the path takes, sorted; empty when there is no such path. What there is can be asked for these. */
  allowedMethods(path: string): readonly string[] {
    const allowed = new Set<string>();
    for (const route of this.routes) {
      if (route.pattern.test(path)) for (const method of route.methods) allowed.add(method);
    }
    if (allowed.size > 0) allowed.add('OPTIONS');
    return [...allowed].sort();
  }

  /** Every registered method and path, as `{method: 'GET', path: '/api/v1/clusters/:id'}`. */
  list(): readonly { readonly method: string; readonly path: string }[] {
    return this.listed;
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
