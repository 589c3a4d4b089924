import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { clusterNotFound, ClusterHeadRepository, type ClusterHead } from '#store';
import { ClusterWatch } from '../clusters/cluster-watch.js';

/** How long what was read answers questions: too short to be seen, long enough for hundreds of them. */
const FRESH_MS = 25;
/** Texts that clusters were asked for by; the one that was read first goes first. */
const MOST_KEPT = 10_000;

interface Kept {
  readonly readAt: number;
  readonly reading: Promise<readonly ClusterHead[]>;
  /** Null until it is read. */
  found: readonly ClusterHead[] | null;
}

/**
 * Clusters with their newest snapshots, in memory. They are read anew when a change is heard of, and in any case when
 * they are older than `FRESH_MS`: a notification that comes late, or is lost with its connection, costs that age at most.
 */
@Injectable()
export class ClusterHeads {
  private readonly kept = new Map<string, Kept>();

  constructor(
    @Inject(ClusterHeadRepository) private readonly heads: ClusterHeadRepository,
    @Inject(ClusterWatch) watch: ClusterWatch,
  ) {
    watch.subscribe({
      onChange: (clusterId) => {
        this.forget(clusterId);
      },
      onResume: () => {
        this.kept.clear();
      },
    });
  }

  /** The cluster with this id or name, if the caller may know of it. @throws AppError `cluster.not_found` */
  async get(clusterRef: string): Promise<ClusterHead> {
    const access = currentAccess();
    const { found, reading } = this.fresh(clusterRef);
    const shown = (found ?? (await reading)).find(({ cluster }) => access.seesCluster(cluster));
    if (shown === undefined) throw clusterNotFound(clusterRef);
    return shown;
  }

  /** Reads the cluster anew for whoever asks next. */
  forget(clusterId: string): void {
    for (const [ref, { found }] of this.kept) {
      // What is being read may be from before the change.
      if (found === null || found.some(({ cluster }) => cluster.id === clusterId)) this.kept.delete(ref);
    }
  }

  private fresh(ref: string): Kept {
    const known = this.kept.get(ref);
    if (known !== undefined && performance.now() - known.readAt < FRESH_MS) return known;
    const kept: Kept = { readAt: performance.now(), reading: this.heads.find(ref), found: null };
    this.kept.delete(ref);
    this.kept.set(ref, kept);
    const [oldest = ref] = this.kept.keys();
    if (this.kept.size > MOST_KEPT) this.kept.delete(oldest);
    const drop = (): void => {
      if (this.kept.get(ref) === kept) this.kept.delete(ref);
    };
    kept.reading.then((found) => {
      kept.found = found;
      // What is not there may come without a word that names it.
      if (found.length === 0) drop();
    }, drop);
    return kept;
  }
}
