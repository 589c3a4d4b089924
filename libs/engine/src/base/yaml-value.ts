/**
 * The plain or quoted value at a path of keys of a YAML or JSON mapping; undefined where there is none. Comments do not
 * count, nor do keys of other mappings. Of YAML it reads what settings are written in: mappings and lists in lines or in
 * braces and brackets; no anchors, no text of several lines.
 */
export function yamlValue(document: string, ...keys: readonly string[]): string | undefined {
  const found = inLines(linesOf(document), keys);
  return found?.inner.length === 0 ? scalar(found.value) : undefined;
}

/** The items of a list there, in the same kind of text: plain and quoted ones as they are, mappings to look up keys in. */
export function yamlItems(document: string, ...keys: readonly string[]): readonly string[] {
  const { value, inner } = inLines(linesOf(document), keys) ?? { value: '', inner: [] };
  const whole = [value, ...inner].join(' ').trim();
  const items = whole.startsWith('[') && whole.endsWith(']') ? partsOf(whole.slice(1, -1)) : itemsOf(inner);
  return items.filter((item) => item.trim() !== '').map((item) => (item.includes('\n') ? item : asItem(item.trim())));
}

/** The keys of a mapping there. */
export function yamlKeys(document: string, ...keys: readonly string[]): readonly string[] {
  const { value, inner } = inLines(linesOf(document), keys) ?? { value: '', inner: [] };
  const lines = value === '' ? inner : [value, ...inner];
  const whole = lines.join(' ').trim();
  const pairs = whole.startsWith('{')
    ? partsOf(whole.replace(/^\{|\}$/g, '')).map(withSpace)
    : lines.filter((line) => depthOf(line) === depthOf(lines[0] ?? ''));
  return pairs.map((pair) => pairOf(pair.trim())[0]).filter((key) => key !== '');
}

const asItem = (text: string): string => scalar(text) ?? text;

function linesOf(document: string): readonly string[] {
  return document
    .split(/\r?\n/)
    .map(withoutComment)
    .filter((line) => line.trim() !== '' && !/^(---|\.\.\.|%)/.test(line));
}

/** What stands behind a key: on its line, and on those that belong to it. */
interface Found {
  readonly value: string;
  readonly inner: readonly string[];
}

const KEY = /^(?:"([^"]*)"\s*|'([^']*)'\s*|([^\s"'{[][^:]*)):(?:\s+(.*))?$/s;

function inLines(lines: readonly string[], keys: readonly string[]): Found | undefined {
  if (lines[0]?.trimStart().startsWith('{') === true) return inBraces(lines.join(' ').trim(), keys);
  const depth = depthOf(lines[0] ?? '');
  for (const [at, line] of lines.entries()) {
    if (depthOf(line) !== depth) continue;
    const [key, value] = pairOf(line.trim());
    if (key !== keys[0]) continue;
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((next) => depthOf(next) < depth || (depthOf(next) === depth && !goesOn(next)));
    const inner = end < 0 ? rest : rest.slice(0, end);
    return keys.length === 1 ? { value, inner } : inLines(value === '' ? inner : [value, ...inner], keys.slice(1));
  }
  return undefined;
}

function inBraces(text: string, keys: readonly string[]): Found | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  for (const part of partsOf(text.slice(1, -1))) {
    const [key, value] = pairOf(withSpace(part));
    if (key === keys[0]) return keys.length === 1 ? { value, inner: [] } : inBraces(value, keys.slice(1));
  }
  return undefined;
}

/** JSON needs no space after the colon. */
const withSpace = (part: string): string => part.trim().replace(/^("[^"]*"|'[^']*')\s*:/, '$1: ');

const isItem = (line: string): boolean => /^\s*-(\s|$)/.test(line);

/** Whether a line need not stand further in than the key that it belongs to: an item of a list, or what closes one. */
const goesOn = (line: string): boolean => isItem(line) || /^\s*[\]}]/.test(line);

/** Items in lines, each without its dash, so that the keys of a mapping stand in one column. */
function itemsOf(lines: readonly string[]): readonly string[] {
  const [first = ''] = lines;
  if (!isItem(first)) return [];
  const items: string[][] = [];
  for (const line of lines) {
    if (depthOf(line) === depthOf(first) && isItem(line)) items.push([line.replace('-', ' ')]);
    else items.at(-1)?.push(line);
  }
  return items.map((item) => item.join('\n'));
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
