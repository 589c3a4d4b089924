import { z } from 'zod';
import { CLUSTER_STATES } from '../cluster.js';

/** Where agents send what they read. */
export const AGENT_ROUTES = {
  session: '/api/v1/agent/session',
  batches: '/api/v1/agent/batches',
  report: '/api/v1/agent/report',
  position: '/api/v1/agent/position',
} as const;
/** A batch: gzipped lines of JSON, first its head, then one change a line, last `{"end": <number of changes>}`. */
export const AGENT_BATCH_MEDIA_TYPE = 'application/x-ndjson';

const text = z.string().max(4096);
const kindId = z.string().min(1).max(400);
const completeness = z.record(kindId, z.strictObject({ complete: z.boolean(), reason: text.optional() }));
const engine = { version: text, options: z.record(z.string(), z.string()), unenforcedNodes: z.array(text) };

/** Number of a session, and of a batch in it from 1. */
export const agentSession = z.string().regex(/^\d{1,19}$/, 'must be the number that opening the session gave');
export const agentSequence = z.coerce.number().int().min(1).max(2_147_483_647);

export const agentSessionInput = z.strictObject({ agentVersion: text });

export const agentReportInput = z.strictObject({
  session: agentSession,
  report: z.strictObject({
    state: z.enum(CLUSTER_STATES).optional(),
    message: text.optional(),
    problems: z
      .array(
        z.strictObject({
          code: text,
          message: text,
          file: text.optional(),
          document: z.int().optional(),
          line: z.int().optional(),
          object: text.optional(),
          pointer: text.optional(),
        }),
      )
      .max(1_000)
      .optional(),
    lastSyncedAt: z.iso.datetime().optional(),
    cni: z
      .strictObject({
        networking: text,
        policyEngine: text,
        title: text,
        enforced: z.enum(['yes', 'no', 'unknown']),
        confidence: z.number().min(0).max(1),
        evidence: z.array(z.strictObject({ source: text, detail: text, weight: z.number().min(0).max(1) })),
        engines: z.array(z.strictObject({ id: text, ...engine })).optional(),
        ...engine,
      })
      .optional(),
  }),
});

/** How far the agent has read, everything up to there being stored: where the next one goes on. */
export const agentPositionInput = z.strictObject({
  session: agentSession,
  positions: z.strictObject({
    identity: text,
    kinds: z.record(kindId, z.strictObject({ path: text, resourceVersion: text, listedAt: z.number() })),
  }),
});

/** First line of a batch. */
export const agentBatchHead = z.strictObject({
  replace: z.array(kindId).max(1_000),
  completeness,
  takenAt: z.iso.datetime(),
});

const ref = { group: text, kind: text, namespace: text, name: text.min(1) };

/** Every other line of a batch. Of a fact only what it is stored under is looked at: the rest is its cluster's own affair. */
export const agentBatchLine = z.union([
  z.strictObject({
    upsert: z.looseObject({
      type: text,
      meta: z.looseObject({ ...ref, uid: text, labels: z.record(z.string(), z.string()) }),
    }),
  }),
  z.strictObject({ delete: z.strictObject(ref) }),
  z.strictObject({ end: z.int().min(0) }),
]);

export type AgentReport = z.output<typeof agentReportInput>['report'];
export type AgentPositions = z.output<typeof agentPositionInput>['positions'];
