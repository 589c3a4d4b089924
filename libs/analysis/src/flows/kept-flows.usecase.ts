import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import type { KeptFlowsInput } from '#contracts';
import { lastingFlows, placeFlows, type LastingFlow } from '#engine';
import { readingFlows } from '#flows';
import {
  firstOf,
  KEPT_FLOW_ORDER,
  KeptFlowRepository,
  MOST_KEPT_FLOWS,
  type KeptFlow,
  type KeptFlowSpan,
  type NewKeptFlow,
} from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { runPaced } from '../pacing/paced.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { summaryOf, type FlowFileSummary } from './flow-file.js';

/** What became of flows that were sent to be kept. */
export interface KeepFlowsAnswer extends Provenance {
  readonly read: FlowFileSummary;
  /** Flows, added up, that are kept now or were and have been added to. */
  readonly kept: number;
  readonly refused: number;
  /** The first peers for which flows were refused: not in the inventory, out of sight, or more than one workload. */
  readonly unnamed: readonly string[];
  /** Flows that went to make room: those that were not seen for longest. */
  readonly dropped: number;
}

/** A page of what a cluster keeps, the last seen first. */
export interface KeptFlowsPage extends Provenance, ListedPage<KeptFlow> {
  /** All that the caller may see, whatever the filter. */
  readonly span: KeptFlowSpan;
}

const MOST_UNNAMED = 100;

/** Flows that clusters keep, so that a question about what a change would cut need not bring them. */
@Injectable()
export class KeptFlows {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(KeptFlowRepository) private readonly flows: KeptFlowRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Adds flows to what the cluster keeps. Their peers are looked up now: later their addresses may be those of others.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async keep(cluster: string, text: string): Promise<KeepFlowsAnswer> {
    const located = await this.reader.locate(cluster);
    const [read, compiled] = await Promise.all([runPaced(readingFlows(text)), this.reader.compiled(located)]);
    const { flows, refused, unnamed } = lastingFlows(placeFlows(compiled, read.flows, located.sees));
    const now = new Date();
    const dropped = await this.flows.keep(
      located.cluster.id,
      flows.map((flow) => datedAt(now, flow)),
      read.sources,
    );
    const { provenance } = located;
    return {
      ...provenance,
      read: summaryOf(read),
      kept: flows.length,
      refused,
      unnamed: unnamed.slice(0, MOST_UNNAMED),
      dropped,
    };
  }

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(cluster: string, { limit, cursor, sort, backward, ...filter }: KeptFlowsInput): Promise<KeptFlowsPage> {
    const located = await this.reader.locate(cluster);
    const { id } = located.cluster;
    const page = { limit, cursor, sort, backward };
    const walk = listWalk(this.cursors, ['kept-flows', id, filter], KEPT_FLOW_ORDER, page);
    const [span, found] = await Promise.all([
      this.span(located),
      this.flows.list(id, located.scope, filter, walk.keyset),
    ]);
    return { ...located.provenance, span, ...walk.page(found) };
  }

  /** Everything that is kept of what the caller may see, with how much that is and of which time. */
  async all(
    located: LocatedSnapshot,
  ): Promise<{ readonly span: KeptFlowSpan; readonly flows: readonly LastingFlow[] }> {
    const [span, kept] = await Promise.all([
      this.span(located),
      this.flows.list(located.cluster.id, located.scope, {}, firstOf(KEPT_FLOW_ORDER, MOST_KEPT_FLOWS)),
    ]);
    const flows = kept.map(({ firstSeen, lastSeen, key: _, origins: __, ...flow }) => ({
      ...flow,
      firstSeen: firstSeen.toISOString(),
      lastSeen: lastSeen.toISOString(),
    }));
    return { span, flows };
  }

  /** Answers are made from what is kept, too: they are other ones when that has changed. */
  private async span({ cluster, scope }: LocatedSnapshot): Promise<KeptFlowSpan> {
    const span = await this.flows.span(cluster.id, scope);
    currentAccess().note(`${cluster.id}:flows ${String(span.flows)} ${span.keptAt?.toISOString() ?? ''}`);
    return span;
  }
}

/** With times that a source did not tell, or that are still to come, taken for now. */
function datedAt(now: Date, { firstSeen, lastSeen, ...flow }: LastingFlow): NewKeptFlow {
  const last = pastTime(lastSeen, now);
  return { ...flow, firstSeen: pastTime(firstSeen, last), lastSeen: last };
}

function pastTime(text: string, latest: Date): Date {
  const time = new Date(text);
  return time < latest ? time : latest;
}
