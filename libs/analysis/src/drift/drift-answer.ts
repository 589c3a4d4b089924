import type { ClusterProblem, DriftFilterInput } from '#contracts';
import {
  filterDrift,
  objectKey,
  visibleDrift,
  type DriftEntryView,
  type DriftReport,
  type DriftSummary,
  type ObjectDriftView,
  type ObjectRef,
} from '#engine';
import type { CursorCodec } from '../paging/cursor-codec.js';
import { cursorsAfter } from '../paging/cursors-after.js';
import type { AsOf, Provenance } from '../provenance/provenance.js';

/** When something became what it is: the snapshot that has it first. */
export interface SnapshotPoint {
  readonly seq: number;
  readonly takenAt: Date;
}

/** An entry, with the snapshot in which its causes came about; null where that cannot be told. */
export type DriftEntryAnswer = DriftEntryView & { readonly happened: SnapshotPoint | null };
export type ObjectDriftAnswer = ObjectDriftView & { readonly happened: SnapshotPoint | null };

/** A state that is compared: of a cluster, or what was given. */
export type ComparedState =
  (AsOf & { readonly type: 'snapshot' }) | { readonly type: 'manifests'; readonly objects: number | null };

/** One page of a report, for a caller. Provenance is that of the later state. */
export interface DriftAnswer extends Provenance {
  readonly before: ComparedState;
  readonly after: ComparedState;
  readonly reading: DriftReport['reading'];
  /** Counts of all that the filter leaves, not of the page alone. */
  readonly summary: DriftSummary;
  readonly entries: readonly DriftEntryAnswer[];
  readonly objects: readonly ObjectDriftAnswer[];
  /** What could not be read of given manifests. */
  readonly problems: readonly ClusterProblem[];
  /** Leads to the next entries and objects; null when both are told. */
  readonly nextCursor: string | null;
  /** The cursor behind the entry `index` of the page, for callers that go on from the middle. */
  cursorAfter(index: number): string;
}

/** A report that is worked out, and what is needed to show it to a caller. */
export interface WorkedOutDrift {
  readonly report: DriftReport;
  readonly before: ComparedState;
  readonly after: ComparedState;
  readonly provenance: Provenance;
  readonly problems: readonly ClusterProblem[];
  /** When objects changed, by `objectKey`. */
  readonly when: ReadonlyMap<string, SnapshotPoint>;
  /** What the report is about, for its cursors. */
  readonly scope: readonly unknown[];
}

export interface DriftPageQuery extends DriftFilterInput {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The part of a report that a caller may see and asked for. @throws AppError `cursor.invalid` */
export function driftAnswer(
  drift: WorkedOutDrift,
  query: DriftPageQuery,
  sees: (namespace: string) => boolean,
  cursors: CursorCodec,
): DriftAnswer {
  const { dangerous, breaking, type, kind, namespace, limit } = query;
  const filter = { dangerous, breaking, types: type, kinds: kind, namespace };
  const { report, when } = drift;
  const { entries, objects, summary, reading } = filterDrift(visibleDrift(report, sees), filter);
  const scope = ['drift', ...drift.scope, filter];
  const skip = query.cursor === undefined ? 0 : Number(cursors.open(scope, query.cursor)[0]);
  const hasMore = Math.max(entries.length, objects.length) > skip + limit;
  const nextCursor = hasMore ? cursors.seal(scope, [skip + limit]) : null;
  const page = entries.slice(skip, skip + limit);
  return {
    ...drift.provenance,
    before: drift.before,
    after: drift.after,
    reading,
    summary,
    entries: page.map((entry) => ({
      ...entry,
      happened: latest(
        entry.causes.map(({ object }) => object),
        when,
      ),
    })),
    objects: objects.slice(skip, skip + limit).map((view) => ({ ...view, happened: latest([view.object], when) })),
    problems: drift.problems,
    nextCursor,
    cursorAfter: cursorsAfter(page.length, nextCursor, (index) => cursors.seal(scope, [skip + index + 1])),
  };
}

function latest(
  objects: readonly (ObjectRef | null)[],
  when: ReadonlyMap<string, SnapshotPoint>,
): SnapshotPoint | null {
  const points = objects.flatMap((object) => (object === null ? [] : (when.get(objectKey(object)) ?? [])));
  return points.reduce<SnapshotPoint | null>(
    (last, point) => (last === null || point.seq > last.seq ? point : last),
    null,
  );
}
