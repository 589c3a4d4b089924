import type { ClusterProblem } from '#contracts';

/** What the command line shows of a cluster, as the server sends it. */
export interface ClusterView {
  readonly id: string;
  readonly name: string;
  readonly source: {
    readonly type: string;
    readonly path?: string | null;
    readonly inline?: boolean;
    readonly context?: string | null;
  };
  readonly paused: boolean;
  readonly state: string;
  readonly message?: string | null;
  readonly problemCount?: number;
  readonly problems?: readonly ClusterProblem[];
  readonly lastSyncedAt: string | null;
  readonly cni?: { readonly title: string; readonly version: string; readonly enforced: string } | null;
  readonly counts?: Readonly<Record<string, number>>;
}

/** What a server says when it was asked to read a cluster again. */
export interface ResyncView {
  readonly cluster: ClusterView;
  readonly job: { readonly id: string };
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly page: { readonly limit: number; readonly nextCursor: string | null };
}
