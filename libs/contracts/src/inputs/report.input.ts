import { z } from 'zod';

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

export const reportInput = z.strictObject({
  format: z.enum(REPORT_FORMATS).default('html').describe('How the report looks'),
  framework: z.string().trim().min(1).max(128).optional().describe('Only the controls of this framework, by its name'),
});
export type ReportInput = z.output<typeof reportInput>;
