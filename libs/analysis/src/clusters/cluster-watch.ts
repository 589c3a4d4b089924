import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLUSTER_CHANNEL, SNAPSHOT_CHANNEL } from '#contracts';
import { Database } from '#store';
import { SnapshotCache } from '../snapshot/snapshot-cache.js';

export interface ClusterListener {
  /** The cluster has a new snapshot; or its row changed or is gone, then `seq` is null. */
  readonly onChange: (clusterId: string, seq: number | null) => void;
  /** Notifications may have been missed: whoever relies on them looks for itself. */
  readonly onResume?: () => void;
}

/**
 * Hears of changes that other processes commit: tells who waits for a cluster, and drops compiled snapshots that
 * newer ones replaced. Hearing nothing only costs memory and time, never truth: `ClusterHeads` looks for itself.
 */
@Injectable()
export class ClusterWatch implements OnModuleInit, BeforeApplicationShutdown {
  private readonly listeners = new Set<ClusterListener>();
  private stops: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
  ) {}

  async onModuleInit(): Promise<void> {
    const onResume = (): void => {
      for (const listener of [...this.listeners]) listener.onResume?.();
    };
    this.stops = await Promise.all([
      this.database.listen(CLUSTER_CHANNEL, (clusterId) => {
        this.tell(clusterId, null);
      }),
      this.database.listen(
        SNAPSHOT_CHANNEL,
        (payload) => {
          const [clusterId = '', seq = ''] = payload.split(':');
          // The one before is asked about once more: what changed since?
          this.cache.forgetBefore(clusterId, Number(seq) - 1);
          this.tell(clusterId, Number(seq));
        },
        onResume,
      ),
    ]);
  }

  /** Tells the listener of every change until the function that comes back is called. */
  subscribe(listener: ClusterListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.stops.map((stop) => stop()));
    this.stops = [];
  }

  /** Resolves at the next change of the cluster, or after `timeoutMs`. */
  changed(clusterId: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        unsubscribe();
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const unsubscribe = this.subscribe({
        onChange: (changed) => {
          if (changed === clusterId) done();
        },
      });
    });
  }

  private tell(clusterId: string, seq: number | null): void {
    for (const listener of [...this.listeners]) listener.onChange(clusterId, seq);
  }
}
