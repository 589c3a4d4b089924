import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '#contracts';
import type { Operation } from '../openapi/operation.js';
import { OPERATIONS } from '../openapi/operations.js';
import { negotiate } from './formats/negotiate.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fields that the items of the answered list are to have; null for all. */
    itemFields: ReadonlySet<string> | null;
  }
}

/**
 * Answers lists by GET with the fields of items that `fields` names alone. The parameter is taken here, so that no list
 * has to know it.
 */
export function sparseItems(server: FastifyInstance): void {
  const lists = new Map(
    OPERATIONS.flatMap((operation) => {
      const known = itemFields(operation);
      return known === null ? [] : [[operation.path.replace(/\{(\w+)\}/g, ':$1'), { operation, known }] as const];
    }),
  );
  server.decorateRequest('itemFields', null);
  server.addHook('onRoute', (route) => {
    const list = route.method === 'GET' || route.method === 'HEAD' ? lists.get(route.url) : undefined;
    if (list === undefined) return;
    const { known, operation } = list;
    route.preValidation = (request, reply, done) => {
      request.itemFields = takeFields(request, known);
      if (request.itemFields !== null && operation.forms !== undefined) {
        const { format } = request.query as { readonly format?: 'json' };
        if (negotiate(request, reply, ['json', ...operation.forms], format) !== 'json') throw notOfForm();
      }
      done();
    };
    route.preSerialization = (request, _reply, body, done) => {
      done(null, request.itemFields === null ? body : narrowed(body, request.itemFields));
    };
  });
}

/** The fields that items of an operation's answer have; null when it is no list that is read by GET. */
export function itemFields({ method, response }: Operation): readonly string[] | null {
  if (method !== 'get' || !(response instanceof z.ZodObject) || !('page' in response.shape)) return null;
  const { items } = response.shape as { readonly items?: z.ZodType };
  return items instanceof z.ZodArray && items.element instanceof z.ZodObject ? Object.keys(items.element.shape) : null;
}

function takeFields(request: FastifyRequest, known: readonly string[]): ReadonlySet<string> | null {
  const query = request.query as Record<string, unknown>;
  const given = query['fields'];
  if (given === undefined) return null;
  delete query['fields'];
  const fields = ([given].flat() as string[]).flatMap((text) => text.split(','));
  const wrong = fields.find((field) => !known.includes(field));
  if (wrong === undefined) return new Set(fields);
  const names = known.map((name) => `\`${name}\``).join(', ');
  throw wrongFields(`cannot be \`${wrong}\`, items of this list have ${names}`);
}

function narrowed(body: unknown, fields: ReadonlySet<string>): unknown {
  const { items, ...rest } = body as { readonly items?: readonly object[] };
  if (items === undefined) return body;
  const narrow = (item: object): object => Object.fromEntries(Object.entries(item).filter(([key]) => fields.has(key)));
  return { items: items.map(narrow), ...rest };
}

function notOfForm(): AppError {
  return wrongFields('narrows JSON alone, leave it out for other forms');
}

function wrongFields(detail: string): AppError {
  return new AppError('request.invalid', `\`/fields\`: ${detail}`, { errors: [{ pointer: '/fields', detail }] });
}
