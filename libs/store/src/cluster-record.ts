import type { ClusterProblem, ClusterSource, ClusterState } from '#contracts';
import type { CniDetection } from '#engine';

/** A cluster as it is stored. Holds no secret. */
export interface ClusterRecord {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  readonly source: ClusterSource;
  readonly paused: boolean;
  readonly state: ClusterState;
  /** One line for people, '' when there is nothing to say. */
  readonly message: string;
  readonly problems: readonly ClusterProblem[];
  /** When someone last asked for a full read; the sync role compares it with what it did. */
  readonly resyncRequestedAt: Date | null;
  /** When the source was last known to be as stored. */
  readonly lastSyncedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly cni: CniDetection | null;
  /** Objects by `kindId` in the newest snapshot. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A cluster to be added. */
export interface NewCluster {
  readonly name: string;
  readonly source: ClusterSource;
  /** Text of a kubeconfig; sealed before it is stored. */
  readonly credentials?: string;
}

/** What may change of a cluster. Fields that are left out stay. */
export type ClusterPatch = Partial<
  Pick<
    ClusterRecord,
    'source' | 'paused' | 'state' | 'message' | 'problems' | 'resyncRequestedAt' | 'lastSyncedAt' | 'cni' | 'counts'
  >
>;

/** What whoever reads a cluster tells of it. */
export type ClusterReport = Partial<
  Pick<ClusterRecord, 'state' | 'message' | 'problems' | 'lastSyncedAt' | 'cni' | 'counts'>
>;

/** Files that a user sent for a cluster of source `upload`. */
export interface ClusterUpload {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly uploadedAt: Date;
}
