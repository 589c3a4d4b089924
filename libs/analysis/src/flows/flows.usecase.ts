import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { suggestPolicies, type FlowSuggestions } from '#checks';
import { AppError, type ExplainFlowsInput, type SuggestFlowsInput } from '#contracts';
import {
  explainFlow,
  placeFlows,
  seenAgain,
  type CompiledSnapshot,
  type ExplainedFlow,
  type FlowStanding,
  type PlacedFlow,
  type SeenFlow,
  type Sees,
} from '#engine';
import { readingFlows } from '#flows';
import { CursorCodec } from '../paging/cursor-codec.js';
import { pacedChunks, runPaced } from '../pacing/paced.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { summaryOf, summaryOfKept, type FlowFileSummary } from './flow-file.js';
import { KeptFlows } from './kept-flows.usecase.js';

export interface ExplainedFlows extends Provenance, ListedPage<ExplainedFlow> {
  readonly read: FlowFileSummary;
  /** How many stand in which way, of all that were read and not of the page alone. */
  readonly standings: Readonly<Partial<Record<FlowStanding, number>>>;
}

export interface FlowSuggestionsAnswer extends Provenance, FlowSuggestions {
  readonly read: FlowFileSummary;
}

interface FlowsInHand {
  readonly read: FlowFileSummary;
  readonly flows: readonly SeenFlow[];
}

/** Flows that somebody saw, held against policy: those that are given, or those that the cluster keeps where none are. */
@Injectable()
export class Flows {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(KeptFlows) private readonly kept: KeptFlows,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Which policies decide each flow, and where what was seen is not what they say. The next page needs the same flows.
   * @throws AppError `request.invalid`, `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  async explain(cluster: string, text: string | null, input: ExplainFlowsInput): Promise<ExplainedFlows> {
    const located = await this.reader.locate(cluster, input.at);
    const digest = createHash('sha256')
      .update(text ?? 'kept')
      .digest('base64url');
    const scope = ['flows', located.cluster.id, located.snapshot.seq, digest, input.standing];
    const [skip = 0] = input.cursor === undefined ? [] : this.cursors.open(scope, input.cursor).map(Number);
    const [{ read, flows }, compiled] = await Promise.all([this.inHand(located, text), this.reader.compiled(located)]);
    const explained: ExplainedFlow[] = [];
    const explaining = explanations(compiled, placeFlows(compiled, flows, located.sees), located.sees);
    for await (const chunk of pacedChunks(explaining, input.limit)) explained.push(...chunk);
    const standings: Partial<Record<FlowStanding, number>> = {};
    for (const { standing } of explained) standings[standing] = (standings[standing] ?? 0) + 1;
    const wanted = explained.filter(({ standing }) => input.standing?.includes(standing) ?? true);
    const items = wanted.slice(skip, skip + input.limit);
    const cursorAfter = (index: number): string => this.cursors.seal(scope, [skip + index + 1]);
    const nextCursor = skip + items.length < wanted.length ? cursorAfter(items.length - 1) : null;
    return { ...located.provenance, read, standings, items, nextCursor, cursorAfter };
  }

  /**
   * Policies that let through just what passed, proved on the snapshot.
   * @throws AppError `request.invalid`, `cluster.not_found`, `snapshot.not_found`
   */
  async suggest(cluster: string, text: string | null, input: SuggestFlowsInput): Promise<FlowSuggestionsAnswer> {
    const located = await this.reader.locate(cluster, input.at);
    const [{ read, flows }, compiled] = await Promise.all([this.inHand(located, text), this.reader.compiled(located)]);
    const { sees } = located;
    const placed = placeFlows(compiled, flows, sees);
    const suggestions = suggestPolicies(compiled, placed, { form: input.form, namespaces: input.namespace, sees });
    return { ...located.provenance, read, ...suggestions };
  }

  private async inHand(located: LocatedSnapshot, text: string | null): Promise<FlowsInHand> {
    if (text !== null) {
      const read = await runPaced(readingFlows(text));
      return { read: summaryOf(read), flows: read.flows };
    }
    const { span, flows } = await this.kept.all(located);
    if (flows.length > 0) return { read: summaryOfKept(span), flows: flows.map(seenAgain) };
    throw new AppError(
      'request.invalid',
      `\`${located.cluster.name}\` keeps no flows that you may see, send some to be kept, or with the question`,
    );
  }
}

function* explanations(snapshot: CompiledSnapshot, flows: readonly PlacedFlow[], sees: Sees): Generator<ExplainedFlow> {
  for (const flow of flows) yield explainFlow(snapshot, flow, sees);
}
