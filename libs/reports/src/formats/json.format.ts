import { digestOf } from '../digest.js';
import type { ReportModel } from '../report-model.js';

export function renderJson(model: ReportModel): string {
  return `${JSON.stringify({ ...model, digest: { algorithm: 'sha256', value: digestOf(model) } }, null, 2)}\n`;
}
