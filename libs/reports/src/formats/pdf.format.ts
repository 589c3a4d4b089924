import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { Severity } from '#checks';
import { digestOf } from '../digest.js';
import {
  aboutText,
  acceptedFindings,
  acceptedText,
  alsoText,
  EVIDENCE_NOTE,
  fixText,
  placeOf,
  readFindings,
  type ReadFinding,
  type ReportModel,
  type ReportScore,
  type ShortFinding,
  tallyText,
  shortList,
  titleOf,
  unsettledChecks,
  verdictOf,
} from '../report-model.js';
import { scoreText } from './markdown.format.js';
import { COLOURS, INK, MUTED, scoreColour } from './severity-colours.js';

/** A font that has the arrows and marks that explanations use, and most scripts that names may be written in. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const MARGIN = 50;
const CODE_SIZE = 7.5;
/** Of a line of a table, and of its first and its other columns. */
const ROW = 15;
const NAME_WIDTH = 190;
const NUMBER_WIDTH = 36;
const COVER = { height: 130, radius: 36 } as const;

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
    const { bySeverity, manifests } = readFindings(model);
    this.#cover(model);
    this.#section('In short', bySeverity, ({ severity, findings }) => {
      this.#weight(severity);
      for (const short of shortList(findings)) this.#short(short);
    });
    this.#scores('Frameworks', model.frameworks);
    if (model.framework !== null) this.#controls(model);
    this.#scores('Namespaces', model.namespaces);
    this.#section('Findings', bySeverity, ({ severity, findings }) => {
      this.#weight(severity);
      for (const finding of findings) this.#finding(finding);
    });
    this.#section('Accepted', acceptedFindings(model), (finding) => {
      this.#line('P', `${finding.title} (${acceptedText(finding)})`, 'text', 9, INK, 0.4);
    });
    this.#section('Not settled', unsettledChecks(model), ({ number, id, reason }) => {
      this.#line('P', `${number} ${id}: ${reason}`, 'text', 9, INK, 0.3);
    });
    this.#section('Not read', model.incomplete, ({ kind, reason }) => {
      this.#line('P', `${kind}: ${reason}`, 'text', 9, INK, 0.3);
    });
    this.#section('Manifests', [...manifests.entries()], ([at, { title, text }]) => {
      this.#code(`${String(at + 1)}: ${title}`, text);
    });
    this.document.moveDown(1);
    if (model.framework !== null) this.#line('P', EVIDENCE_NOTE, 'text', 8, MUTED, 0.3);
    this.#line('P', `Engine ${model.engineVersion}. Content sha256 ${digestOf(model)}`, 'text', 8, MUTED, 0);
    this.#root.end();
    this.#pageNumbers(titleOf(model));
  }

  /** The verdict and the score on a ground of their own, at the head of the first page. */
  #cover(model: ReportModel): void {
    const { document } = this;
    const { score } = model.overall;
    const { width } = document.page;
    this.#artifact(() => {
      document.rect(0, 0, width, COVER.height).fill(INK);
      const { x, y, radius } = { x: width - MARGIN - COVER.radius, y: COVER.height / 2, radius: COVER.radius };
      document.lineWidth(9).circle(x, y, radius).stroke('#334155');
      if (score !== null && score > 0) document.path(arc(x, y, radius, score / 100)).stroke(scoreColour(score));
      const text = score === null ? '–' : String(score);
      const place = { width: 2 * radius, align: 'center', lineBreak: false } as const;
      document.font('bold').fontSize(22).fillColor('#ffffff');
      document.text(text, x - radius, y - 15, place);
      document.font('text').fontSize(7).fillColor('#cbd5e1');
      document.text('of 100', x - radius, y + 10, place);
    });
    const place = { width: width - 2 * MARGIN - 2 * COVER.radius - 24 };
    document.x = MARGIN;
    document.y = 36;
    this.#line('H1', titleOf(model), 'bold', 17, '#ffffff', 0.5, place);
    const verdict = `${verdictOf(model)}: ${tallyText(model)}; score ${scoreText(model.overall)}`;
    this.#line('P', verdict, 'bold', 11, '#ffffff', 0.4, place);
    this.#line('P', aboutText(model), 'text', 8.5, '#cbd5e1', 0, place);
    document.y = Math.max(document.y, COVER.height) + 10;
  }

  #section<T>(title: string, items: readonly T[], each: (item: T) => void): void {
    if (items.length === 0) return;
    this.#heading(title);
    for (const item of items) each(item);
  }

  #heading(title: string): void {
    this.#room(90);
    this.document.moveDown(0.6);
    this.#line('H2', title, 'bold', 13, INK, 0.4);
  }

  #weight(severity: Severity): void {
    this.#room(75);
    this.document.fontSize(9).moveDown(0.4);
    this.#line('H3', severity.toUpperCase(), 'bold', 9, COLOURS[severity], 0.3);
  }

  #short({ title, fix }: ShortFinding): void {
    this.#room(26);
    this.#line('P', title, 'text', 9, INK, 0);
    this.#line('P', fix, 'text', 8, MUTED, 0.35);
  }

  #scores(title: string, scores: readonly ReportScore[]): void {
    if (scores.length === 0) return;
    this.#heading(title);
    const table = this.document.struct('Table');
    this.#root.add(table);
    this.#row(table, 'TH', ['', 'score', 'hold', 'fail', 'open']);
    for (const { name, score, passed, failed, open } of scores) {
      this.#row(
        table,
        'TD',
        [
          name === '' ? '(no namespace)' : name,
          score === null ? '–' : String(score),
          String(passed),
          String(failed),
          String(open),
        ],
        score,
      );
    }
    table.end();
    this.document.x = MARGIN;
  }

  /** A line of a table of scores, on one page, with its bar where it has a score. */
  #row(
    table: PDFKit.PDFStructureElement,
    tag: 'TH' | 'TD',
    cells: readonly string[],
    score: number | null = null,
  ): void {
    const { document } = this;
    this.#room(ROW);
    const { y } = document;
    const bar = { x: MARGIN + NAME_WIDTH + 10, width: 150 };
    if (tag === 'TD') {
      this.#artifact(() => {
        document.rect(bar.x, y + 3, bar.width, 6).fill('#e2e8f0');
        if (score !== null && score > 0) {
          document.rect(bar.x, y + 3, (bar.width * score) / 100, 6).fill(scoreColour(score));
        }
      });
    }
    const row = document.struct('TR');
    table.add(row);
    for (const [at, cell] of cells.entries()) {
      const x = at === 0 ? MARGIN : bar.x + bar.width + (at - 1) * NUMBER_WIDTH;
      const place = { width: at === 0 ? NAME_WIDTH : NUMBER_WIDTH, height: ROW, ellipsis: true } as const;
      row.add(
        document.struct(tag, {}, () => {
          document.font(tag === 'TH' ? 'bold' : 'text').fontSize(8.5);
          document.fillColor(tag === 'TH' ? MUTED : INK);
          document.text(printable(cell), x, y, { ...place, align: at === 0 ? 'left' : 'right' });
        }),
      );
    }
    row.end();
    document.y = y + ROW;
  }

  #controls({ frameworks }: ReportModel): void {
    const controls = frameworks.flatMap((framework) => framework.controls);
    this.#section('Controls', controls, ({ control, status, failed, open }) => {
      const which = [...failed, ...open].join(', ');
      const words = status === 'needs-a-person' ? 'needs a person' : status;
      this.#line('P', `${control}: ${words}${which === '' ? '' : ` (${which})`}`, 'text', 9, INK, 0.25);
    });
  }

  #finding(read: ReadFinding): void {
    const { severity, title, number, check, evidence, proof, fix } = read.finding;
    this.#room(75);
    this.#line('H4', title, 'bold', 10, COLOURS[severity], 0.15);
    this.#line('P', `${number} ${check}, ${placeOf(read.finding)}`, 'text', 8, MUTED, 0.15);
    for (const { what, value } of evidence) this.#line('P', `${what}: ${value}`, 'text', 8.5, INK, 0.1);
    if (proof !== '') this.#line('P', `proof: ${proof}`, 'text', 8.5, INK, 0.1);
    this.#line('P', `${fix === null ? 'do' : 'fix'}: ${fixText(read)}`, 'bold', 8.5, INK, 0.2);
    for (const one of read.also) this.#line('P', `this settles too: ${alsoText(one)}`, 'text', 8, MUTED, 0.1);
    this.document.moveDown(0.8);
  }

  /** On a ground of its own, and on one page where it fits on one. */
  #code(title: string, text: string): void {
    const { document } = this;
    const width = document.page.width - 2 * MARGIN;
    const height = document.font('mono').fontSize(CODE_SIZE).heightOfString(printable(text), { width });
    const fits = height + 24 < document.page.height - 2 * MARGIN;
    this.#room(fits ? height + 24 : 90);
    this.#line('H3', title, 'bold', 9, INK, 0.4);
    const { y } = document;
    if (fits) this.#artifact(() => document.rect(MARGIN - 4, y - 3, width + 8, height + 4).fill('#f1f5f9'));
    this.#line('Code', text, 'mono', CODE_SIZE, INK, 0.9);
  }

  #line(
    tag: 'H1' | 'H2' | 'H3' | 'H4' | 'P' | 'Code',
    text: string,
    font: string,
    size: number,
    colour: string,
    after: number,
    place: PDFKit.Mixins.TextOptions = {},
  ): void {
    const element = this.document.struct(tag, {}, () => {
      this.document.font(font).fontSize(size).fillColor(colour).text(printable(text), place);
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

/** A part of a circle from its top on, clockwise. */
function arc(x: number, y: number, radius: number, part: number): string {
  const angle = 2 * Math.PI * Math.min(part, 0.9999);
  const end = `${(x + radius * Math.sin(angle)).toFixed(2)} ${(y - radius * Math.cos(angle)).toFixed(2)}`;
  return `M ${String(x)} ${String(y - radius)} A ${String(radius)} ${String(radius)} 0 ${part > 0.5 ? '1' : '0'} 1 ${end}`;
}

/** Control characters have no shape and would break lines where none is meant. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ');
}
