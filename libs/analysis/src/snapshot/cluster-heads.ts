import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { ClusterHeadRepository, ClusterRepository, type ClusterHead } from '#store';
import { ClusterWatch } from '../clusters/cluster-watch.js';
import { RecentlyRead } from '../memory/recently-read.js';

/** What a text means now. */
export interface CurrentHead extends ClusterHead {
  /** Whether the same text still means the same, as far as that is known without waiting. */
  readonly isCurrent: () => boolean;
}

/** Clusters with their newest snapshots, in memory until a change is heard of, and for some milliseconds in any case. */
@Injectable()
export class ClusterHeads {
  private readonly heads: RecentlyRead<readonly ClusterHead[]>;

  constructor(
    @Inject(ClusterHeadRepository) repository: ClusterHeadRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(ClusterWatch) watch: ClusterWatch,
  ) {
    this.heads = new RecentlyRead(
      (ref, known) => repository.find(ref, known),
      (found) => found.length > 0,
    );
    watch.subscribe({
      onChange: (clusterId) => {
        this.forget(clusterId);
      },
    });
  }

  /** The cluster with this id or name, if the caller may know of it. @throws AppError `cluster.not_found` */
  async get(clusterRef: string): Promise<CurrentHead> {
    const shown = this.shown(clusterRef, await this.heads.get(clusterRef));
    if (shown === null) throw await this.clusters.notFound(clusterRef);
    return shown;
  }

  /** The same where it is at hand; null where it would have to be looked up, or is not there. */
  peek(clusterRef: string): CurrentHead | null {
    const found = this.heads.peek(clusterRef);
    return found === undefined ? null : this.shown(clusterRef, found);
  }

  /** Reads the cluster anew for whoever asks next. */
  forget(clusterId: string): void {
    this.heads.forget((found) => found.some(({ cluster }) => cluster.id === clusterId));
  }

  /** The one of those that a text means which the caller may know of. */
  private shown(clusterRef: string, found: readonly ClusterHead[]): CurrentHead | null {
    const access = currentAccess();
    const head = found.find(({ cluster }) => access.seesCluster(cluster));
    if (head === undefined) return null;
    const { cluster, latest, version } = head;
    return { cluster, latest, version, isCurrent: () => this.heads.peek(clusterRef) === found };
  }
}
