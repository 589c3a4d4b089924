import { CLUSTER_CHANNEL } from '#contracts';
import type { ClusterRecord, ClusterRepository, Database } from '#store';
import type { Log } from '#telemetry';

import type { ClusterRunner } from './cluster-runner.js';

/** The right of this process to read one cluster. */
export interface ClusterClaim {
  release(): Promise<void>;
}

export interface SupervisorOptions {
  readonly database: Pick<Database, 'listen'>;
  readonly clusters: Pick<ClusterRepository, 'all' | 'find'>;
  readonly scanIntervalMs: number;
  readonly log: Log;
  readonly makeRunner: (record: ClusterRecord) => ClusterRunner;
  /** Asks for a cluster; null when another process has it. It is asked again at the next scan. */
  readonly claim: (clusterId: string) => Promise<ClusterClaim | null>;
}

interface Running {
  readonly runner: ClusterRunner;
  readonly claim: ClusterClaim;
  /** What makes a new runner necessary when it changes. */
  readonly source: string;
  resyncedAt: number;
}

/** Time for a burst of notifications to become one look. */
const SETTLE_MS = 50;

/**
 * Runs a `ClusterRunner` for each cluster that is not paused and that this process can claim. Follows the rows: by
 * notification, and by a scan for what notifications missed.
 */
export class ClusterSupervisor {
  private readonly running = new Map<string, Running>();
  /** The rows' work, one after the other for each cluster. */
  private readonly queues = new Map<string, Promise<void>>();
  private readonly settling = new Map<string, NodeJS.Timeout>();
  private unlisten: (() => Promise<void>) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private scanning: Promise<void> | null = null;
  private isStopped = false;

  constructor(private readonly options: SupervisorOptions) {}

  /** Clusters that are read by this process. */
  get size(): number {
    return this.running.size;
  }

  async start(): Promise<void> {
    const { database, scanIntervalMs } = this.options;
    this.unlisten = await database.listen(
      CLUSTER_CHANNEL,
      (id) => this.notice(id),
      () => void this.scan(),
    );
    this.timer = setInterval(() => void this.scan(), scanIntervalMs);
    await this.scan();
  }

  /** Stops every runner and gives every claim back. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearInterval(this.timer);
    for (const timer of this.settling.values()) clearTimeout(timer);
    await this.unlisten?.().catch(() => undefined);
    await this.scanning;
    await Promise.all(this.queues.values());
    await Promise.all([...this.running.keys()].map((id) => this.end(id)));
  }

  private notice(id: string): void {
    if (this.isStopped || this.settling.has(id)) return;
    const timer = setTimeout(() => {
      this.settling.delete(id);
      void this.enqueue(id, async () => this.reconcile(id, await this.options.clusters.find(id)));
    }, SETTLE_MS);
    this.settling.set(id, timer);
  }

  private scan(): Promise<void> {
    this.scanning ??= this.scanOnce().finally(() => {
      this.scanning = null;
    });
    return this.scanning;
  }

  private async scanOnce(): Promise<void> {
    try {
      const records = new Map((await this.options.clusters.all()).map((record) => [record.id, record]));
      const ids = new Set([...records.keys(), ...this.running.keys()]);
      await Promise.all([...ids].map((id) => this.enqueue(id, () => this.reconcile(id, records.get(id) ?? null))));
    } catch (error) {
      this.options.log.warn('the clusters could not be listed, this is tried again', { error });
    }
  }

  private enqueue(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.queues.get(id) ?? Promise.resolve();
    const after = before
      .then(async () => (this.isStopped ? undefined : work()))
      .catch((error: unknown) =>
        this.options.log.warn('following a cluster failed, this is tried again', { error, id }),
      )
      .finally(() => {
        if (this.queues.get(id) === after) this.queues.delete(id);
      });
    this.queues.set(id, after);
    return after;
  }

  /** Makes what runs match the row. */
  private async reconcile(id: string, record: ClusterRecord | null): Promise<void> {
    const current = this.running.get(id);
    if (record === null || record.paused) {
      if (current) await this.end(id);
      return;
    }
    const source = JSON.stringify(record.source);
    if (current && current.source !== source) await this.end(id);
    const running = this.running.get(id);
    if (!running) {
      await this.begin(record, source);
      return;
    }
    const asked = record.resyncRequestedAt?.getTime() ?? 0;
    if (asked <= running.resyncedAt) return;
    running.resyncedAt = asked;
    running.runner.resync();
  }

  private async begin(record: ClusterRecord, source: string): Promise<void> {
    const claim = await this.options.claim(record.id);
    if (claim === null) return;
    const runner = this.options.makeRunner(record);
    this.running.set(record.id, { runner, claim, source, resyncedAt: record.resyncRequestedAt?.getTime() ?? 0 });
    this.options.log.info('reading a cluster', { cluster: record.name, id: record.id, source: record.source.type });
    runner.start();
  }

  private async end(id: string): Promise<void> {
    const current = this.running.get(id);
    if (!current) return;
    this.running.delete(id);
    await current.runner.stop();
    await current.claim.release();
    this.options.log.info('stopped reading a cluster', { cluster: current.runner.record.name, id });
  }
}
