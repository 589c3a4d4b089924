import { Inject, Injectable } from '@nestjs/common';
import type { AllExposureInput, EntryPointsInput, ExposureInput } from '#contracts';
import {
  caveatOf,
  entryPoints,
  exposures,
  parseIp,
  parsePeer,
  peerMembers,
  resolvePeer,
  type CompiledSnapshot,
  type Endpoint,
  type EntryPoint,
  type ExposureView,
} from '#engine';
import { CursorCodec } from '../paging/cursor-codec.js';
import type { ListedPage } from '../paging/listed-page.js';
import { pacedChunks } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { invalidQuestion } from '../question/question-fields.js';

/** Rows sent at once, at most. */
const CHUNK_ROWS = 500;

export interface EntryPointsAnswer extends Provenance {
  readonly items: readonly EntryPoint[];
}

/** What every list of exposures says of itself. */
interface AboutExposure extends Provenance {
  /** What is not told because it cannot be; null for nothing. */
  readonly caveat: string | null;
}

/** A page of exposures; all pages of one cursor chain are of one snapshot. */
export interface ExposurePage extends AboutExposure, ListedPage<ExposureView> {}

/** The exposure of every workload, in chunks as it is found. */
export interface ExposureStream extends AboutExposure {
  readonly chunks: AsyncIterable<readonly ExposureView[]>;
}

/** What something outside, or a pod that nobody has made yet, can reach. */
@Injectable()
export class Outside {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found` */
  async entryPoints(cluster: string, input: EntryPointsInput): Promise<EntryPointsAnswer> {
    const { client = null, reading } = input;
    if (client !== null && parseIp(client) === null) {
      throw invalidQuestion([{ pointer: '/client', detail: `\`${client}\` is not an address` }]);
    }
    const located = await this.reader.locate(cluster, input.at);
    const compiled = await this.reader.compiled(located);
    const to = input.to === undefined ? null : membersOf(compiled, input.to, '/to', located);
    return { ...located.provenance, items: entryPoints(compiled, { reading, to, client }, located.sees) };
  }

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `cursor.invalid` */
  async exposure(cluster: string, input: ExposureInput): Promise<ExposurePage> {
    const first = await this.reader.locate(cluster, input.at);
    const scope = ['exposure', first.cluster.id, input.of, input.reading, input.at];
    const position = input.cursor === undefined ? null : this.cursors.open(scope, input.cursor).map(Number);
    const [seq = first.snapshot.seq, skip = 0] = position ?? [];
    const located = seq === first.snapshot.seq ? first : await this.reader.locate(first.cluster.id, { seq });
    const { walk, about } = await this.walk(located, input, skip);
    const found: ExposureView[] = [];
    for await (const chunk of pacedChunks(walk, input.limit + 1)) {
      found.push(...chunk);
      if (found.length > input.limit) break;
    }
    const items = found.slice(0, input.limit);
    const cursorAfter = (index: number): string => this.cursors.seal(scope, [seq, skip + index + 1]);
    const nextCursor = found.length > input.limit ? cursorAfter(items.length - 1) : null;
    return { ...about, items, nextCursor, cursorAfter };
  }

  /** The list without an end. The first chunk is on its way before the last workload is asked about. */
  async everyExposure(cluster: string, input: AllExposureInput): Promise<ExposureStream> {
    const { walk, about } = await this.walk(await this.reader.locate(cluster, input.at), input, 0);
    return { ...about, chunks: pacedChunks(walk, CHUNK_ROWS) };
  }

  private async walk(
    located: LocatedSnapshot,
    { of, reading }: AllExposureInput,
    skip: number,
  ): Promise<{ readonly walk: ReturnType<typeof exposures>; readonly about: AboutExposure }> {
    const compiled = await this.reader.compiled(located);
    const within = of === undefined ? null : membersOf(compiled, of, '/of', located);
    return {
      walk: exposures(compiled, reading, (endpoint) => within?.has(endpoint) ?? true, located.sees, skip),
      about: { ...located.provenance, caveat: caveatOf(compiled, reading, located.sees) },
    };
  }
}

function membersOf(
  compiled: CompiledSnapshot,
  text: string,
  pointer: string,
  { sees }: LocatedSnapshot,
): ReadonlySet<Endpoint> {
  const parsed = parsePeer(text);
  if ('error' in parsed) throw invalidQuestion([{ pointer, detail: parsed.error }]);
  const peer = resolvePeer(compiled, parsed.peer, 'destination', sees);
  if (peer.type === 'notFound') throw notFoundError(peer.error, pointer);
  const found = peerMembers(compiled, peer, 'destination', sees);
  if ('error' in found) throw notFoundError(found.error, pointer);
  return new Set(found.members);
}
