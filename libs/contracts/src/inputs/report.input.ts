import { z } from 'zod';
import { clusterRef } from './drift.input.js';
import { sortedPageInput } from './paging.input.js';

/** Forms that a report may have. */
export const REPORT_FORMATS = [
  'html',
  'pdf',
  'csv',
  'markdown',
  'json',
  'sarif',
  'junit',
  'oscal',
  'policyreport',
] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const framework = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .optional()
  .describe('Only the controls of this framework, by its name');

export const reportInput = z.strictObject({
  format: z.enum(REPORT_FORMATS).default('html').describe('How the report looks'),
  framework,
});
export type ReportInput = z.output<typeof reportInput>;

/** What a kept report is made of, beside its cluster. */
export const reportContent = z.strictObject({
  formats: z
    .array(z.enum(REPORT_FORMATS))
    .min(1)
    .max(REPORT_FORMATS.length)
    .default(['html'])
    .transform((formats) => [...new Set(formats)])
    .describe('The forms to keep it in'),
  framework,
});

export const makeReportInput = z.strictObject({
  cluster: clusterRef,
  ...reportContent.shape,
  audit: z.uuid().optional().describe('The audit to report; a new one is made when left out'),
});
export type MakeReportInput = z.output<typeof makeReportInput>;

export const reportsInput = z.strictObject({
  cluster: clusterRef.optional(),
  ...sortedPageInput(['createdAt', 'cluster', 'framework']).shape,
});
export type ReportsInput = z.output<typeof reportsInput>;

/** Which report to compare with; the one before when left out. */
export const reportQuery = z.strictObject({
  against: z.uuid().optional().describe('Another report of the cluster to compare with; the one before when left out'),
});
export type ReportQuery = z.output<typeof reportQuery>;
