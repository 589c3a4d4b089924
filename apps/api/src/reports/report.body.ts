import { z } from 'zod';
import { REPORT_FORMATS } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const fields = {
  id: z.uuid(),
  auditId: z.uuid().describe('The audit that it reports'),
  framework: z.string().nullable().describe('Null for every check'),
  score: z.int().nullable().describe('0 to 100; null when no check came to a result'),
  findings: z.int().min(0).describe('Findings that nobody accepted'),
  digest: z.string().describe('SHA-256 over the whole content, the same in every form'),
  signature: z.string().nullable().describe('Ed25519 over the text of the digest, Base64; null without a key'),
  requester: z.string(),
  createdAt: timestamp,
  files: z.array(
    z.strictObject({
      format: z.enum(REPORT_FORMATS),
      name: z.string(),
      mediaType: z.string(),
      sha256: z.string(),
      size: z.int().describe('Bytes'),
    }),
  ),
  ...provenanceFields,
} as const;

const reportedFindingBody = named(
  'ReportedFinding',
  z.strictObject({
    fingerprint: z.string(),
    check: z.string(),
    severity: z.string(),
    title: z.string(),
    place: z.string().describe('As `NetworkPolicy shop/web`'),
  }),
);

const comparisonBody = named(
  'ReportComparison',
  z.strictObject({
    against: z.uuid().describe('The report that it is compared with'),
    againstCreatedAt: timestamp,
    added: z.array(reportedFindingBody),
    gone: z.array(reportedFindingBody),
    still: z.int().min(0).describe('How many findings both have'),
  }),
);

export const reportSummaryBody = named('ReportSummary', z.strictObject(fields));
export const reportListBody = named(
  'ReportList',
  z.strictObject({ items: z.array(reportSummaryBody), page: pageBody }),
);
export const reportBody = named(
  'Report',
  z.strictObject({
    ...fields,
    comparison: comparisonBody.nullable().describe('Null for the first of its kind'),
    publicKey: z.string().nullable().describe('What the signature is checked with, PEM'),
  }),
);
