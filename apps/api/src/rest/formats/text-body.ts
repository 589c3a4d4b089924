import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Provenance } from '#analysis';
import { csvLine, render, type Column, type Exhibit } from '#render';
import { provenanceToBody } from '../provenance.mapper.js';
import { mediaTypeOf, type RestFormat } from './negotiate.js';

/** Forms that are sent as text; JSON is left to the framework. */
export type TextFormat = Exclude<RestFormat, 'json' | 'ndjson'>;

/** A list that is sent while it is found. */
export interface RowStream<T> {
  readonly chunks: AsyncIterable<readonly T[]>;
  readonly columns: readonly Column[];
  readonly cells: (row: T) => readonly string[];
}

/** What an answer says of itself; in forms that have no room for it that goes into a header. */
type About = Provenance & { readonly caveat?: string | null };

/** The body of an answer as text. */
export async function textBody(
  reply: FastifyReply,
  format: TextFormat,
  exhibit: Exhibit,
  about: About,
): Promise<string> {
  const text = await render(exhibit, format);
  startText(reply, format, about);
  // A picture that is opened by itself must not become a page that runs something.
  void reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
  return text;
}

/** Rows as lines, one chunk after the other; the next is made when the client has taken the last. */
export function rowsBody<T>(reply: FastifyReply, format: 'ndjson' | 'csv', rows: RowStream<T>, about: About): Readable {
  if (format === 'ndjson') return linesBody(reply, rows.chunks, about);
  startText(reply, format, about);
  return Readable.from(csvLines(rows), { objectMode: false });
}

/** Rows as lines of JSON, in the same way. */
export function linesBody<T>(reply: FastifyReply, chunks: RowStream<T>['chunks'], about: About): Readable {
  startText(reply, 'ndjson', about);
  return Readable.from(jsonLines(chunks), { objectMode: false });
}

function startText(reply: FastifyReply, format: RestFormat, about: About): void {
  const charset = format === 'svg' ? '' : '; charset=utf-8';
  void reply
    .header('content-type', mediaTypeOf(format) + charset)
    .header('x-content-type-options', 'nosniff')
    .header('atlas-as-of', JSON.stringify({ ...provenanceToBody(about), caveat: about.caveat }));
}

async function* jsonLines<T>(chunks: AsyncIterable<readonly T[]>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield chunk.map((row) => `${JSON.stringify(row)}\n`).join('');
}

async function* csvLines<T>({ chunks, columns, cells }: RowStream<T>): AsyncGenerator<string> {
  yield csvLine(columns.map(({ title }) => title));
  for await (const chunk of chunks) yield chunk.map((row) => csvLine(cells(row))).join('');
}
