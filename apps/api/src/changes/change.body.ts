import { z } from 'zod';
import { named } from '../rest/schema-registry.js';
import { objectRefBody, pageBody, timestamp } from '../rest/shared.body.js';

export const changeBody = named(
  'Change',
  z.strictObject({
    type: z.enum(['added', 'removed', 'changed']),
    clusterId: z.uuid(),
    cluster: z.string().describe('The name of the cluster'),
    seq: z.int().min(1).describe('Number of the snapshot that has the change'),
    takenAt: timestamp.describe('When the cluster was seen like that'),
    storedAt: timestamp.describe('When it could first be asked about'),
    kindId: z.string().describe('Kind with group, as `NetworkPolicy.networking.k8s.io`'),
    object: objectRefBody,
    uid: z.string(),
    by: z
      .string()
      .nullable()
      .describe('Who wrote it, as the API server names field managers; null when that is not known'),
    values: z
      .array(
        z.strictObject({
          pointer: z.string().describe('JSON Pointer into the fact'),
          before: z.unknown().describe('null when it was not there'),
          after: z.unknown().describe('null when it is gone'),
        }),
      )
      .describe('What differs; empty for what came or went'),
    patch: z.array(z.string()).describe('The same for people, a line each'),
  }),
);

export const changeListBody = named('ChangeList', z.strictObject({ items: z.array(changeBody), page: pageBody }));
