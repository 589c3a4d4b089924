import { escapeMarkup } from '../markup.js';
import { textWidth } from './text-width.js';

const FONT = "'Inter','Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif";
const TITLE_PX = 16;
const WORDS_PX = 12;
const TITLE_HEIGHT = 40;
const LINE_HEIGHT = 26;
export const MARGIN = 24;
/** How much wider bold letters are. */
export const BOLDER = 1.12;

/** What stands around every picture, and what is in it. */
export interface Frame {
  readonly title: string;
  /** Size of what is drawn. */
  readonly width: number;
  readonly height: number;
  readonly defs: readonly string[];
  readonly parts: readonly string[];
  /** Drawn below, in one line; '' for none. */
  readonly legend: string;
  /** In words, below all else; '' for none. */
  readonly note: string;
}

/** A picture with its title above and its legend and note below. */
export function renderFrame({ title, width, height, defs, parts, legend, note }: Frame): string {
  const notes = wrapped(note, Math.max(width, 560));
  const wide = Math.ceil(
    Math.max(
      width + 2 * MARGIN,
      textWidth(title, TITLE_PX) * BOLDER + 2 * MARGIN,
      ...notes.map((line) => textWidth(line, WORDS_PX) + 2 * MARGIN),
      240,
    ),
  );
  const drawn = Math.ceil(height) + 2 * MARGIN + TITLE_HEIGHT;
  const below = (legend === '' ? 0 : LINE_HEIGHT) + notes.length * LINE_HEIGHT;
  const noteAt = (line: number): number => drawn + below - 16 - (notes.length - 1 - line) * LINE_HEIGHT;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${drawn + below}" viewBox="0 0 ${wide} ${drawn + below}" font-family="${FONT}" role="img" aria-label="${escapeMarkup(title)}">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<defs>${defs.join('')}</defs>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="${MARGIN}" y="${MARGIN + 12}" font-size="${TITLE_PX}" font-weight="600" fill="#1d2733">${escapeMarkup(title)}</text>`,
    `<g transform="translate(${MARGIN},${MARGIN + TITLE_HEIGHT - 12})">`,
    ...parts,
    '</g>',
    ...(legend === ''
      ? []
      : [
          `<g transform="translate(${MARGIN},${drawn + LINE_HEIGHT - 16})" font-size="${WORDS_PX}" fill="#33414f">${legend}</g>`,
        ]),
    ...notes.map(
      (line, index) =>
        `<text x="${MARGIN}" y="${noteAt(index)}" font-size="${WORDS_PX}" fill="#5d6b7c">${escapeMarkup(line)}</text>`,
    ),
  ].join('\n')}\n</svg>\n`;
}

/** Words in lines of a width; none for no words. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || textWidth(longer, WORDS_PX) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return text === '' ? [] : lines;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
