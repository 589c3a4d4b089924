import { Worker } from 'node:worker_threads';
import type { ReportFormat } from '#contracts';
import { Aside } from '#render';
import type { ReportModel } from './report-model.js';

/** What the thread is told: text crosses to it at once, a model takes as long as it is large. */
export interface ReportOrder {
  readonly model: string;
  readonly formats: readonly ReportFormat[];
}

/** A report in several formats. */
export interface RenderedReport {
  readonly digest: string;
  /** As the formats were asked for. */
  readonly files: readonly Uint8Array[];
}

const aside = new Aside<ReportOrder, RenderedReport>(startThread);

/** A report as `renderReport` makes it, beside the thread that answers: one of thousands of findings takes seconds. */
export function renderAside(model: ReportModel, formats: readonly ReportFormat[]): Promise<RenderedReport> {
  return aside.ask({ model: JSON.stringify(model), formats });
}

function startThread(): Worker {
  const here = import.meta.url;
  if (!here.endsWith('.ts')) return new Worker(new URL('report-thread.js', here));
  // Run as source, by a test: whoever reads TypeScript for this thread does not for another.
  const loader = new URL('../../../scripts/register-typescript.mjs', here);
  return new Worker(new URL('report-thread.ts', here), { execArgv: ['--import', loader.href] });
}
