/** Characters that are clearly narrower or wider than most, in a sans-serif face. */
const NARROW = /[iljtfr.,:;'|!()[\] ]/g;
const WIDE = /[mwMW@%]/g;

/** About how wide a text is drawn, in pixels. Pictures are drawn where no font can be measured, so it errs to the wide side. */
export function textWidth(text: string, sizePx: number): number {
  const narrow = text.match(NARROW)?.length ?? 0;
  const wide = text.match(WIDE)?.length ?? 0;
  return sizePx * (0.6 * (text.length - narrow - wide) + 0.36 * narrow + 0.88 * wide);
}

/** The text cut to a number of characters, with an ellipsis. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Words in lines of a width, a longer word in one of its own; none for no words. */
export function wrapped(text: string, width: number, sizePx: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || textWidth(longer, sizePx) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return text === '' ? [] : lines;
}
