import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Leads from each page of a list that is asked for by GET to the next one. */
export function linkNextPages(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, body, done) => {
    if (request.method !== 'POST') linkNextPage(request, reply, nextCursorOf(body));
    done(null, body);
  });
}

/** Sets the `Link` header (RFC 8288) that leads to the next page; for pages in other forms than JSON. */
export function linkNextPage(request: FastifyRequest, reply: FastifyReply, nextCursor: string | null): void {
  if (nextCursor === null) return;
  const [path = '', search = ''] = request.url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('cursor', nextCursor);
  void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`);
}

function nextCursorOf(body: unknown): string | null {
  const { page } = body as { readonly page?: { readonly nextCursor?: string | null } };
  return page?.nextCursor ?? null;
}
