import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLUSTER_CHANNEL, SNAPSHOT_CHANNEL } from '#contracts';
import { Database } from '#store';
import { SnapshotCache } from '../snapshot/snapshot-cache.js';

type Listener = (clusterId: string) => void;

/**
 * Hears of changes that other processes commit: tells who waits for a cluster, and drops compiled snapshots that a
 * newer one replaced. Hearing nothing only costs memory and time, never truth: every question looks up the newest
 * snapshot's number itself.
 */
@Injectable()
export class ClusterWatch implements OnModuleInit, BeforeApplicationShutdown {
  private readonly listeners = new Set<Listener>();
  private stops: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
  ) {}

  async onModuleInit(): Promise<void> {
    this.stops = await Promise.all([
      this.database.listen(CLUSTER_CHANNEL, (clusterId) => {
        this.tell(clusterId);
      }),
      this.database.listen(SNAPSHOT_CHANNEL, (payload) => {
        const [clusterId = '', seq = ''] = payload.split(':');
        this.cache.forgetBefore(clusterId, Number(seq));
        this.tell(clusterId);
      }),
    ]);
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
        this.listeners.delete(listener);
        resolve();
      };
      const listener: Listener = (changed) => {
        if (changed === clusterId) done();
      };
      const timer = setTimeout(done, timeoutMs);
      this.listeners.add(listener);
    });
  }

  private tell(clusterId: string): void {
    for (const listener of [...this.listeners]) listener(clusterId);
  }
}
