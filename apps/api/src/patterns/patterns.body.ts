import { z } from 'zod';
import { predictionBody } from '../audits/audit.body.js';
import { named } from '../rest/schema-registry.js';
import { provenanceFields } from '../rest/shared.body.js';

const patternBody = named('Pattern', z.strictObject({ id: z.string(), title: z.string(), description: z.string() }));

export const patternListBody = named('PatternList', z.strictObject({ items: z.array(patternBody) }));

export const filledPatternBody = named(
  'FilledPattern',
  z.strictObject({
    pattern: patternBody,
    missing: z.string().nullable().describe('What the inventory lacks; null when it is filled in'),
    manifest: z.string().describe("YAML; '' when it cannot be filled in, or is there already"),
    note: z.string().describe('What to know before it is applied, and which policies are there already'),
    prediction: predictionBody.nullable().describe('What the policies would open and close'),
    ...provenanceFields,
  }),
);
