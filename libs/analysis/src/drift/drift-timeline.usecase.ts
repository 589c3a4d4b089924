import { Inject, Injectable } from '@nestjs/common';
import { DRIFT_CHANNEL, type DriftTimelineInput } from '#contracts';
import { ENGINE_VERSION, visibleDrift, type DriftEntryView, type DriftReport } from '#engine';
import { Database, DriftRepository, SnapshotRepository, type DriftTallyRecord } from '#store';
import { looksAt } from '../clusters/looks-at.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { cursorsAfter } from '../paging/cursors-after.js';
import type { ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';
import type { SnapshotPoint } from './drift-answer.js';
import { countsFor, tallyOf, type DriftCounts, type DriftTally } from './drift-tally.js';
import { Drift } from './drift.usecase.js';

/** One stretch of a cluster's past. `drift` with these two numbers tells it in full. */
export interface DriftStretchView extends DriftCounts {
  readonly before: SnapshotPoint;
  readonly after: SnapshotPoint;
  readonly computedAt: Date;
  /** How far the later state was from the cluster's baseline; null where it had none then. */
  readonly fromBaseline: ({ readonly name: string } & DriftCounts) | null;
}

/** Reports of a cluster, newest first; stretches in which the caller could see nothing change are left out. */
export interface DriftTimelinePage extends Provenance, ListedPage<DriftStretchView> {}

const ROWS = 200;

/** What changed in a cluster, from snapshot to snapshot: worked out after each, kept, and told. */
@Injectable()
export class DriftTimeline {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(DriftRepository) private readonly drifts: DriftRepository,
    @Inject(Drift) private readonly drift: Drift,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
    @Inject(Database) private readonly database: Database,
  ) {}

  /**
   * Works out what changed since the last report, when there is something new. Snapshots that waited together make one
   * report; its entries tell in which of them they came about. Gives that report's counts, null when there was nothing
   * to do. Doing it twice does it once.
   * @throws AppError `cluster.not_found`
   */
  async compute(clusterId: string): Promise<DriftStretchView | null> {
    const newest = await this.snapshots.latest(clusterId);
    if (newest === null) return null;
    const last = (await this.drifts.lastReported(clusterId)) ?? newest.seq - 1;
    if (last >= newest.seq) return null;
    // What the last report ended with may not be kept any more: the oldest that is, is the earliest there is to tell of.
    const earlier = (await this.snapshots.at(clusterId, { seq: last })) ?? (await this.snapshots.oldest(clusterId));
    if (earlier === null || earlier.seq >= newest.seq) return null;
    const [before, after] = await Promise.all([
      this.reader.locate(clusterId, { seq: earlier.seq }),
      this.reader.locate(clusterId, { seq: newest.seq }),
    ]);
    const { report } = await this.drift.between(before, after);
    const baseline = await this.drift.fromBaseline(after);
    const tally: DriftTally = {
      ...tallyOf(report),
      ...(baseline !== null && { baseline: { name: baseline.name, tally: tallyOf(baseline.drift.report) } }),
    };
    const stretch = {
      clusterId,
      fromSeq: earlier.seq,
      toSeq: newest.seq,
      fromTakenAt: earlier.takenAt,
      toTakenAt: newest.takenAt,
      engineVersion: ENGINE_VERSION,
    };
    await this.drifts.save(stretch, report, tally);
    return viewOf({ ...stretch, computedAt: new Date(), tally }, () => true);
  }

  /** The entries of the report that ends with a snapshot; of what changed since the one before when none does. */
  async entriesOf(clusterId: string, seq: number): Promise<readonly DriftEntryView[]> {
    const stored = await this.drifts.endingWith(clusterId, seq);
    if (stored !== null) return (stored.report as DriftReport).entries;
    if ((await this.snapshots.at(clusterId, { seq: seq - 1 })) === null) return [];
    const [before, after] = await Promise.all([
      this.reader.locate(clusterId, { seq: seq - 1 }),
      this.reader.locate(clusterId, { seq }),
    ]);
    return (await this.drift.between(before, after)).report.entries;
  }

  /**
   * The report that ends with a snapshot, as far as the caller may see it, or null. It is as it was stored, so the snapshot
   * before may be gone. @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async reportOf(cluster: string, seq: number): Promise<DriftReport | null> {
    const { cluster: record, sees } = await this.reader.locate(cluster);
    const stored = await this.drifts.endingWith(record.id, seq);
    return stored === null ? null : visibleDrift(stored.report as DriftReport, sees);
  }

  /** Clusters that have snapshots which no report ends with. */
  behind(): Promise<string[]> {
    return this.drifts.behind();
  }

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(cluster: string, input: DriftTimelineInput): Promise<DriftTimelinePage> {
    const { cluster: record, sees, provenance } = await this.reader.locate(cluster);
    const { limit, dangerous = false, breaking = false } = input;
    const scope = ['driftTimeline', record.id, dangerous, breaking];
    const items: DriftStretchView[] = [];
    let before = input.cursor === undefined ? undefined : Number(this.cursors.open(scope, input.cursor)[0]);
    let hasMore = true;
    while (hasMore && items.length <= limit) {
      const rows = await this.drifts.list(record.id, ROWS, before);
      for (const row of rows) {
        const view = viewOf(row, sees);
        const isWanted =
          dangerous || breaking
            ? (dangerous && view.dangerous > 0) || (breaking && view.breaking > 0)
            : view.entries + view.objects > 0;
        if (isWanted) items.push(view);
      }
      before = rows.at(-1)?.toSeq;
      hasMore = rows.length === ROWS;
    }
    const page = items.slice(0, limit);
    const sealAt = (index: number): string => this.cursors.seal(scope, [page[index]?.after.seq ?? 0]);
    const nextCursor = items.length > limit ? sealAt(page.length - 1) : null;
    return { ...provenance, items: page, nextCursor, cursorAfter: cursorsAfter(page.length, nextCursor, sealAt) };
  }

  /**
   * Reports as they are stored, those behind snapshot `after` first, else from now on, until `signal` is aborted. What
   * the caller cannot see changes nothing for it.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async follow(
    cluster: string,
    after: number | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<DriftStretchView>> {
    const { cluster: record } = await this.reader.locate(cluster);
    const from = after ?? (await this.drifts.lastReported(record.id)) ?? 0;
    return this.stored(record.id, from, signal);
  }

  private async *stored(clusterId: string, from: number, signal: AbortSignal): AsyncGenerator<DriftStretchView> {
    let last = from;
    for await (const id of looksAt(this.database, DRIFT_CHANNEL, clusterId, signal)) {
      // Looked up anew each time: rights may have changed since the last one.
      const { sees } = await this.reader.locate(id);
      let rows: readonly DriftTallyRecord[];
      do {
        rows = await this.drifts.listAfter(id, last, ROWS);
        last = rows.at(-1)?.toSeq ?? last;
        const views = rows.map((row) => viewOf(row, sees));
        yield* views.filter(({ entries, objects }) => entries + objects > 0);
      } while (rows.length === ROWS);
    }
  }
}

function viewOf(row: DriftTallyRecord, sees: (namespace: string) => boolean): DriftStretchView {
  const tally = row.tally as DriftTally;
  const { baseline } = tally;
  return {
    before: { seq: row.fromSeq, takenAt: row.fromTakenAt },
    after: { seq: row.toSeq, takenAt: row.toTakenAt },
    computedAt: row.computedAt,
    ...countsFor(tally, sees),
    fromBaseline: baseline === undefined ? null : { name: baseline.name, ...countsFor(baseline.tally, sees) },
  };
}
