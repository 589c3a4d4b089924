import type { ReportFormat } from '#contracts';
import type { ReportModel } from '../report-model.js';
import { renderCsv } from './csv.format.js';
import { renderHtml } from './html.format.js';
import { renderJson } from './json.format.js';
import { renderJunit } from './junit.format.js';
import { renderMarkdown } from './markdown.format.js';
import { renderOscal } from './oscal.format.js';
import { renderPolicyReport } from './policy-report.format.js';
import { renderSarif } from './sarif.format.js';

/** How a format is made, and what it is called outside. */
interface Format {
  readonly mediaType: string;
  readonly extension: string;
  readonly render: (model: ReportModel) => string | Promise<Uint8Array>;
}

/** Every format; one without a row does not compile. */
export const FORMATS: Readonly<Record<ReportFormat, Format>> = {
  html: { mediaType: 'text/html; charset=utf-8', extension: 'html', render: renderHtml },
  pdf: {
    mediaType: 'application/pdf',
    extension: 'pdf',
    // Its library takes a tenth of a second to load, and most processes never make one.
    render: async (model) => (await import('./pdf.format.js')).renderPdf(model),
  },
  csv: { mediaType: 'text/csv; charset=utf-8', extension: 'csv', render: renderCsv },
  markdown: { mediaType: 'text/markdown; charset=utf-8', extension: 'md', render: renderMarkdown },
  json: { mediaType: 'application/json', extension: 'json', render: renderJson },
  sarif: { mediaType: 'application/sarif+json', extension: 'sarif', render: renderSarif },
  junit: { mediaType: 'application/xml', extension: 'xml', render: renderJunit },
  oscal: { mediaType: 'application/oscal+json', extension: 'oscal.json', render: renderOscal },
  policyreport: { mediaType: 'application/yaml', extension: 'yaml', render: renderPolicyReport },
};

/** A report in a format, as bytes. Equal models give equal bytes. */
export async function renderReport(model: ReportModel, format: ReportFormat): Promise<Uint8Array> {
  const rendered = await FORMATS[format].render(model);
  return typeof rendered === 'string' ? Buffer.from(rendered, 'utf8') : rendered;
}
