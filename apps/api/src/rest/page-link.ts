import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sets the `Link` header (RFC 8288) that leads to the next page of a list. */
export function linkNextPage(request: FastifyRequest, reply: FastifyReply, nextCursor: string | null): void {
  if (nextCursor === null) return;
  const [path = '', search = ''] = request.url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('cursor', nextCursor);
  void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`);
}
