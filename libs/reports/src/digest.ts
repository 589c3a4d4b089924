import { createHash } from 'node:crypto';
import { canonicalJson } from '#engine';
import type { ReportModel } from './report-model.js';

/** SHA-256 over the whole content of a report, as hex. It stands in every format: equal digests, equal content. */
export function digestOf(model: ReportModel): string {
  return createHash('sha256').update(canonicalJson(model)).digest('hex');
}
