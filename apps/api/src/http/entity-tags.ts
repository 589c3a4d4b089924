import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The one thing in an answer that moves on by itself. */
export const AGE = /"stalenessMs":(\d+)/g;

/** A strong tag of what is given: equal for equal parts. */
export function entityTag(parts: readonly unknown[]): string {
  return `"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}"`;
}

/** The tag of an answer by what it says; the age of the data moves on without it. */
export function contentTag(payload: string): string {
  return entityTag([payload.replace(AGE, '')]);
}

/** Sends the tag with an answer, and nothing but the tag to who has the answer already. */
export function answeredByTag(request: FastifyRequest, reply: FastifyReply, payload: unknown, tag: string): unknown {
  void reply.header('etag', tag);
  const known = tagsIn(request.headers['if-none-match']).map((one) => one.replace(/^W\//, ''));
  if (!known.includes(tag) && !known.includes('*')) return payload;
  // Nobody will read a list that would be sent while it is found.
  if (payload instanceof Readable) payload.destroy();
  void reply.status(304).removeHeader('content-type').removeHeader('content-length');
  // What drops the body of an answer to HEAD wants one, and tells the length of a text.
  return request.method === 'HEAD' ? Readable.from([]) : null;
}

/** The tags that a header lists, as they are written. */
export function tagsIn(header: string | undefined): readonly string[] {
  return header?.split(',').map((tag) => tag.trim()) ?? [];
}
