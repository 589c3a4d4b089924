import type { DestinationStream } from 'pino';

const HIDDEN = new Set(['time', 'level', 'app', 'msg']);

function fieldText(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

function prettyLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const error = entry['error'] as { stack?: unknown } | undefined;
  const fields = Object.keys(entry)
    .filter((key) => !HIDDEN.has(key) && key !== 'error')
    .map((key) => `${key}=${fieldText(entry[key])}`);
  const head = `${String(entry['time']).slice(11, 23)} ${String(entry['level']).padEnd(5)} ${String(entry['msg'])}`;
  const stack = typeof error?.stack === 'string' ? `\n  ${error.stack.replaceAll('\n', '\n  ')}` : '';
  return `${[head, ...fields].join(' ')}${stack}\n`;
}

/** A stream that takes JSON log lines and writes lines for people: time, level, message, `key=value`. */
export function prettyLines(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(prettyLine(line)) };
}
