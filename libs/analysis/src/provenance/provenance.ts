import type { ClusterRecord, SnapshotRecord } from '#store';
import { ENGINE_VERSION, oncePer } from '#engine';

/** Which state of which cluster an answer is about, and how old that state is. */
export interface AsOf {
  readonly clusterId: string;
  /** The cluster's name. */
  readonly cluster: string;
  readonly seq: number;
  readonly takenAt: Date;
  /**
   * Milliseconds since the cluster was last known to look like this. For the newest snapshot that is the last contact
   * with its source, as a snapshot without changes stays true; for an older one it is the age of the snapshot.
   */
  readonly stalenessMs: number;
}

/** Which kinds were not fully listed when the snapshot was taken, with the reason. Sorted by kind. */
export interface Completeness {
  readonly complete: boolean;
  readonly incomplete: readonly { readonly kind: string; readonly reason: string }[];
}

/** What every answer carries, so that two answers can be compared and an old one can be told from a new one. */
export interface Provenance {
  readonly asOf: AsOf;
  readonly completeness: Completeness;
  readonly engineVersion: string;
}

/** The provenance of what is derived from `snapshot`. `latest` says whether it is the cluster's newest one. */
export function provenanceOf(
  cluster: Pick<ClusterRecord, 'id' | 'name' | 'lastSyncedAt'>,
  snapshot: Pick<SnapshotRecord, 'seq' | 'takenAt' | 'completeness'>,
  latest: boolean,
  now: Date,
): Provenance {
  const contact = latest ? (cluster.lastSyncedAt ?? snapshot.takenAt) : snapshot.takenAt;
  const known = Math.max(contact.getTime(), snapshot.takenAt.getTime());
  return {
    asOf: {
      clusterId: cluster.id,
      cluster: cluster.name,
      seq: snapshot.seq,
      takenAt: snapshot.takenAt,
      stalenessMs: Math.max(0, now.getTime() - known),
    },
    completeness: completenessOf(snapshot.completeness),
    engineVersion: ENGINE_VERSION,
  };
}

/** Found once for each snapshot that was read. */
const completenessOf = oncePer((kinds: SnapshotRecord['completeness']): Completeness => {
  const incomplete = Object.entries(kinds)
    .filter(([, state]) => !state.complete)
    .map(([kind, state]) => ({ kind, reason: state.reason ?? 'not fully listed yet' }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
  return { complete: incomplete.length === 0, incomplete };
});
