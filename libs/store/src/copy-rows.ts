import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A value of a COPY row. */
export type CopyValue = string | number | boolean;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const SPECIAL = /[\\\n\r\t]/g;
const CHUNK_BYTES = 256 * 1024;
/** Bytes that a character takes at most. */
const CHARACTER_BYTES = 3;

function copyText(value: CopyValue): string {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return String(value);
  return isPlain(value) ? value : value.replace(SPECIAL, (character) => ESCAPES[character] as string);
}

/** Nearly all values are, and looking for one character at a time is far cheaper than for one of several. */
function isPlain(value: string): boolean {
  return !value.includes('\\') && !value.includes('\n') && !value.includes('\r') && !value.includes('\t');
}

function lineOf(row: readonly CopyValue[]): string {
  let line = '';
  let separator = '';
  for (const value of row) {
    line += separator + copyText(value);
    separator = '\t';
  }
  return `${line}\n`;
}

/** Rows as COPY text, in pieces large enough that a write costs little. Each line is written where it is sent from. */
function* chunks(rows: Iterable<readonly CopyValue[]>): Generator<Buffer> {
  let piece = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for (const row of rows) {
    const line = lineOf(row);
    const most = line.length * CHARACTER_BYTES;
    if (filled + most > piece.length) {
      if (filled > 0) yield piece.subarray(0, filled);
      piece = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, most));
      filled = 0;
    }
    filled += piece.write(line, filled);
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Sends rows into `target` (a table with its column list). Rows are made as the server takes them. */
export async function copyRows(
  client: pg.PoolClient,
  target: string,
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  await pipeline(Readable.from(chunks(rows)), client.query(copyFrom(`COPY ${target} FROM STDIN`)));
}
