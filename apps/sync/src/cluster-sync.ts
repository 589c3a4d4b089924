import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ClusterSupervisor } from '#ingest';
import { Metrics } from '#telemetry';

/** Runs the supervisor for as long as the process lives. */
@Injectable()
export class ClusterSync implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly supervisor: ClusterSupervisor,
    metrics: Metrics,
  ) {
    const gauge = metrics.gauge('atlas_sync_clusters', 'Clusters that this process reads.');
    // Asked for when metrics are read, so that it is never out of date.
    Object.assign(gauge, { collect: () => gauge.set(supervisor.size) });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.supervisor.start();
  }

  // Before the store's `onApplicationShutdown`: what was read is stored first.
  async beforeApplicationShutdown(): Promise<void> {
    await this.supervisor.stop();
  }
}
