import { Worker } from 'node:worker_threads';
import type { ReportFormat } from '#contracts';
import { Aside } from '#render';
import { packed, type PackedModel } from './pack-model.js';
import type { ReportModel } from './report-model.js';

/** What the thread is told. */
export interface ReportOrder {
  readonly model: PackedModel;
  readonly formats: readonly ReportFormat[];
}

export interface RenderedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As hex. */
  readonly sha256: string;
}

/** A report in several formats. */
export interface RenderedReport {
  readonly digest: string;
  /** As the formats were asked for. */
  readonly files: readonly RenderedFile[];
}

const aside = new Aside<ReportOrder, RenderedReport>(startThread);

/** A report as `renderReport` makes it, beside the thread that answers: one of thousands of findings takes seconds. */
export async function renderAside(model: ReportModel, formats: readonly ReportFormat[]): Promise<RenderedReport> {
  const handedOver = await packed(model);
  return aside.ask(
    { model: handedOver, formats },
    handedOver.map(({ buffer }) => buffer),
  );
}

function startThread(): Worker {
  const here = import.meta.url;
  if (!here.endsWith('.ts')) return new Worker(new URL('report-thread.js', here));
  // Run as source, by a test: whoever reads TypeScript for this thread does not for another.
  const loader = new URL('../../../scripts/register-typescript.mjs', here);
  return new Worker(new URL('report-thread.ts', here), { execArgv: ['--import', loader.href] });
}
