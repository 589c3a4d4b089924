import { Inject, Injectable } from '@nestjs/common';
import { AppError, type AllConnectionsInput, type ConnectionsInput, type SnapshotAt } from '#contracts';
import {
  caveatOf,
  connectionView,
  openConnections,
  readConnectionsQuestion,
  type ConnectionList,
  type ConnectionsQuestion,
  type ConnectionView,
  type ListedConnection,
} from '#engine';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listedPage, type ListedPage } from '../paging/listed-page.js';
import { pacedBatches, runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { questionOf } from '../question/question-fields.js';

/** Rows sent at once, or some more. */
const CHUNK_ROWS = 500;
/** Rows that fit a matrix or a picture, which must be whole before they are shown. */
const MOST_ROWS_AT_ONCE = 50_000;

/** What every list of connections says of itself. */
interface AboutConnections extends Provenance {
  /** What is not told because it cannot be; null for nothing. */
  readonly caveat: string | null;
}

/** A page of connections; all pages of one cursor chain are of one snapshot. */
export interface ConnectionPage extends AboutConnections, ListedPage<ConnectionView> {}

/** Every connection of a question, in chunks as they are found. */
export interface ConnectionStream extends AboutConnections {
  readonly chunks: AsyncIterable<readonly ConnectionView[]>;
}

/** All connections of a question at once. */
export interface WholeConnections extends AboutConnections {
  readonly rows: readonly ConnectionView[];
}

/** What can connect to what, over many pairs at once. */
@Injectable()
export class Connections {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `cursor.invalid` */
  async page(cluster: string, input: ConnectionsInput): Promise<ConnectionPage> {
    const question = questionOf(readConnectionsQuestion(input));
    const first = await this.reader.locate(cluster, input.at);
    const scope = ['connections', first.cluster.id, question, input.at];
    const [seq, source, row] =
      input.cursor === undefined
        ? [first.snapshot.seq, 0, 0]
        : (this.cursors.open(scope, input.cursor).map(Number) as [number, number, number]);
    const located =
      seq === first.snapshot.seq ? first : await this.reader.locate(first.cluster.id, { seq } satisfies SnapshotAt);
    const { list, about } = await this.open(located, question);
    const found = await firstRows(list.rows([source, row]), input.limit + 1);
    const shown = listedPage(found, input.limit, ({ position }) => this.cursors.seal(scope, [seq, ...position]));
    return { ...about, ...shown, items: shown.items.map(connectionView) };
  }

  /** The list without an end. The first chunk is on its way before the last row is known. */
  async stream(cluster: string, input: AllConnectionsInput): Promise<ConnectionStream> {
    const question = questionOf(readConnectionsQuestion(input));
    const located = await this.reader.locate(cluster, input.at);
    const { list, about } = await this.open(located, question);
    return { ...about, chunks: views(pacedBatches(list.rows(), CHUNK_ROWS)) };
  }

  /** All rows for what needs them together. @throws AppError `question.invalid` when they are too many for that */
  async whole(cluster: string, input: AllConnectionsInput): Promise<WholeConnections> {
    const { chunks, ...about } = await this.stream(cluster, input);
    const rows: ConnectionView[] = [];
    for await (const chunk of chunks) {
      rows.push(...chunk);
      if (rows.length > MOST_ROWS_AT_ONCE) throw tooMany();
    }
    return { ...about, rows };
  }

  private async open(
    located: LocatedSnapshot,
    question: ConnectionsQuestion,
  ): Promise<{ readonly list: ConnectionList; readonly about: AboutConnections }> {
    const compiled = await this.reader.compiled(located);
    const opened = await runPaced(openConnections(compiled, question, located.sees));
    if ('error' in opened) throw notFoundError(opened.error);
    const caveat = question.verdict === 'unknown' ? null : caveatOf(compiled, question.reading, located.sees);
    return { list: opened.found, about: { ...located.provenance, caveat } };
  }
}

async function firstRows(rows: ReturnType<ConnectionList['rows']>, most: number): Promise<ListedConnection[]> {
  const found: ListedConnection[] = [];
  for await (const chunk of pacedBatches(rows, most)) {
    found.push(...chunk);
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

async function* views(chunks: AsyncIterable<readonly ListedConnection[]>): AsyncGenerator<readonly ConnectionView[]> {
  for await (const chunk of chunks) yield chunk.map(connectionView);
}

function tooMany(): AppError {
  const detail = `more than ${String(MOST_ROWS_AT_ONCE)} rows are too many at once: narrow it by \`from\`, \`to\` or \`focus\`, group it by namespace, or take the list`;
  return new AppError('question.invalid', detail, { errors: [{ pointer: '/by', detail }] });
}
