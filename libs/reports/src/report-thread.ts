import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { ReportFormat } from '#contracts';
import { digestOf } from './digest.js';
import { renderReport } from './formats/index.js';
import type { RenderedFile, RenderedReport, ReportOrder } from './render-aside.js';
import { unpacked } from './pack-model.js';
import type { ReportModel } from './report-model.js';

/** The thread of `renderAside`. */
async function made({ model: packed, formats }: ReportOrder): Promise<RenderedReport> {
  const model = unpacked(packed);
  const files: RenderedFile[] = [];
  for (const format of formats) files.push(await fileOf(model, format));
  return { digest: digestOf(model), files };
}

async function fileOf(model: ReportModel, format: ReportFormat): Promise<RenderedFile> {
  // A copy: a short one would share its memory with others, and could not be handed over.
  const bytes = new Uint8Array(await renderReport(model, format));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

parentPort?.on('message', ({ id, question }: { readonly id: number; readonly question: ReportOrder }) => {
  made(question).then(
    (answer) => {
      const handedOver = answer.files.map(({ bytes }) => bytes.buffer);
      parentPort?.postMessage({ id, answer }, handedOver);
    },
    (error: unknown) => parentPort?.postMessage({ id, error: `the report could not be made: ${String(error)}` }),
  );
});
