import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import { digestOf } from '../digest.js';
import {
  aboutText,
  acceptedFindings,
  acceptedText,
  EVIDENCE_NOTE,
  fixText,
  placeOf,
  readFindings,
  type ReportFinding,
  type ReportModel,
  type ReportScore,
  tallyText,
  titleOf,
  unsettledChecks,
} from '../report-model.js';
import { scoreText } from './markdown.format.js';
import { COLOURS, INK, MUTED, scoreColour } from './severity-colours.js';

/** A font that has the arrows and marks that explanations use, and most scripts that names may be written in. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const MARGIN = 50;
const CODE_SIZE = 7.5;
const BAR = { width: 150, height: 7 } as const;

/** A tagged PDF with selectable text. Equal models give equal bytes: its date is that of the audit. */
export async function renderPdf(model: ReportModel): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: titleOf(model),
      Creator: 'Netpol Atlas',
      Producer: 'Netpol Atlas',
      CreationDate: new Date(model.createdAt),
    },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  new PdfWriter(document).write(model);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

class PdfWriter {
  readonly #root: PDFKit.PDFStructureElement;

  constructor(readonly document: PDFKit.PDFDocument) {
    document.registerFont('text', join(FONTS, 'DejaVuSans.ttf'));
    document.registerFont('bold', join(FONTS, 'DejaVuSans-Bold.ttf'));
    document.registerFont('mono', join(FONTS, 'DejaVuSansMono.ttf'));
    this.#root = document.struct('Document');
    document.addStructure(this.#root);
  }

  write(model: ReportModel): void {
    this.#line('H1', titleOf(model), 'bold', 18, INK, 0.3);
    this.#line(
      'P',
      `${tallyText(model)}; score ${scoreText(model.overall)}`,
      'bold',
      11,
      scoreColour(model.overall.score),
      0.2,
    );
    this.#line('P', aboutText(model), 'text', 9, MUTED, 1);
    this.#scores('Frameworks', model.frameworks);
    if (model.framework !== null) this.#controls(model);
    this.#scores('Namespaces', model.namespaces);
    this.#section('Findings', readFindings(model), (finding) => {
      this.#finding(finding);
    });
    const accepted = acceptedFindings(model);
    this.#section('Accepted', accepted, (finding) => {
      this.#line('P', `${finding.title} (${acceptedText(finding)})`, 'text', 9, INK, 0.4);
    });
    const open = unsettledChecks(model);
    this.#section('Not settled', open, ({ number, id, reason }) => {
      this.#line('P', `${number} ${id}: ${reason}`, 'text', 9, INK, 0.3);
    });
    this.#section('Not read', model.incomplete, ({ kind, reason }) => {
      this.#line('P', `${kind}: ${reason}`, 'text', 9, INK, 0.3);
    });
    this.document.moveDown(1);
    if (model.framework !== null) this.#line('P', EVIDENCE_NOTE, 'text', 8, MUTED, 0.3);
    this.#line('P', `Engine ${model.engineVersion}. Content sha256 ${digestOf(model)}`, 'text', 8, MUTED, 0);
    this.#root.end();
    this.#pageNumbers(titleOf(model));
  }

  #section<T>(title: string, items: readonly T[], each: (item: T) => void): void {
    if (items.length === 0) return;
    this.document.moveDown(0.6);
    this.#line('H2', title, 'bold', 13, INK, 0.4);
    for (const item of items) each(item);
  }

  #scores(title: string, scores: readonly ReportScore[]): void {
    this.#section(title, scores, ({ name, score, passed, failed, open }) => {
      const label = `${name === '' ? '(no namespace)' : name}: ${scoreText({ score })}, ${String(passed)} hold, ${String(failed)} fail, ${String(open)} open`;
      this.#room(16);
      const { y } = this.document;
      this.#artifact(() => {
        const left = MARGIN;
        this.document.rect(left, y + 2, BAR.width, BAR.height).fill('#e2e8f0');
        if (score !== null && score > 0) {
          this.document.rect(left, y + 2, (BAR.width * score) / 100, BAR.height).fill(scoreColour(score));
        }
      });
      this.document.x = MARGIN + BAR.width + 12;
      this.document.y = y;
      this.#line('P', label, 'text', 9, INK, 0.3);
      this.document.x = MARGIN;
    });
  }

  #controls({ frameworks }: ReportModel): void {
    const controls = frameworks.flatMap((framework) => framework.controls);
    this.#section('Controls', controls, ({ control, status, failed, open }) => {
      const which = [...failed, ...open].join(', ');
      const words = status === 'needs-a-person' ? 'needs a person' : status;
      this.#line('P', `${control}: ${words}${which === '' ? '' : ` (${which})`}`, 'text', 9, INK, 0.25);
    });
  }

  #finding(finding: ReportFinding): void {
    const { severity, title, number, check, evidence, proof, fix } = finding;
    this.#room(60);
    this.#line('H3', `${severity}: ${title}`, 'bold', 10, COLOURS[severity], 0.15);
    this.#line('P', `${number} ${check}, ${placeOf(finding)}`, 'text', 8, MUTED, 0.15);
    for (const { what, value } of evidence) this.#line('P', `${what}: ${value}`, 'text', 8.5, INK, 0.1);
    if (proof !== '') this.#line('P', `proof: ${proof}`, 'text', 8.5, INK, 0.1);
    this.#line('P', `${fix === null ? 'do' : 'fix'}: ${fixText(finding)}`, 'bold', 8.5, INK, 0.2);
    if (fix !== null && fix.manifest !== '') this.#code(fix.manifest.trimEnd());
    this.document.moveDown(0.6);
  }

  /** On a ground of its own, and on one page where it fits on one. */
  #code(text: string): void {
    const { document } = this;
    const width = document.page.width - 2 * MARGIN;
    const height = document.font('mono').fontSize(CODE_SIZE).heightOfString(printable(text), { width });
    const fits = height < document.page.height - 2 * MARGIN;
    if (fits) this.#room(height);
    const { y } = document;
    if (fits) this.#artifact(() => document.rect(MARGIN - 4, y - 3, width + 8, height + 4).fill('#f1f5f9'));
    this.#line('Code', text, 'mono', CODE_SIZE, INK, 0.2);
  }

  #line(
    tag: 'H1' | 'H2' | 'H3' | 'P' | 'Code',
    text: string,
    font: string,
    size: number,
    colour: string,
    after: number,
  ): void {
    const element = this.document.struct(tag, {}, () => {
      this.document.font(font).fontSize(size).fillColor(colour).text(printable(text));
    });
    this.#root.add(element);
    if (after > 0) this.document.fontSize(9).moveDown(after);
  }

  /** What is there to look at only, and is left out when the document is read aloud. */
  #artifact(draw: () => void): void {
    this.document.markContent('Artifact', { type: 'Layout' });
    draw();
    this.document.endMarkedContent();
  }

  /** A new page when less than this is left of the present one. */
  #room(height: number): void {
    if (this.document.y + height > this.document.page.height - MARGIN) this.document.addPage();
  }

  #pageNumbers(title: string): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      this.document.switchToPage(page);
      const { bottom } = this.document.page.margins;
      // Below the margin text would begin a page of its own.
      this.document.page.margins.bottom = 0;
      this.#artifact(() => {
        const line = `${printable(title)}   page ${String(page + 1)} of ${String(count)}`;
        const place = { align: 'right', lineBreak: false } as const;
        this.document.font('text').fontSize(7.5).fillColor(MUTED);
        this.document.text(line, MARGIN, this.document.page.height - 32, {
          ...place,
          width: this.document.page.width - 2 * MARGIN,
        });
      });
      this.document.page.margins.bottom = bottom;
    }
  }
}

/** Control characters have no shape and would break lines where none is meant. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ');
}
