import { escapeMarkup } from '../markup.js';
import { textWidth, wrapped } from './text-width.js';

const FONT = "'Inter','Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif";
const TITLE_PX = 16;
/** Of what stands below the picture: the legend and the note. */
export const WORDS_PX = 12;
const TITLE_HEIGHT = 40;
/** From line to line of a title that is long. */
const TITLE_LINE = 22;
/** Words may be as wide as that, however narrow what is drawn is. */
const NARROWEST_WORDS = 560;
const LINE_HEIGHT = 26;
/** From line to line of a note. */
const NOTE_LINE = 18;
export const MARGIN = 24;
/** How much wider bold letters are. */
export const BOLDER = 1.12;

/** For who reads in the dark: what is light becomes dark, and green stays green. Its rule reaches nothing else on a page. */
const DARK =
  '@media (prefers-color-scheme: dark) { .atlas-picture { filter: invert(0.92) hue-rotate(180deg) } } @media print { .atlas-picture { filter: none } }';

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
  /** In words, below all else, in lines; '' for none. */
  readonly note: string;
}

/** A picture with its title above and its legend and note below. */
export function renderFrame({ title, width, height, defs, parts, legend, note }: Frame): string {
  const notes = note.split('\n').flatMap((line) => wrapped(line, Math.max(width, NARROWEST_WORDS), WORDS_PX));
  const titles = wrapped(title, Math.max(width, NARROWEST_WORDS), TITLE_PX * BOLDER);
  const top = TITLE_HEIGHT + (titles.length - 1) * TITLE_LINE;
  const wide = Math.ceil(
    Math.max(
      width + 2 * MARGIN,
      ...titles.map((line) => textWidth(line, TITLE_PX) * BOLDER + 2 * MARGIN),
      ...notes.map((line) => textWidth(line, WORDS_PX) + 2 * MARGIN),
      240,
    ),
  );
  const drawn = Math.ceil(height) + 2 * MARGIN + top;
  const below = (legend === '' ? 0 : LINE_HEIGHT) + (notes.length === 0 ? 0 : notes.length * NOTE_LINE + 8);
  const noteAt = (line: number): number => drawn + below - 16 - (notes.length - 1 - line) * NOTE_LINE;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${drawn + below}" viewBox="0 0 ${wide} ${drawn + below}" font-family="${FONT}" role="img" aria-label="${escapeMarkup(title)}">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<defs>${defs.join('')}</defs>`,
    `<style>${DARK}</style>`,
    '<g class="atlas-picture">',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...titles.map(
      (line, index) =>
        `<text x="${MARGIN}" y="${MARGIN + 12 + index * TITLE_LINE}" font-size="${TITLE_PX}" font-weight="600" fill="#1d2733">${escapeMarkup(line)}</text>`,
    ),
    `<g transform="translate(${MARGIN},${MARGIN + top - 12})">`,
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
    '</g>',
  ].join('\n')}\n</svg>\n`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
