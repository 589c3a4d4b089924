import { z } from 'zod';
import { AREAS, CONFIDENCES, CONTROL_STATES, FIX_ACTIONS, OUTCOMES, SCOPES, SEVERITIES } from '#analysis';
import { named } from '../rest/schema-registry.js';
import { objectRefBody, pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const count = z.int().min(0);
const severity = z.enum(SEVERITIES);
const score = z.int().min(0).max(100).nullable().describe('0 to 100; null when no check came to a result');
const verdict = z.enum(['allow', 'deny', 'unknown']);

const severityCounts = named(
  'SeverityCounts',
  z.strictObject({ critical: count, high: count, medium: count, low: count, info: count }),
);

const summaryFields = {
  id: z.uuid().describe('Also the id of the job that made it'),
  number: z.int().min(1).describe('From 1 in each cluster'),
  createdAt: timestamp,
  requester: z.string(),
  outcomes: z
    .record(z.enum(OUTCOMES), count)
    .describe('Checks by outcome; `skip`: a source is missing, `unknown`: what is there does not settle it'),
  severities: severityCounts.describe('Findings that count, by weight'),
  suppressed: count,
  added: count.describe('Findings that the report before did not have'),
  resolved: count.describe('Findings that only the report before had'),
  score,
  ...provenanceFields,
} as const;

export const auditSummaryBody = named('AuditSummary', z.strictObject(summaryFields));
export const auditListBody = named('AuditList', z.strictObject({ items: z.array(auditSummaryBody), page: pageBody }));

export const auditBody = named(
  'Audit',
  z.strictObject({
    ...summaryFields,
    checks: z.array(
      z.strictObject({
        check: z.string(),
        number: z.string().describe('As `COV-02`'),
        title: z.string(),
        outcome: z.enum(OUTCOMES),
        reason: z.string(),
        findings: count,
        suppressed: count,
      }),
    ),
  }),
);

const fixBody = named(
  'FindingFix',
  z.strictObject({
    action: z.enum(FIX_ACTIONS).describe('Nothing is ever applied by this service'),
    title: z.string(),
    manifest: z.string().describe("YAML, or a kubectl command for a deletion; '' for a task"),
    objects: z.array(z.record(z.string(), z.unknown())),
    removes: z.array(objectRefBody),
    note: z.string().describe('What a person must look at'),
  }),
);

export const predictionBody = named(
  'Prediction',
  z.strictObject({
    changes: z.array(
      z.strictObject({ source: z.string(), destination: z.string(), opens: z.string(), closes: z.string() }),
    ),
    opened: count,
    closed: count,
  }),
);

const suppressionFields = {
  id: z.uuid(),
  owner: z.string(),
  reason: z.string(),
  expiresAt: timestamp,
} as const;

export const findingBody = named(
  'Finding',
  z.strictObject({
    fingerprint: z.string().describe('Equal from run to run'),
    check: z.string(),
    number: z.string(),
    area: z.enum(AREAS).nullable(),
    severity,
    confidence: z.enum(CONFIDENCES),
    scope: z.enum(SCOPES),
    title: z.string(),
    object: objectRefBody.nullable(),
    pointer: z.string().describe("JSON Pointer into the object, '' for the whole"),
    related: z.array(objectRefBody),
    evidence: z.array(z.strictObject({ what: z.string(), value: z.string() })),
    counterexample: z
      .strictObject({
        source: z.string(),
        destination: z.string(),
        protocol: z.string(),
        port: z.int().nullable(),
        intended: verdict,
        enforced: verdict,
        summary: z.string(),
      })
      .nullable()
      .describe('A flow that shows the finding, decided by the engine'),
    fix: fixBody.nullable(),
    remediation: z.string(),
    compliance: z.array(z.string()),
    firstNumber: z.int().min(1).describe('Number of the report that had it first, without a gap since'),
    firstSeenAt: timestamp,
    suppression: z.strictObject(suppressionFields).nullable(),
    redacted: z.boolean().describe('True when texts were left out that name what you may not see'),
  }),
);

export const findingListBody = named(
  'FindingList',
  z.strictObject({ items: z.array(findingBody), page: pageBody, ...provenanceFields }),
);

export const findingAnswerBody = named(
  'FindingAnswer',
  z.strictObject({
    finding: findingBody,
    prediction: predictionBody.nullable().describe('What the fix would change'),
    ...provenanceFields,
  }),
);

const scoreFields = { score, passed: count, failed: count, open: count, findings: severityCounts } as const;

export const auditScoresBody = named(
  'AuditScores',
  z.strictObject({
    id: z.uuid(),
    overall: z.strictObject(scoreFields),
    namespaces: z.array(z.strictObject({ namespace: z.string(), ...scoreFields })),
    frameworks: z.array(
      z.strictObject({
        framework: z.string(),
        ...scoreFields,
        controls: z.array(
          z.strictObject({
            control: z.string(),
            status: z.enum(CONTROL_STATES).describe('Evidence for a control, never proof of it'),
            passed: z.array(z.string()),
            failed: z.array(z.string()),
            open: z.array(z.string()),
          }),
        ),
      }),
    ),
    ...provenanceFields,
  }),
);

const trendFields = {
  ...scoreFields,
  added: count.describe('Findings that the audit before did not have'),
  resolved: count.describe('Findings that only the audit before had'),
} as const;

export const auditTrendBody = named(
  'AuditTrend',
  z.strictObject({
    items: z.array(
      z.strictObject({
        id: z.uuid().describe('Of the audit'),
        number: z.int().min(1),
        createdAt: timestamp,
        overall: z.strictObject(trendFields),
        namespaces: z
          .array(z.strictObject({ namespace: z.string(), ...trendFields }))
          .describe('Each from the first audit on that found something in it'),
        frameworks: z.array(z.strictObject({ framework: z.string(), ...trendFields })),
        ...provenanceFields,
      }),
    ),
    page: pageBody,
  }),
);

export const suppressionBody = named(
  'Suppression',
  z.strictObject({
    ...suppressionFields,
    clusterId: z.uuid().nullable().describe('Null for every cluster'),
    fingerprint: z.string().nullable(),
    check: z.string().nullable(),
    namespace: z.string().nullable(),
    requester: z.string(),
    createdAt: timestamp,
  }),
);

export const suppressionListBody = named(
  'SuppressionList',
  z.strictObject({ items: z.array(suppressionBody), page: pageBody }),
);

export const checkListBody = named(
  'CheckList',
  z.strictObject({
    items: z.array(
      z.strictObject({
        id: z.string(),
        number: z.string(),
        area: z.enum(AREAS),
        core: z.boolean(),
        title: z.string(),
        description: z.string(),
        remediation: z.string(),
        severity,
        confidence: z.enum(CONFIDENCES),
        scope: z.enum(SCOPES),
        needs: z.array(z.string()),
        compliance: z.array(z.string()),
        references: z.array(z.string()),
      }),
    ),
  }),
);
