import { z } from 'zod';
import { parseInput, reachabilityInput, type ReachabilityInput } from '#contracts';

const digits = z.string().transform((text): unknown => (/^\d{1,5}$/.test(text) ? Number(text) : text));

/** A question as a query string: the fields of the body, with those of `l7` beside them. */
export const reachabilityQuery = reachabilityInput.omit({ l7: true, icmp: true, sourcePort: true }).extend({
  sourcePort: digits.pipe(reachabilityInput.shape.sourcePort).optional(),
  method: z.string().min(1).max(256).optional().describe('Of the HTTP request'),
  path: z.string().min(1).max(4096).optional().describe('Of the HTTP request'),
  host: z.string().min(1).max(256).optional().describe('Of the HTTP request'),
});

/** The question in a query string. @throws AppError `request.invalid` naming each wrong or unknown parameter */
export function parseReachabilityQuery(query: unknown): ReachabilityInput {
  const { method, path, host, ...rest } = parseInput(reachabilityQuery, query);
  if (method === undefined && path === undefined && host === undefined) return rest;
  return { ...rest, l7: { protocol: 'http', method, path, host } };
}
