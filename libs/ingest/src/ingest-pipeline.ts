import { type KindCompleteness } from '#contracts';
import { Backoff, type SourceEvent, type SourcePositions } from '#kube';
import type { FactBatch, PersistResult } from '#store';
import type { Log } from '#telemetry';

import { isClusterGone } from './cluster-gone.js';
import type { IngestSettings } from './ingest-settings.js';
import { PendingBatch } from './pending-batch.js';

/** What the pipeline needs of the store. */
export interface BatchStore {
  persist(clusterId: string, batch: FactBatch): Promise<PersistResult>;
}

export interface PipelineHooks {
  /** How far the source has reported at this moment. */
  readonly positions: () => SourcePositions | null;
  /** Everything up to `upTo` is stored. `freshAt`: the source is known to be as stored at this time; null when it has not said so. */
  readonly onStored: (result: PersistResult | null, freshAt: Date | null, upTo: SourcePositions | null) => void;
  /** Storing failed and is tried again; null when it works again. */
  readonly onStoreFault: (error: unknown) => void;
  /** The cluster was removed, or another process has it: nothing more can be stored. */
  readonly onGone: () => void;
}

/**
 * Turns the events of one source into snapshots: coalesces, flushes by time or size, stores one batch after the other, and
 * keeps what could not be stored. See `DESIGN.md` for the promises.
 */
export class IngestPipeline {
  private pending = new PendingBatch();
  /** What was said last of each kind, for whoever reports on the cluster. */
  readonly completeness = new Map<string, KindCompleteness>();
  private heartbeat: Date | null = null;
  /** The newest heartbeat whose events are all stored. */
  private passedOn: Date | null = null;
  private timer: NodeJS.Timeout | null = null;
  private timerDueAt = 0;
  private flushing: Promise<void> | null = null;
  private isClosed = false;
  private firstEventAt = 0;
  private readonly backoff: Backoff;
  private retryAt = 0;

  constructor(
    private readonly clusterId: string,
    private readonly store: BatchStore,
    private readonly settings: IngestSettings,
    private readonly log: Log,
    private readonly hooks: PipelineHooks,
  ) {
    this.backoff = new Backoff({ minMs: settings.retryMinMs, maxMs: settings.retryMaxMs });
  }

  /** Takes one event in. Never throws and never waits. */
  accept(event: SourceEvent): void {
    if (this.isClosed) return;
    this.firstEventAt ||= Date.now();
    switch (event.type) {
      case 'list':
        this.pending.list(event.kind, event.facts, event.complete);
        this.completeness.set(event.kind, { complete: event.complete });
        break;
      case 'change':
        this.pending.change(event.kind, event.ref, event.fact, event.manager);
        break;
      case 'incomplete':
        this.pending.incomplete(event.kind, event.reason);
        this.completeness.set(event.kind, { complete: false, reason: event.reason });
        break;
      case 'heartbeat':
        this.heartbeat = event.at;
        break;
      case 'problems':
      case 'connection':
        return;
    }
    this.schedule();
  }

  /** Takes for granted what the store says of a kind that will not be listed. */
  assume(kind: string, said: KindCompleteness): void {
    this.completeness.set(kind, said);
  }

  /** Stores what is pending once more and takes nothing in any longer. What cannot be stored is lost: it is read again. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
    await this.flushing;
    if (!this.pending.isEmpty) await this.flush();
  }

  private schedule(): void {
    if (this.flushing || this.isClosed) return;
    const dueAt = this.dueAt();
    if (this.timer !== null) {
      if (dueAt >= this.timerDueAt) return;
      clearTimeout(this.timer);
    }
    this.timerDueAt = dueAt;
    this.timer = setTimeout(() => this.startFlush(), Math.max(0, dueAt - Date.now()));
  }

  private dueAt(): number {
    const now = Date.now();
    const { flushIntervalMs, flushMaxObjects, firstFlushMs } = this.settings;
    if (this.retryAt > now) return this.retryAt;
    // Before the first heartbeat not every kind was listed: a snapshot now would say so, but help nobody.
    if (this.heartbeat === null) return Math.max(this.firstEventAt + firstFlushMs, now + flushIntervalMs);
    // The first whole state is waited for; with nothing to store, a heartbeat only has to be passed on.
    if (this.passedOn === null || this.pending.isEmpty) return now;
    return this.pending.size >= flushMaxObjects ? now : now + flushIntervalMs;
  }

  private startFlush(): void {
    this.timer = null;
    this.flushing ??= this.flush().finally(() => {
      this.flushing = null;
      if (!this.pending.isEmpty || this.heartbeat !== this.passedOn) this.schedule();
    });
  }

  private async flush(): Promise<void> {
    const batch = this.pending;
    const freshAt = this.heartbeat;
    const upTo = this.hooks.positions();
    this.pending = new PendingBatch();
    try {
      const result = batch.isEmpty ? null : await this.store.persist(this.clusterId, batch.toBatch(new Date()));
      this.backoff.reset();
      this.retryAt = 0;
      this.passedOn = freshAt;
      this.hooks.onStoreFault(null);
      this.hooks.onStored(result, freshAt, upTo);
    } catch (error) {
      if (isClusterGone(error)) {
        this.isClosed = true;
        this.hooks.onGone();
        return;
      }
      this.pending.putBack(batch);
      this.retryAt = Date.now() + this.backoff.next();
      this.log.warn('a batch could not be stored, it will be tried again', { error, objects: batch.size });
      this.hooks.onStoreFault(error);
    }
  }
}
