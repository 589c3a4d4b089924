import type { Config } from '#config';
import { isAppError } from '#contracts';
import { ClusterRunner, INGEST_SETTINGS, type WriteReport } from '#ingest';
import { Backoff, type KubeAccess, KubeSource, isAborted, pause } from '#kube';
import type { Log } from '#telemetry';

import { HubClient } from './hub-client.js';

const RETRY = { minMs: 1_000, maxMs: 30_000 };

/**
 * Reads one cluster and sends it to a hub: the same reading as in the sync role, with the hub in the place of the database.
 * At most one batch is under way; while the hub is slow or away, changes are gathered, at most one an object.
 */
export class PushAgent {
  private readonly stopping = new AbortController();
  private readonly hub: HubClient;
  private lost: ((error: Error) => void) | null = null;

  constructor(
    private readonly config: Config & { readonly agent: NonNullable<Config['agent']> },
    private readonly log: Log,
  ) {
    this.hub = new HubClient(config.agent);
  }

  /** Sends until `stop`. Rejects with `cluster.lease_lost` when another agent sends for this cluster. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    const cluster = await this.open();
    if (cluster === null) return;
    this.log.info('sending a cluster to the hub', { cluster: cluster.name, hub: this.config.agent.hubUrl });
    const runner = this.runnerOf(cluster);
    const lost = new Promise<never>((_resolve, reject) => (this.lost = reject));
    void runner.start();
    try {
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.race([stopped, lost]);
    } finally {
      await runner.stop();
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Opens a session, however long that takes; null when stopped before. */
  private async open(): Promise<{ id: string; name: string } | null> {
    const { signal } = this.stopping;
    const backoff = new Backoff(RETRY);
    while (!isAborted(signal)) {
      try {
        return (await this.hub.open()).cluster;
      } catch (error) {
        if (!isAppError(error)) throw error;
        this.log.warn('the hub does not take this agent yet, it will be tried again', { why: error.message });
      }
      await pause(backoff.next(), signal);
    }
    return null;
  }

  private runnerOf(cluster: { id: string; name: string }): ClusterRunner {
    const { sync, agent } = this.config;
    const access: KubeAccess =
      agent.kubeconfig === null ? { type: 'inCluster' } : { type: 'path', path: agent.kubeconfig };
    const settings = {
      pageSize: sync.listPageSize,
      watchTimeoutSeconds: sync.watchTimeoutSeconds,
      requestTimeoutMs: sync.requestTimeoutSeconds * 1000,
      resyncIntervalMs: sync.resyncIntervalSeconds * 1000,
      concurrentLists: sync.concurrentLists,
    };
    const report: WriteReport = (said) => this.guarded(() => this.hub.report(said));
    return new ClusterRunner(cluster, {
      report,
      snapshots: {
        persist: (id, batch) => this.guarded(() => this.hub.persist(id, batch)),
        countKinds: () => this.hub.countKinds(),
      },
      positions: {
        save: (positions) => this.guarded(() => this.hub.keepPosition(positions)),
        load: async (visit) => {
          const { kept, facts } = await this.hub.position();
          facts.forEach(visit);
          return kept;
        },
      },
      settings: { ...INGEST_SETTINGS, flushIntervalMs: sync.flushIntervalMs, flushMaxObjects: sync.flushMaxObjects },
      log: this.log,
      open: () => Promise.resolve(new KubeSource(access, { settings, log: this.log })),
    });
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isAppError(error, 'cluster.lease_lost')) this.lost?.(error);
      throw error;
    }
  }
}
