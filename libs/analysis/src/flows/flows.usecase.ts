import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { suggestPolicies, type FlowSuggestions } from '#checks';
import type { ExplainFlowsInput, SuggestFlowsInput } from '#contracts';
import {
  explainFlow,
  placeFlows,
  type CompiledSnapshot,
  type ExplainedFlow,
  type FlowStanding,
  type PlacedFlow,
  type Sees,
} from '#engine';
import { readingFlows, type FlowsRead } from '#flows';
import { CursorCodec } from '../paging/cursor-codec.js';
import { pacedChunks, runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';

/** What became of a file of flows, beside what is asked about them. */
export type FlowFileSummary = Omit<FlowsRead, 'flows'> & { readonly flows: number };

export interface ExplainedFlows extends Provenance {
  readonly read: FlowFileSummary;
  /** How many stand in which way, of all that were read and not of the page alone. */
  readonly standings: Readonly<Partial<Record<FlowStanding, number>>>;
  readonly items: readonly ExplainedFlow[];
  readonly nextCursor: string | null;
  cursorAfter(index: number): string;
}

export interface FlowSuggestionsAnswer extends Provenance, FlowSuggestions {
  readonly read: FlowFileSummary;
}

/** Flows that somebody saw, held against policy. Nothing of them is kept. */
@Injectable()
export class Flows {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Which policies decide each flow, and where what was seen is not what they say. The next page needs the same flows.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  async explain(cluster: string, text: string, input: ExplainFlowsInput): Promise<ExplainedFlows> {
    const located = await this.reader.locate(cluster, input.at);
    const digest = createHash('sha256').update(text).digest('base64url');
    const scope = ['flows', located.cluster.id, located.snapshot.seq, digest, input.standing];
    const [skip = 0] = input.cursor === undefined ? [] : this.cursors.open(scope, input.cursor).map(Number);
    const [read, compiled] = await Promise.all([runPaced(readingFlows(text)), this.reader.compiled(located)]);
    const explained: ExplainedFlow[] = [];
    const explaining = explanations(compiled, placeFlows(compiled, read.flows, located.sees), located.sees);
    for await (const chunk of pacedChunks(explaining, input.limit)) explained.push(...chunk);
    const standings: Partial<Record<FlowStanding, number>> = {};
    for (const { standing } of explained) standings[standing] = (standings[standing] ?? 0) + 1;
    const wanted = explained.filter(({ standing }) => input.standing?.includes(standing) ?? true);
    const items = wanted.slice(skip, skip + input.limit);
    const cursorAfter = (index: number): string => this.cursors.seal(scope, [skip + index + 1]);
    const nextCursor = skip + items.length < wanted.length ? cursorAfter(items.length - 1) : null;
    return { ...located.provenance, read: summaryOf(read), standings, items, nextCursor, cursorAfter };
  }

  /**
   * Policies that let through just what passed, proved on the snapshot.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async suggest(cluster: string, text: string, input: SuggestFlowsInput): Promise<FlowSuggestionsAnswer> {
    const located = await this.reader.locate(cluster, input.at);
    const [read, compiled] = await Promise.all([runPaced(readingFlows(text)), this.reader.compiled(located)]);
    const { sees } = located;
    const placed = placeFlows(compiled, read.flows, sees);
    const suggestions = suggestPolicies(compiled, placed, { form: input.form, namespaces: input.namespace, sees });
    return { ...located.provenance, read: summaryOf(read), ...suggestions };
  }
}

function* explanations(snapshot: CompiledSnapshot, flows: readonly PlacedFlow[], sees: Sees): Generator<ExplainedFlow> {
  for (const flow of flows) yield explainFlow(snapshot, flow, sees);
}

function summaryOf({ flows, ...read }: FlowsRead): FlowFileSummary {
  return { ...read, flows: flows.length };
}
