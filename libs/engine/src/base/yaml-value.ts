/**
 * The plain or quoted value at a path of keys of a YAML or JSON mapping; undefined where there is none. Comments do not
 * count, nor do keys of other mappings. Of YAML it reads what settings are written in: mappings in lines or in braces; no
 * anchors, no text of several lines.
 */
export function yamlValue(document: string, ...keys: readonly string[]): string | undefined {
  const lines = document
    .split(/\r?\n/)
    .map(withoutComment)
    .filter((line) => line.trim() !== '' && !/^(---|\.\.\.|%)/.test(line));
  return inLines(lines, keys);
}

const KEY = /^(?:"([^"]*)"\s*|'([^']*)'\s*|([^\s"'{[][^:]*)):(?:\s+(.*))?$/s;

function inLines(lines: readonly string[], keys: readonly string[]): string | undefined {
  if (lines[0]?.trimStart().startsWith('{') === true) return inBraces(lines.join(' ').trim(), keys);
  const depth = depthOf(lines[0] ?? '');
  for (const [at, line] of lines.entries()) {
    if (depthOf(line) !== depth) continue;
    const [key, value] = pairOf(line.trim());
    if (key !== keys[0]) continue;
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((next) => depthOf(next) <= depth);
    const inner = end < 0 ? rest : rest.slice(0, end);
    if (keys.length === 1) return inner.length === 0 ? scalar(value) : undefined;
    return inLines(value === '' ? inner : [value, ...inner], keys.slice(1));
  }
  return undefined;
}

function inBraces(text: string, keys: readonly string[]): string | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  for (const part of partsOf(text.slice(1, -1))) {
    // JSON needs no space after the colon.
    const [key, value] = pairOf(part.trim().replace(/^("[^"]*"|'[^']*')\s*:/, '$1: '));
    if (key === keys[0]) return keys.length === 1 ? scalar(value) : inBraces(value, keys.slice(1));
  }
  return undefined;
}

function pairOf(text: string): readonly [key: string, value: string] {
  const [, double, single, plain, value = ''] = KEY.exec(text) ?? [];
  return [double ?? single ?? plain?.trimEnd() ?? '', value.trim()];
}

function scalar(value: string): string | undefined {
  const [, double, single] = /^"([^"\\]*)"$|^'([^']*)'$/.exec(value) ?? [];
  const text = double ?? single ?? (/^["'{[|>&*!]/.test(value) ? '' : value);
  return text === '' ? undefined : text;
}

const depthOf = (line: string): number => line.length - line.trimStart().length;

/** Without what follows a `#` that stands outside quotes, at the start or after a space. */
function withoutComment(line: string): string {
  for (const [at, char, quote] of outline(line)) {
    if (char === '#' && quote === '' && (at === 0 || /\s/.test(line[at - 1] as string)))
      return line.slice(0, at).trimEnd();
  }
  return line.trimEnd();
}

/** What commas divide that stand outside quotes, braces and brackets. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let [start, depth] = [0, 0];
  for (const [at, char, quote] of outline(text)) {
    if (quote !== '') continue;
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Each character, with the quotes that it stands between; a quote inside a word opens none. */
function* outline(text: string): Generator<readonly [at: number, char: string, quote: string]> {
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    yield [at, char, quote];
    if (quote === '"' && char === '\\') yield [++at, text[at] ?? '', quote];
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if ((char === '"' || char === "'") && (at === 0 || /[\s{[,:]/.test(text[at - 1] as string))) quote = char;
  }
}
