import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '#contracts';

/** Every form that an answer may be asked for in, with the type that names it in `Accept`, best known first. */
const MEDIA_TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  md: 'text/markdown',
  svg: 'image/svg+xml',
  dot: 'text/vnd.graphviz',
  mermaid: 'text/vnd.mermaid',
} as const;

export type RestFormat = keyof typeof MEDIA_TYPES;

export function mediaTypeOf(format: RestFormat): string {
  return MEDIA_TYPES[format];
}

/** The `format` parameter of a route that offers these forms. */
export function formatParameter<const F extends readonly [RestFormat, ...RestFormat[]]>(
  offered: F,
): z.ZodOptional<z.ZodEnum<{ [K in F[number]]: K }>> {
  return z.enum(offered).optional().describe('The form of the answer; it wins over `Accept`');
}

/**
 * The form that the caller wants: the one that was named, else the best of `Accept`, else the first that is offered.
 * @throws AppError `not_acceptable` when none that is offered would do
 */
export function negotiate<F extends RestFormat>(
  request: FastifyRequest,
  reply: FastifyReply,
  offered: readonly [F, ...F[]],
  named: F | undefined,
): F {
  void reply.header('vary', 'Accept');
  if (named !== undefined) return named;
  const wanted = acceptedTypes(request.headers.accept);
  if (wanted.length === 0) return offered[0];
  for (const range of wanted) {
    const match = offered.find((format) => covers(range, MEDIA_TYPES[format]));
    if (match !== undefined) return match;
  }
  const types = offered.map((format) => `\`${MEDIA_TYPES[format]}\``).join(', ');
  throw new AppError('not_acceptable', `this answer can be had as ${types}; send one of them in \`Accept\``);
}

/** Media ranges of an `Accept` header, the most wanted first (RFC 9110); those of weight 0 are left out. */
function acceptedTypes(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = parameters.find((text) => text.startsWith('q='));
      return { range, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
    })
    .filter(({ range, weight }) => range !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range);
}

function covers(range: string, type: string): boolean {
  if (range === '*/*' || range === type) return true;
  return range.endsWith('/*') && type.startsWith(range.slice(0, -1));
}
