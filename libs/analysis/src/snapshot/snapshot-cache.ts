import type { CompiledSnapshot } from '#engine';

/** Loads and compiles one snapshot. */
export type CompileSnapshot = (clusterId: string, seq: number) => Promise<CompiledSnapshot>;

interface Entry {
  readonly clusterId: string;
  readonly seq: number;
  readonly compiled: Promise<CompiledSnapshot>;
}

/**
 * Compiled snapshots by cluster and sequence number, least recently used first out. A snapshot never changes, so an
 * entry cannot be wrong, only no longer of use: `forgetBefore` drops what a newer snapshot has replaced.
 * Callers that ask for the same snapshot at the same time share one compilation; a failed one is not kept.
 */
export class SnapshotCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly compile: CompileSnapshot,
    private readonly capacity: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(clusterId: string, seq: number): Promise<CompiledSnapshot> {
    const key = `${clusterId}:${String(seq)}`;
    const entry = this.entries.get(key) ?? this.start(key, clusterId, seq);
    // Re-inserting moves the entry to the young end of the map's order.
    this.entries.delete(key);
    this.entries.set(key, entry);
    this.trim();
    return entry.compiled;
  }

  /** Drops the cluster's snapshots older than `seq`. They are compiled again if someone asks about the past. */
  forgetBefore(clusterId: string, seq: number): void {
    for (const [key, entry] of this.entries) {
      if (entry.clusterId === clusterId && entry.seq < seq) this.entries.delete(key);
    }
  }

  /** Drops everything of a cluster. */
  forgetCluster(clusterId: string): void {
    this.forgetBefore(clusterId, Number.POSITIVE_INFINITY);
  }

  private start(key: string, clusterId: string, seq: number): Entry {
    const entry: Entry = { clusterId, seq, compiled: this.compile(clusterId, seq) };
    entry.compiled.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return entry;
  }

  private trim(): void {
    for (const key of this.entries.keys()) {
      if (this.entries.size <= this.capacity) return;
      this.entries.delete(key);
    }
  }
}
