import { z } from 'zod';
import { named } from '../rest/schema-registry.js';

/** A cell of the comparison of plugins. */
export const comparedFeatureFields = {
  feature: z.string().describe('What plugins are compared by, as `DNS names`'),
  value: z.string(),
  version: z.string().describe('`from 1.9`, `since before 1.9` or `as of …`'),
  source: z.string(),
};

const cniBody = named(
  'ComparedCni',
  z.strictObject({
    id: z.string(),
    title: z.string(),
    features: z.array(z.strictObject(comparedFeatureFields)),
    capabilities: z.array(
      z.strictObject({
        capability: z.string().describe('As `port ranges (endPort)`'),
        support: z.enum(['yes', 'no', 'partial', 'unknown']),
        note: z.string().describe('What is partial, or from which version on; empty when there is nothing to say'),
      }),
    ),
    notes: z.array(z.strictObject({ text: z.string(), source: z.string() })),
  }),
);

export const cniListBody = named('CniComparison', z.strictObject({ items: z.array(cniBody) }));
