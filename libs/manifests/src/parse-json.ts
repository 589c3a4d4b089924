import { pointer as pointerTo } from '#engine';

import { type DocumentFault, type DocumentResult, MAX_DEPTH } from './parsed-document.js';

/** Parses a JSON file: one value, or several behind each other as kubectl accepts. Never throws. */
export function parseJson(text: string): DocumentResult[] {
  const parts = splitValues(text);
  return parts.map((part, index) => parseValue(part.text, part.line, index + 1));
}

function parseValue(text: string, firstLine: number, number: number): DocumentResult {
  const fault = (found: Omit<DocumentFault, 'number'>): DocumentResult => ({
    ok: false,
    fault: { ...found, line: firstLine + found.line - 1, number },
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message, line } = syntaxFault(error as Error, text);
    return fault({ code: 'manifest.syntax', message: `not valid JSON: ${message}`, line });
  }
  const structure = scanJson(text);
  if (structure) return fault(structure);
  const lineOf = (pointer: string): number => firstLine + jsonLineOf(text, pointer) - 1;
  return { ok: true, document: { value, number, lineOf } };
}

/** Cuts text between top-level objects. Text whose brackets do not match stays in one piece, for the parser to refuse. */
function splitValues(text: string): { text: string; line: number }[] {
  const parts: { text: string; line: number }[] = [];
  const bracket = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  let depth = 0;
  let start = 0;
  for (let found = bracket.exec(text); found; found = bracket.exec(text)) {
    const token = found[0];
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else continue;
    if (depth < 0) break;
    if (depth > 0) continue;
    const from = start + (/^\s*/.exec(text.slice(start, start + 4096))?.[0].length ?? 0);
    parts.push({ text: text.slice(from, bracket.lastIndex), line: lineAt(text, from) });
    start = bracket.lastIndex;
  }
  const rest = text.slice(start);
  if (rest.trim() !== '') parts.push({ text: rest, line: lineAt(text, start) });
  return parts;
}

function syntaxFault(error: Error, text: string): { message: string; line: number } {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  const atEnd = error.message.includes('end of JSON input');
  const offset = position === undefined ? (atEnd ? text.length : 0) : Number(position);
  if (atEnd) return { message: 'the text ends too early', line: lineAt(text, offset) };
  const found = text[offset];
  const message = found === undefined ? 'the text ends too early' : `unexpected \`${found}\``;
  return { message, line: lineAt(text, offset) };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

interface Frame {
  readonly pointer: string;
  /** Keys seen in an object, null in an array. */
  readonly keys: Set<string> | null;
  index: number;
  key: string;
}

type Visit = (pointer: string, offset: number) => void;

/** Walks text that is known to be valid JSON: duplicate keys and depth, which `JSON.parse` does not report. */
function scanJson(text: string, visit?: Visit): Omit<DocumentFault, 'number'> | null {
  const frames: Frame[] = [];
  let expectKey = false;
  const place = (): string => {
    const top = frames.at(-1);
    return top ? pointerTo(top.pointer, top.keys ? top.key : top.index) : '';
  };
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gy;
  const space = /\s*/gy;
  for (let at = 0; at < text.length;) {
    space.lastIndex = at;
    space.exec(text);
    token.lastIndex = space.lastIndex;
    const found = token.exec(text)?.[0];
    if (found === undefined) break;
    const start = space.lastIndex;
    at = token.lastIndex;
    const top = frames.at(-1);
    if (found === '{' || found === '[') {
      visit?.(place(), start);
      if (frames.length >= MAX_DEPTH) {
        return {
          code: 'manifest.too_deep',
          message: `nested more than ${MAX_DEPTH} levels deep`,
          line: lineAt(text, start),
        };
      }
      frames.push({ pointer: place(), keys: found === '{' ? new Set() : null, index: 0, key: '' });
      expectKey = found === '{';
    } else if (found === '}' || found === ']') {
      frames.pop();
      expectKey = false;
    } else if (found === ',') {
      if (top) top.index += 1;
      expectKey = top !== undefined && top.keys !== null;
    } else if (found === ':') {
      expectKey = false;
    } else if (expectKey && top?.keys) {
      top.key = JSON.parse(found) as string;
      if (top.keys.has(top.key)) {
        const message = `key \`${top.key}\` is given twice`;
        return { code: 'manifest.duplicate_key', message, line: lineAt(text, start), pointer: place() };
      }
      top.keys.add(top.key);
    } else visit?.(place(), start);
  }
  return null;
}

function jsonLineOf(text: string, pointer: string): number {
  let best = 0;
  let bestLength = -1;
  scanJson(text, (at, offset) => {
    const isParent = pointer === at || pointer.startsWith(`${at}/`);
    if (isParent && at.length > bestLength) {
      best = offset;
      bestLength = at.length;
    }
  });
  return lineAt(text, best + 1);
}
