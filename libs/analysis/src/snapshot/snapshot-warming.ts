import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { ClusterAskedRepository } from '#store';
import { LOG, type Log } from '#telemetry';
import { ClusterWatch } from '../clusters/cluster-watch.js';
import { SnapshotCache } from './snapshot-cache.js';

/** How often is noted what was asked about, and looked at what other processes were asked about. */
const LOOK_MS = 60_000;

interface Wanted {
  /** The newest snapshot that is known of it. */
  seq: number;
  /** Of `performance.now()`, as are all times here. */
  askedAt: number;
  /** When the last one was compiled here; before all times when none was. */
  warmedAt: number;
}

/**
 * Compiles the newest snapshots of clusters that were asked about lately before somebody asks again: one after the other,
 * behind questions, and no more than the cache has room for. What was asked about is kept in the database, so a process that
 * starts knows it too. Failing costs time only: whoever asks waits for the compilation, as without this.
 */
@Injectable()
export class SnapshotWarming {
  private readonly wanted = new Map<string, Wanted>();
  /** Clusters whose newest snapshot is to be compiled, in this order. */
  private readonly queue = new Set<string>();
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly ends: (() => void)[] = [];
  private notedAt = -Infinity;
  private isRunning = false;
  private readonly windowMs: number;
  private readonly intervalMs: number;

  constructor(
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
    @Inject(ClusterAskedRepository) private readonly asked: ClusterAskedRepository,
    @Inject(ClusterWatch) private readonly watch: ClusterWatch,
    @Inject(CONFIG) private readonly config: Pick<Config, 'analysis'>,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.windowMs = config.analysis.warmHours * 3_600_000;
    this.intervalMs = config.analysis.warmIntervalSeconds * 1_000;
  }

  /** Begins, and goes on until `stop`. Does nothing when the settings say never. */
  start(): void {
    if (this.windowMs === 0) return;
    const unsubscribe = this.watch.subscribe({
      onChange: (clusterId, seq) => {
        if (seq !== null) this.announced(clusterId, seq);
      },
      onResume: () => void this.look(),
    });
    const timer = setInterval(() => void this.look(), LOOK_MS).unref();
    this.ends.push(unsubscribe, () => {
      clearInterval(timer);
    });
    void this.look();
  }

  /** Ends, and notes what was asked about since the last look. */
  async stop(): Promise<void> {
    if (this.ends.length === 0) return;
    for (const end of this.ends.splice(0)) end();
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.queue.clear();
    await this.note().catch((error: unknown) => {
      this.failed(error);
    });
  }

  /** Notes what was asked about, and warms what was asked about lately by whomever. */
  async look(): Promise<void> {
    try {
      await this.note();
      const { warmHours, cacheSnapshots } = this.config.analysis;
      const found = await this.asked.lately(warmHours, cacheSnapshots);
      const now = performance.now();
      const kept = new Set(found.map(({ clusterId }) => clusterId));
      for (const clusterId of this.wanted.keys()) if (!kept.has(clusterId)) this.wanted.delete(clusterId);
      for (const { clusterId, seq, askedAgoMs } of found) this.want(clusterId, seq, now - askedAgoMs);
    } catch (error) {
      this.failed(error);
    }
  }

  private async note(): Promise<void> {
    const now = performance.now();
    const since = this.notedAt;
    const news = [...this.cache.lastAsked()].filter(([, askedAt]) => askedAt > since);
    await this.asked.note(news.map(([clusterId, askedAt]) => ({ clusterId, askedAgoMs: now - askedAt })));
    this.notedAt = now;
  }

  private announced(clusterId: string, seq: number): void {
    const askedAt = this.cache.lastAsked().get(clusterId) ?? this.wanted.get(clusterId)?.askedAt;
    if (askedAt === undefined || askedAt < performance.now() - this.windowMs) return;
    this.want(clusterId, seq, askedAt);
  }

  private want(clusterId: string, seq: number, askedAt: number): void {
    const known = this.wanted.get(clusterId);
    // What was heard of while the database was read is newer than what it said.
    const wanted = { seq: Math.max(seq, known?.seq ?? seq), askedAt, warmedAt: known?.warmedAt ?? -Infinity };
    this.wanted.set(clusterId, wanted);
    this.enqueue(clusterId, wanted);
  }

  /** Now, or when it was not compiled for a while. */
  private enqueue(clusterId: string, { warmedAt }: Wanted): void {
    if (this.waiting.has(clusterId)) return;
    const ms = warmedAt + this.intervalMs - performance.now();
    if (ms <= 0) {
      this.begin(clusterId);
      return;
    }
    const timer = setTimeout(() => {
      this.waiting.delete(clusterId);
      this.begin(clusterId);
    }, ms).unref();
    this.waiting.set(clusterId, timer);
  }

  private begin(clusterId: string): void {
    this.queue.add(clusterId);
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    for (const clusterId of this.queue) {
      this.queue.delete(clusterId);
      await this.warm(clusterId);
    }
    this.isRunning = false;
  }

  private async warm(clusterId: string): Promise<void> {
    const wanted = this.wanted.get(clusterId);
    if (wanted === undefined) return;
    try {
      const compiled = this.cache.warm(clusterId, wanted.seq, wanted.askedAt);
      if (compiled === null) return;
      wanted.warmedAt = performance.now();
      await compiled;
    } catch (error) {
      this.failed(error, clusterId);
    }
  }

  private failed(error: unknown, clusterId?: string): void {
    if (this.ends.length === 0) return;
    this.log.warn('what is asked about was not compiled ahead, questions will wait for it', { clusterId, error });
  }
}
