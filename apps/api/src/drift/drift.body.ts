import { z } from 'zod';
import { DRIFT_ENTRY_TYPES } from '#contracts';
import { sourceProblemBody } from '../clusters/cluster.body.js';
import { named } from '../rest/schema-registry.js';
import { asOfBody, objectRefBody, pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';
import { ruleBody } from '../reachability/reachability.body.js';

const count = z.int().min(0);
const json = z.string().nullable().describe('As JSON; null on the side that does not have it');
const driftType = named('DriftType', z.enum(DRIFT_ENTRY_TYPES));

export const snapshotPointBody = named('SnapshotPoint', z.strictObject({ seq: z.int().min(1), takenAt: timestamp }));

const sideBody = named(
  'DriftSide',
  z.strictObject({
    endpoints: count,
    namespaces: z.record(z.string(), count).describe("Endpoints in each namespace; '' for nodes"),
    outside: count.describe('Endpoints outside the cluster'),
    peers: z
      .array(z.strictObject({ kind: z.string(), namespace: z.string(), name: z.string(), endpoints: count }))
      .describe('By workload, the first 200'),
  }),
);

const verdictBody = named(
  'DriftVerdict',
  z.strictObject({ verdict: z.enum(['allow', 'deny', 'unknown']), rules: z.array(ruleBody) }),
);

export const driftCauseBody = named(
  'DriftCause',
  z.strictObject({
    type: z.enum(['policy', 'label', 'enforcement', 'object']),
    change: z.enum(['added', 'removed', 'changed']),
    object: objectRefBody.nullable().describe('null for what the caller may not see, and for the CNI as a whole'),
    text: z.string(),
  }),
);

const entryBody = named(
  'DriftEntry',
  z.strictObject({
    id: z.string().describe('Equal for equal entries, in whatever report'),
    type: driftType,
    dangerous: z.boolean().describe('Something may pass that could not, or protection is gone'),
    breaking: z.boolean().describe('Something that passed may not pass any more'),
    summary: z.string(),
    sources: sideBody.nullable(),
    destinations: sideBody.nullable(),
    subjects: sideBody.nullable().describe('What is isolated, or came or went; null for connections'),
    direction: z.enum(['ingress', 'egress']).nullable(),
    before: z.string(),
    after: z.string(),
    pairs: count,
    example: z
      .strictObject({
        from: z.string(),
        to: z.string(),
        protocol: z.string(),
        port: z.int(),
        before: verdictBody,
        after: verdictBody,
      })
      .nullable()
      .describe('A flow that shows it, as a question takes it'),
    causes: z.array(driftCauseBody),
    happened: snapshotPointBody.nullable().describe('The snapshot in which the causes came about'),
  }),
);

const objectBody = named(
  'ObjectDrift',
  z.strictObject({
    type: z.enum(['added', 'removed', 'changed']),
    kindId: z.string(),
    object: objectRefBody,
    meaning: z
      .enum(['same', 'different'])
      .nullable()
      .describe('Of policies: whether they say the same in other words; null for other kinds'),
    patch: z.array(z.strictObject({ path: z.string(), before: json, after: json })),
    happened: snapshotPointBody.nullable(),
  }),
);

const stateBody = named(
  'ComparedState',
  z.union([
    asOfBody.extend({ type: z.literal('snapshot') }),
    z.strictObject({
      type: z.literal('manifests'),
      objects: count.nullable().describe('null for a baseline of which the caller may not see all'),
    }),
  ]),
);

const summaryBody = named(
  'DriftSummary',
  z.strictObject({
    objects: z.strictObject({ added: count, removed: count, changed: count }),
    policies: z.strictObject({ same: count, different: count }),
    entries: count,
    dangerous: count,
    breaking: count,
    types: z.partialRecord(driftType, count),
  }),
);

const reportFields = {
  before: stateBody,
  after: stateBody,
  reading: z.enum(['intended', 'enforced']),
  summary: summaryBody.describe('Of all that the filter leaves, not of the page alone'),
  entries: z.array(entryBody).describe('Dangerous first, then breaking'),
  objects: z.array(objectBody),
  problems: z.array(sourceProblemBody).describe('What could not be read of given manifests'),
  page: pageBody.describe('Of entries and of objects alike'),
  ...provenanceFields,
} as const;

export const driftBody = named('Drift', z.strictObject(reportFields));

export const whatIfBody = named(
  'WhatIf',
  z.strictObject({
    ...reportFields,
    flows: z
      .strictObject({
        given: count,
        kept: z.boolean().describe('They are those that the cluster keeps, as none were given'),
        firstSeen: timestamp.nullable().describe('Of those that are kept; null of others'),
        lastSeen: timestamp.nullable(),
        same: count,
        affected: z.array(
          z.strictObject({
            src: z.string(),
            dst: z.string(),
            protocol: z.string(),
            port: z.int().nullable(),
            effect: z.enum(['cut', 'opened', 'doubtful', 'not-found']),
            before: z.enum(['allowed', 'denied', 'mixed', 'undetermined']).nullable(),
            after: z.enum(['allowed', 'denied', 'mixed', 'undetermined']).nullable(),
            why: z.string(),
          }),
        ),
      })
      .nullable()
      .describe(
        'What becomes of the flows that were given or, without any, of those kept that passed; null without both',
      ),
  }),
);

const countFields = {
  entries: count,
  dangerous: count,
  breaking: count,
  objects: count,
  types: z.partialRecord(driftType, count),
} as const;

export const stretchBody = named(
  'DriftStretch',
  z.strictObject({
    before: snapshotPointBody,
    after: snapshotPointBody,
    computedAt: timestamp,
    ...countFields,
    fromBaseline: z
      .strictObject({ name: z.string(), ...countFields })
      .nullable()
      .describe('How far the later state was from the baseline; null where the cluster had none then'),
  }),
);

export const driftTimelineBody = named(
  'DriftTimeline',
  z.strictObject({ items: z.array(stretchBody), page: pageBody, ...provenanceFields }),
);

const answerVerdict = z.enum(['allowed', 'denied', 'mixed', 'undetermined']);
export const sinceBody = named(
  'Since',
  z.strictObject({
    verdict: answerVerdict,
    summary: z.string(),
    since: snapshotPointBody
      .nullable()
      .describe('Since which snapshot it has been so; null when it has been since the oldest that is kept'),
    oldest: snapshotPointBody,
    verdictBefore: answerVerdict.nullable().describe('null when one of the two did not exist'),
    summaryBefore: z.string(),
    evaluated: count.describe('How many states were looked at'),
    ...provenanceFields,
  }),
);
