/** Where a cluster's objects come from, as it is stored and shown. Holds no secret. */
export type ClusterSource =
  | {
      readonly type: 'kubeconfig';
      /** Path of the kubeconfig file; null when its text was given and is kept sealed. */
      readonly path: string | null;
      /** True when the kubeconfig's text was given. Read it with the store's `loadCredentials`. */
      readonly inline: boolean;
      /** Name of the context, null for the file's current one. */
      readonly context: string | null;
    }
  | { readonly type: 'inCluster' }
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'archive'; readonly path: string }
  | { readonly type: 'upload' }
  /** An agent inside the cluster sends what there is. */
  | { readonly type: 'agent' };

/** Where the sync of a cluster stands. `degraded`: synced, but something is missing or was refused; see its problems. */
export const CLUSTER_STATES = ['pending', 'syncing', 'synced', 'degraded', 'error'] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];

/** Something that could not be read from a cluster's source. The rest was loaded all the same. */
export interface ClusterProblem {
  /** Stable, lower case, `area.name`. */
  readonly code: string;
  /** One line, lower case, user input in backticks, says what to do. */
  readonly message: string;
  /** Path of the file inside the folder or archive. */
  readonly file?: string;
  /** Position of the document in its file, from 1. */
  readonly document?: number;
  /** Line of the file, from 1. */
  readonly line?: number;
  /** The object, as `NetworkPolicy.networking.k8s.io shop/web`, or a kind alone. */
  readonly object?: string;
  /** JSON Pointer of the field in its object. */
  readonly pointer?: string;
}

/** Whether a kind was fully listed when a snapshot was taken; `reason` when it was not. */
export interface KindCompleteness {
  readonly complete: boolean;
  readonly reason?: string;
}

/** Notification channels of the database: payload `clusterId` and `clusterId:seq`. */
export const CLUSTER_CHANNEL = 'atlas_cluster';
export const SNAPSHOT_CHANNEL = 'atlas_snapshot';
/** What sync workers must look at: the payload is a `clusterId`, '' for the leases as a whole. */
export const SYNC_CHANNEL = 'atlas_sync';
