import { z } from 'zod';
import { snapshotPointBody } from '../drift/drift.body.js';
import { named } from '../rest/schema-registry.js';
import { provenanceFields, timestamp } from '../rest/shared.body.js';

export const baselineBody = named(
  'Baseline',
  z.strictObject({
    name: z.string(),
    snapshot: snapshotPointBody.nullable().describe('null when manifests were given'),
    requester: z.string().describe('Who declared it'),
    setAt: timestamp,
    ...provenanceFields,
  }),
);
