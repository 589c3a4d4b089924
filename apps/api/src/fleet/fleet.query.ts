import { z } from 'zod';
import { clusterRef, fleetInput, parseInput, type FleetInput } from '#contracts';
import { formatParameter } from '../rest/formats/negotiate.js';

export const FLEET_FORMATS = ['json', 'ndjson'] as const;
export const fleetQuery = z.strictObject({ format: formatParameter(FLEET_FORMATS) });

const { clusters: _, ...questionShape } = fleetInput.shape;

/** A question to many clusters as a query string. */
export const fleetStreamQuery = z.strictObject({
  cluster: z
    .union([clusterRef.transform((one) => [one]), z.array(clusterRef).min(1).max(1000)])
    .optional()
    .describe('Only these clusters, all when left out; repeatable'),
  ...questionShape,
});

/** The question in a query string. @throws AppError `request.invalid` naming each wrong or unknown parameter */
export function parseFleetStreamQuery(query: unknown): FleetInput {
  const { cluster: clusters, ...question } = parseInput(fleetStreamQuery, query);
  return parseInput(fleetInput, { ...question, clusters });
}
