import { parentPort } from 'node:worker_threads';
import { digestOf } from './digest.js';
import { renderReport } from './formats/index.js';
import type { RenderedReport, ReportOrder } from './render-aside.js';
import type { ReportModel } from './report-model.js';

/** The thread of `renderAside`. */
async function made({ model: text, formats }: ReportOrder): Promise<RenderedReport> {
  const model = JSON.parse(text) as ReportModel;
  const files: Uint8Array[] = [];
  for (const format of formats) files.push(await renderReport(model, format));
  return { digest: digestOf(model), files };
}

parentPort?.on('message', ({ id, question }: { readonly id: number; readonly question: ReportOrder }) => {
  made(question).then(
    (answer) => parentPort?.postMessage({ id, answer }),
    (error: unknown) => parentPort?.postMessage({ id, error: `the report could not be made: ${String(error)}` }),
  );
});
