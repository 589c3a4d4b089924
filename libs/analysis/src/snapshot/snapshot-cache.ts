import type { CompiledSnapshot } from '#engine';

/** Loads and compiles one snapshot; `earlier` is the nearest one before it that is compiled already. */
export type CompileSnapshot = (
  clusterId: string,
  seq: number,
  earlier: CachedSnapshot | null,
) => Promise<CompiledSnapshot>;

export interface CachedSnapshot {
  readonly clusterId: string;
  readonly seq: number;
  readonly compiled: Promise<CompiledSnapshot>;
}

interface Entry extends CachedSnapshot {
  askedAt: number;
  /** Null until it is compiled. */
  made: CompiledSnapshot | null;
}

/** How long a snapshot that is not its cluster's newest is kept without a question about it. */
const ELDER_MS = 5_000;

/**
 * Compiled snapshots by cluster and sequence number, least recently used first out. A snapshot never changes, so an
 * entry cannot be wrong, only no longer of use: `forgetBefore` drops what a newer snapshot has replaced, and what is not its
 * cluster's newest goes once nobody has asked about it for `elderMs`.
 * Callers that ask for the same snapshot at the same time share one compilation; a failed one is not kept.
 */
export class SnapshotCache {
  private readonly entries = new Map<string, Entry>();
  private sweeping: NodeJS.Timeout | null = null;

  constructor(
    private readonly compile: CompileSnapshot,
    private readonly capacity: number,
    private readonly elderMs = ELDER_MS,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(clusterId: string, seq: number): Promise<CompiledSnapshot> {
    const key = `${clusterId}:${String(seq)}`;
    const entry = this.entries.get(key) ?? this.start(key, clusterId, seq);
    entry.askedAt = performance.now();
    return entry.compiled;
  }

  /** The same where it is compiled already, else null. */
  peek(clusterId: string, seq: number): CompiledSnapshot | null {
    const entry = this.entries.get(`${clusterId}:${String(seq)}`);
    if (entry === undefined || entry.made === null) return null;
    entry.askedAt = performance.now();
    return entry.made;
  }

  /**
   * Drops the cluster's snapshots older than `seq`, but not its newest, which later ones are made from. They are compiled
   * again if someone asks about the past.
   */
  forgetBefore(clusterId: string, seq: number): void {
    const newest = this.earlier(clusterId, Number.POSITIVE_INFINITY);
    for (const [key, entry] of this.entries) {
      if (entry.clusterId === clusterId && entry.seq < seq && entry !== newest) this.entries.delete(key);
    }
  }

  /** Drops everything of a cluster. */
  forgetCluster(clusterId: string): void {
    for (const [key, entry] of this.entries) if (entry.clusterId === clusterId) this.entries.delete(key);
  }

  private earlier(clusterId: string, seq: number): CachedSnapshot | null {
    let found: CachedSnapshot | null = null;
    for (const entry of this.entries.values()) {
      if (entry.clusterId === clusterId && entry.seq < seq && entry.seq > (found?.seq ?? -1)) found = entry;
    }
    return found;
  }

  private start(key: string, clusterId: string, seq: number): Entry {
    const compiled = this.compile(clusterId, seq, this.earlier(clusterId, seq));
    const entry: Entry = { clusterId, seq, compiled, askedAt: 0, made: null };
    this.entries.set(key, entry);
    this.trim(entry);
    this.sweepLater();
    entry.compiled.then(
      (made) => (entry.made = made),
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    return entry;
  }

  private sweepLater(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = null;
      this.sweep();
    }, this.elderMs).unref();
  }

  /** Drops elder snapshots that nobody asks about, and looks again as long as there are others. */
  private sweep(): void {
    const newest = new Map<string, number>();
    for (const { clusterId, seq } of this.entries.values()) {
      newest.set(clusterId, Math.max(seq, newest.get(clusterId) ?? seq));
    }
    const quietSince = performance.now() - this.elderMs;
    for (const [key, { clusterId, seq, askedAt, made }] of this.entries) {
      if (seq === newest.get(clusterId)) continue;
      if (made !== null && askedAt <= quietSince) this.entries.delete(key);
      else this.sweepLater();
    }
  }

  private trim(newest: Entry): void {
    while (this.entries.size > this.capacity) {
      const others = [...this.entries].filter(([, entry]) => entry !== newest);
      const [oldest] = others.sort(([, a], [, b]) => a.askedAt - b.askedAt);
      if (oldest === undefined) return;
      this.entries.delete(oldest[0]);
    }
  }
}
