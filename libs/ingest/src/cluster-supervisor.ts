import { SYNC_CHANNEL } from '#contracts';
import type { ClusterLease, ClusterRecord, ClusterRepository, Database, LeaseRepository } from '#store';
import type { Log } from '#telemetry';
import pLimit, { type LimitFunction } from 'p-limit';

import type { ClusterRunner } from './cluster-runner.js';

export interface SupervisorOptions {
  readonly database: Pick<Database, 'listen'>;
  readonly clusters: Pick<ClusterRepository, 'all' | 'find'>;
  readonly leases: LeaseRepository;
  /** Time between looks at the rows of the clusters, for notifications that were lost. */
  readonly scanIntervalMs: number;
  /** Clusters that are read from the start at the same time: what was read of them is in memory until it is stored. */
  readonly concurrentReads: number;
  /** Called when such a read begins and when it ends. */
  readonly onRead: () => void;
  readonly log: Log;
  readonly makeRunner: (record: ClusterRecord, lease: ClusterLease) => ClusterRunner;
}

interface Running {
  readonly runner: ClusterRunner;
  readonly lease: ClusterLease;
  /** What makes a new runner necessary when it changes. */
  readonly source: string;
  resyncedAt: number;
}

/** Time for a burst of notifications to become one look. */
const SETTLE_MS = 50;
/** Beats within the time that a lease holds: two may be lost. */
const BEATS = 3;

/**
 * Runs a `ClusterRunner` for each cluster that this process has a lease of. Takes and gives leases until it has its share of
 * the clusters, and follows their rows: by notification, and by a scan for what notifications missed.
 */
export class ClusterSupervisor {
  private readonly running = new Map<string, Running>();
  /** The clusters' work, one after the other for each. */
  private readonly queues = new Map<string, Promise<void>>();
  private readonly settling = new Map<string, NodeJS.Timeout>();
  private readonly reads: LimitFunction;
  private unlisten: (() => Promise<void>) | null = null;
  private timers: NodeJS.Timeout[] = [];
  private balancing: Promise<void> | null = null;
  private mustBalance = false;
  private beatAt: number | null = null;
  private claimsFrom = 0;
  private isStopping = false;

  constructor(private readonly options: SupervisorOptions) {
    this.reads = pLimit(options.concurrentReads);
  }

  /** Clusters that are read by this process. */
  get size(): number {
    return this.running.size;
  }

  async start(): Promise<void> {
    const { database, leases, scanIntervalMs } = this.options;
    this.unlisten = await database.listen(
      SYNC_CHANNEL,
      (id) => this.notice(id),
      () => void this.scan(),
    );
    this.timers = [
      setInterval(() => void this.balance(), leases.ttlMs / BEATS),
      setInterval(() => void this.scan(), scanIntervalMs),
    ];
    await this.balance();
  }

  /** Stops every runner with what it read stored, and hands every lease over. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const timer of this.settling.values()) clearTimeout(timer);
    // The others take a larger share from now on; the leases hold until each cluster is handed over.
    await this.balance();
    await Promise.all(this.queues.values());
    await Promise.all([...this.running.keys()].map((id) => this.end(id)));
    for (const timer of this.timers) clearInterval(timer);
    await this.unlisten?.().catch(() => undefined);
    await this.balancing;
    await this.options.leases.leave().catch((error: unknown) => this.warn('leaving failed', error));
  }

  private notice(id: string): void {
    if (this.isStopping || this.settling.has(id)) return;
    const timer = setTimeout(() => {
      this.settling.delete(id);
      if (this.running.has(id))
        void this.enqueue(id, async () => this.reconcile(await this.options.clusters.find(id), id));
      // Free leases, other workers, or a cluster that may be anyone's.
      void this.balance();
    }, SETTLE_MS);
    this.settling.set(id, timer);
  }

  /** Looks at the rows of all clusters that run here. */
  private async scan(): Promise<void> {
    if (this.isStopping) return;
    try {
      const records = new Map((await this.options.clusters.all()).map((record) => [record.id, record]));
      const ids = [...this.running.keys()];
      await Promise.all(ids.map((id) => this.enqueue(id, () => this.reconcile(records.get(id) ?? null, id))));
    } catch (error) {
      this.warn('the clusters could not be listed, this is tried again', error);
    }
    await this.balance();
  }

