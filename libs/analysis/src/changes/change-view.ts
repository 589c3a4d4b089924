import { describeValueChange, objectDrift, objectRef, type ObjectRef, type ValueChange } from '#engine';
import type { StoredChange } from '#store';

/** What became of one object, in which snapshot of which cluster. */
export interface ChangeView {
  readonly type: 'added' | 'removed' | 'changed';
  readonly clusterId: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The snapshot that has the change. */
  readonly seq: number;
  /** When the cluster was seen like that. */
  readonly takenAt: Date;
  /** When it could first be asked about. */
  readonly storedAt: Date;
  readonly object: ObjectRef;
  /** Kind with group, as `NetworkPolicy.networking.k8s.io`. */
  readonly kindId: string;
  readonly uid: string;
  /** Who wrote it, as the API server names field managers; null when that is not known, as it never is of removals. */
  readonly by: string | null;
  /** What differs; empty for what came or went. */
  readonly values: readonly ValueChange[];
  /** The same for people, a line each, as `/raw/spec/podSelector/matchLabels/app: "web" → "api"`. */
  readonly patch: readonly string[];
}

/** How the feed shows a stored change of a cluster. */
export function changeView(change: StoredChange, cluster: string): ChangeView {
  const { before, after } = change;
  const fact = after ?? before;
  if (fact === null) throw new Error('invariant: a change has a side');
  const values = before === null || after === null ? [] : (objectDrift([before], [after])[0]?.values ?? []);
  return {
    type: before === null ? 'added' : after === null ? 'removed' : 'changed',
    clusterId: change.clusterId,
    cluster,
    seq: change.seq,
    takenAt: change.takenAt,
    storedAt: change.storedAt,
    object: objectRef(fact.meta),
    kindId: change.kindId,
    uid: change.uid,
    by: change.manager === '' ? null : change.manager,
    values,
    patch: values.map(describeValueChange),
  };
}
