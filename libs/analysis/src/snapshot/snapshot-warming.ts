import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { ClusterAskedRepository } from '#store';
import { LOG, type Log } from '#telemetry';
import { ClusterWatch } from '../clusters/cluster-watch.js';
import { runBehind } from '../pacing/paced.js';
import { readyingLists } from './readying-lists.js';
import { NEVER_ASKED, SnapshotCache } from './snapshot-cache.js';

/** How often is noted what was asked about, and looked at what other processes were asked about. */
const LOOK_MS = 60_000;
/** The same once a cluster has come. */
const LOOK_SOON_MS = 1_000;
/** A smaller cluster is compiled while somebody waits and does not notice. */
const LEAST_OBJECTS = 1_000;
/**
 * How often one that nobody asked about is compiled again: from what it was, whoever asks has the newest snapshot soon, as long
 * as not too much has changed.
 */
const NOT_ASKED_INTERVAL_MS = 900_000;

interface Wanted {
  /** The newest snapshot that is known of it, and how many objects it has. */
  seq: number;
  objects: number;
  /** Of `performance.now()`, as are all times here; or `NEVER_ASKED`. */
  askedAt: number;
  /** When the last one was compiled here; before all times when none was. */
  warmedAt: number;
}

/**
 * Compiles the newest snapshots of clusters before somebody asks: of those that were asked about lately, and, as long as there is
 * room, of those that were not and are large. One after the other, behind questions, and no more than the cache has room for. What
 * was asked about is kept in the database, so a process that starts knows it too. Failing costs time only: whoever asks waits for
 * the compilation, as without this.
 */
@Injectable()
export class SnapshotWarming {
  private readonly wanted = new Map<string, Wanted>();
  /** Clusters whose newest snapshot is to be compiled, in this order. */
  private readonly queue = new Set<string>();
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly ends: (() => void)[] = [];
  private notedAt = NEVER_ASKED;
  private isRunning = false;
  private lookingSoon: NodeJS.Timeout | null = null;
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
    if (this.lookingSoon !== null) clearTimeout(this.lookingSoon);
    this.queue.clear();
    await this.note().catch((error: unknown) => {
      this.failed(error);
    });
  }

  /** Notes what was asked about, and warms what was asked about lately by whomever, and what there is room for. */
  async look(): Promise<void> {
    try {
      await this.note();
      const { warmHours, cacheSnapshots, cacheObjects } = this.config.analysis;
      const most = cacheSnapshots + Math.floor(cacheObjects / LEAST_OBJECTS);
      const asked = await this.asked.lately(warmHours, most);
      const others = await this.asked.notLately(warmHours, { least: LEAST_OBJECTS, most: cacheObjects }, most);
      const now = performance.now();
      const kept = new Set([...asked, ...others].map(({ clusterId }) => clusterId));
      for (const clusterId of this.wanted.keys()) if (!kept.has(clusterId)) this.wanted.delete(clusterId);
      for (const { clusterId, askedAgoMs, ...newest } of asked) this.want(clusterId, newest, now - askedAgoMs);
      for (const { clusterId, ...newest } of others) this.want(clusterId, newest, NEVER_ASKED);
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
    const known = this.wanted.get(clusterId);
    const askedAt = this.cache.lastAsked().get(clusterId) ?? known?.askedAt ?? NEVER_ASKED;
    if (askedAt >= performance.now() - this.windowMs)
      this.want(clusterId, { seq, objects: known?.objects ?? 0 }, askedAt);
    else if (seq === 1) this.lookSoon();
  }

  private lookSoon(): void {
    this.lookingSoon ??= setTimeout(() => {
      this.lookingSoon = null;
      void this.look();
    }, LOOK_SOON_MS).unref();
  }

  private want(clusterId: string, newest: Pick<Wanted, 'seq' | 'objects'>, askedAt: number): void {
    const known = this.wanted.get(clusterId);
    // What was heard of while the database was read is newer than what it said.
    const { seq, objects } = newest.seq < (known?.seq ?? 0) && known !== undefined ? known : newest;
    const wanted = { seq, objects, askedAt, warmedAt: known?.warmedAt ?? -Infinity };
    this.wanted.set(clusterId, wanted);
    this.enqueue(clusterId, wanted);
  }

  /** Now, or when it was not compiled for a while. */
  private enqueue(clusterId: string, { warmedAt, askedAt }: Wanted): void {
    // One that nobody had asked about may be asked about by now.
    clearTimeout(this.waiting.get(clusterId));
    this.waiting.delete(clusterId);
    const ms = warmedAt + (askedAt === NEVER_ASKED ? NOT_ASKED_INTERVAL_MS : this.intervalMs) - performance.now();
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
      const compiled = this.cache.warm({ clusterId, ...wanted });
      if (compiled === null) return;
      const isFirst = wanted.warmedAt === -Infinity;
      wanted.warmedAt = performance.now();
      const snapshot = await compiled;
      // Not at each change: most clusters are not listed in between. And who asks meanwhile makes it for himself.
      const isAsked = (): boolean => this.cache.lastAsked().get(clusterId) !== wanted.askedAt;
      if (isFirst) await runBehind(until(readyingLists(snapshot), isAsked), () => false);
    } catch (error) {
      this.failed(error, clusterId);
    }
  }

  private failed(error: unknown, clusterId?: string): void {
    if (this.ends.length === 0) return;
    this.log.warn('what is asked about was not compiled ahead, questions will wait for it', { clusterId, error });
  }
}

function* until(work: Generator<null, void>, isInVain: () => boolean): Generator<null, void> {
  while (!isInVain() && work.next().done !== true) yield null;
}