  /** Renews the leases and moves towards this worker's share. A call during another one leads to one more. */
  private balance(): Promise<void> {
    this.mustBalance = true;
    this.balancing ??= this.balanceWhileAsked().finally(() => {
      this.balancing = null;
    });
    return this.balancing;
  }

  private async balanceWhileAsked(): Promise<void> {
    while (this.mustBalance) {
      this.mustBalance = false;
      try {
        await this.balanceOnce();
      } catch (error) {
        this.warn('the leases could not be renewed, this is tried again', error);
      }
    }
  }

  private async balanceOnce(): Promise<void> {
    const { leases } = this.options;
    const at = performance.now();
    const share = await leases.beat({ isLeaving: this.isStopping });
    // After an outage of the database all leases look free: their holders are given the time to say that they are there.
    if (this.beatAt !== null && at - this.beatAt > leases.ttlMs) this.claimsFrom = at + leases.ttlMs;
    this.beatAt = at;
    if (this.isStopping) return;
    const held = new Map(share.leases.map((lease) => [lease.clusterId, lease]));
    for (const [id, { lease }] of this.running) {
      if (held.get(id)?.epoch !== lease.epoch) void this.enqueue(id, () => this.end(id, lease));
    }
    // The youngest go first: the others have more to lose.
    const surplus = [...this.running].filter(([id]) => held.has(id)).slice(share.quota);
    for (const [id, { lease }] of surplus) void this.enqueue(id, () => this.end(id, lease));
    for (const lease of share.leases) this.beginSoon(lease);
    const missing = share.quota - share.leases.length;
    if (missing <= 0 || at < this.claimsFrom) return;
    for (const lease of await leases.claim(missing)) this.beginSoon(lease);
  }

  private beginSoon(lease: ClusterLease): void {
    const id = lease.clusterId;
    if (!this.running.has(id) && !this.queues.has(id)) void this.enqueue(id, () => this.begin(lease));
  }

  private enqueue(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.queues.get(id) ?? Promise.resolve();
    const after = before
      .then(async () => (this.isStopping ? undefined : work()))
      .catch((error: unknown) => this.warn('following a cluster failed, this is tried again', error))
      .finally(() => {
        if (this.queues.get(id) === after) this.queues.delete(id);
      });
    this.queues.set(id, after);
    return after;
  }

  /** Makes what runs match the row. */
  private async reconcile(record: ClusterRecord | null, id: string): Promise<void> {
    const current = this.running.get(id);
    if (!current) return;
    if (record === null || record.paused || JSON.stringify(record.source) !== current.source) {
      await this.end(id);
      return;
    }
    const asked = record.resyncRequestedAt?.getTime() ?? 0;
    if (asked <= current.resyncedAt) return;
    current.resyncedAt = asked;
    void this.read(() => current.runner.resync());
  }

  private async begin(lease: ClusterLease): Promise<void> {
    const record = await this.options.clusters.find(lease.clusterId);
    if (record === null || record.paused || record.source.type === 'agent') {
      await this.options.leases.release(lease);
      return;
    }
    const runner = this.options.makeRunner(record, lease);
    const resyncedAt = record.resyncRequestedAt?.getTime() ?? 0;
    this.running.set(record.id, { runner, lease, source: JSON.stringify(record.source), resyncedAt });
    this.options.log.info('reading a cluster', { cluster: record.name, id: record.id, source: record.source.type });
    void this.read(() => runner.start());
  }

  /** Reads a cluster from the start when it is its turn. */
  private async read(work: () => Promise<void>): Promise<void> {
    this.options.onRead();
    await this.reads(work);
    this.options.onRead();
  }

  /** Ends what runs of a cluster, when it runs under this lease. */
  private async end(id: string, lease?: ClusterLease): Promise<void> {
    const current = this.running.get(id);
    if (!current || (lease && lease.epoch !== current.lease.epoch)) return;
    await current.runner.stop();
    this.running.delete(id);
    await this.options.leases.release(current.lease);
    this.options.log.info('stopped reading a cluster', { cluster: current.runner.record.name, id });
  }

  private warn(message: string, error: unknown): void {
    this.options.log.warn(message, { error });
  }
}
