import { isObject } from '#engine';
import type { Json, JsonObject } from '#engine';

/** Objects as a stream of YAML documents in block style. Texts that YAML would read as something else are quoted. */
export function toYaml(objects: readonly JsonObject[]): string {
  return objects.map((object) => `${lines(object).join('\n')}\n`).join('---\n');
}

function lines(value: JsonObject): string[] {
  return Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : under(`${scalar(key)}:`, entry, '  '),
  );
}

function under(head: string, value: Json, indent: string): string[] {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return items.length === 0 ? [`${head} []`] : [head, ...items.flatMap((item) => itemLines(item, indent))];
  }
  if (isObject(value)) {
    const inner = lines(value);
    return inner.length === 0 ? [`${head} {}`] : [head, ...inner.map((line) => (line === '' ? '' : indent + line))];
  }
  return typeof value === 'string' && isBlock(value) ? block(head, value) : [`${head} ${scalar(value)}`];
}

/** Text of several lines that can stand as it is: it ends with one line feed, and its first line is not indented. */
function isBlock(text: string): boolean {
  return /^\S[^\n]*\n/.test(text) && /[^\n]\n$/.test(text) && !/[^\n\x20-\x7e]/.test(text);
}

function block(head: string, text: string): string[] {
  return [
    `${head} |`,
    ...text
      .slice(0, -1)
      .split('\n')
      .map((line) => (line === '' ? '' : `  ${line}`)),
  ];
}

function itemLines(item: Json, indent: string): string[] {
  if (isObject(item)) {
    const inner = lines(item);
    if (inner.length === 0) return [`${indent}- {}`];
    return inner.map((line, index) => (line === '' ? '' : `${indent}${index === 0 ? '- ' : '  '}${line}`));
  }
  if (Array.isArray(item)) return [`${indent}- ${JSON.stringify(item)}`];
  return [`${indent}- ${scalar(item)}`];
}

const PLAIN = /^[A-Za-z][\w./-]*$/;
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;

function scalar(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
