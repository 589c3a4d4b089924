import { z } from 'zod';
import { agentBatchHead, agentPositionInput } from '#contracts';
import { named } from '../rest/schema-registry.js';

export const agentTokenBody = named(
  'AgentToken',
  z.strictObject({ token: z.string().describe('Shown this once. Issuing another ends this one') }),
);

export const agentSessionBody = named(
  'AgentSession',
  z.strictObject({
    session: z.string().describe('Goes with every batch and report; opening another session ends this one'),
    cluster: z.strictObject({ id: z.uuid(), name: z.string() }),
  }),
);

export const agentReceiptBody = named(
  'AgentReceipt',
  z.strictObject({
    ack: z.int().describe('Everything up to this batch is stored'),
    seq: z.int().describe('The newest snapshot'),
    changed: z.int().describe('Objects that were added, changed or removed'),
    created: z.boolean().describe('False when the batch said nothing new'),
    counts: z.record(z.string(), z.int()).describe('Objects by kind in the newest snapshot'),
  }),
);

export const agentPositionBody = named(
  'AgentPosition',
  z.strictObject({
    kept: z
      .strictObject({
        positions: agentPositionInput.shape.positions,
        completeness: agentBatchHead.shape.completeness,
      })
      .nullable()
      .describe('How far an agent said last that it had read; null when everything is to be listed'),
    facts: z.array(z.looseObject({})).describe('Stored facts that were rejected or tell about the CNI'),
  }),
);
