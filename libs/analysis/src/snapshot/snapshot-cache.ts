import type { CompiledSnapshot } from '#engine';

/**
 * Loads and compiles one snapshot; `near` is the one of its cluster next to it that is, or is being, compiled. As long as nobody
 * waits for it (`isAwaited`) it gives way to everything else.
 */
export type CompileSnapshot = (
  clusterId: string,
  seq: number,
  near: CachedSnapshot | null,
  isAwaited: () => boolean,
) => Promise<CompiledSnapshot>;

export interface CachedSnapshot {
  readonly clusterId: string;
  readonly seq: number;
  readonly compiled: Promise<CompiledSnapshot>;
}

interface Waiting {
  isAwaited: boolean;
  /** What it is made from, until it is made. */
  near: Waiting | null;
}

interface Entry extends CachedSnapshot {
  askedAt: number;
  /** How many objects it has, 1 until that is known. */
  objects: number;
  /** Whether a question has waited for it, or does; also for what it is made from. */
  readonly waiting: Waiting;
  /** Null until it is compiled. */
  made: CompiledSnapshot | null;
}

/** How long a snapshot that is not its cluster's newest is kept without a question about it. */
const ELDER_MS = 5_000;
/** When a cluster was asked about that never was. */
export const NEVER_ASKED = Number.MIN_SAFE_INTEGER;

/** Later than all snapshots. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** How much a cache may hold beyond its number of snapshots, and how long. */
export interface CacheRoom {
  /** More snapshots are kept as long as all have no more objects than this. None when left out. */
  readonly objects?: number;
  readonly elderMs?: number;
}

/** A snapshot to be compiled before somebody asks. */
export interface WarmSnapshot {
  readonly clusterId: string;
  readonly seq: number;
  readonly objects: number;
  /** When its cluster was last asked about. */
  readonly askedAt: number;
}

/**
 * Compiled snapshots by cluster and sequence number, least recently used first out. A snapshot never changes, so an
 * entry cannot be wrong, only no longer of use: `forgetBefore` drops what a newer snapshot has replaced, and what is not its
 * cluster's newest goes once nobody has asked about it for `elderMs`.
 * Callers that ask for the same snapshot at the same time share one compilation; a failed one is not kept.
 */
export class SnapshotCache {
  private readonly entries = new Map<string, Entry>();
  private sweeping: NodeJS.Timeout | null = null;
  private readonly mostObjects: number;
  private readonly elderMs: number;

  constructor(
    private readonly compile: CompileSnapshot,
    private readonly capacity: number,
    { objects = 0, elderMs = ELDER_MS }: CacheRoom = {},
  ) {
    this.mostObjects = objects;
    this.elderMs = elderMs;
  }

  get size(): number {
    return this.entries.size;
  }

  /** How many of them are compiled. */
  get compiledSize(): number {
    return [...this.entries.values()].filter(({ made }) => made !== null).length;
  }

  get(clusterId: string, seq: number): Promise<CompiledSnapshot> {
    const entry = this.entries.get(keyOf(clusterId, seq)) ?? this.startAsked(clusterId, seq);
    awaited(entry.waiting);
    entry.askedAt = performance.now();
    return entry.compiled;
  }

  /**
   * Compiles a snapshot that nobody waits for. It displaces what is kept of its cluster, and, if that was asked about, what was
   * not, but nothing else: null where there is no room for it, or it or a newer one is there.
   */
  warm({ clusterId, seq, objects, askedAt }: WarmSnapshot): Promise<CompiledSnapshot> | null {
    const newest = this.near(clusterId, NEWEST);
    if (newest !== null && newest.seq >= seq) return null;
    const fits = this.makeRoom(clusterId, objects, askedAt);
    if (!fits && newest === null) return null;
    const { compiled } = this.start(clusterId, seq, { objects, askedAt, isAwaited: false });
    // Kept until then: it is what the new one is made from, and still answers if that fails.
    if (!fits && newest !== null) {
      compiled.then(
        () => {
          this.drop(newest);
        },
        () => undefined,
      );
    }
    return compiled;
  }

  /** When each cluster of which something is kept was last asked about, by `performance.now()`. */
  lastAsked(): ReadonlyMap<string, number> {
    const asked = new Map<string, number>();
    for (const { clusterId, askedAt } of this.entries.values()) {
      asked.set(clusterId, Math.max(askedAt, asked.get(clusterId) ?? askedAt));
    }
    return asked;
  }

  /** The same where it is compiled already, else null. */
  peek(clusterId: string, seq: number): CompiledSnapshot | null {
    const entry = this.entries.get(keyOf(clusterId, seq));
    if (entry === undefined || entry.made === null) return null;
    entry.askedAt = performance.now();
    return entry.made;
  }

  /**
   * Drops the cluster's snapshots older than `seq`, but not its newest, which later ones are made from. They are compiled
   * again if someone asks about the past.
   */
  forgetBefore(clusterId: string, seq: number): void {
    const newest = this.near(clusterId, NEWEST);
    for (const [key, entry] of this.entries) {
      if (entry.clusterId === clusterId && entry.seq < seq && entry !== newest) this.entries.delete(key);
    }
  }

  /** Drops everything of a cluster. */
  forgetCluster(clusterId: string): void {
    for (const [key, entry] of this.entries) if (entry.clusterId === clusterId) this.entries.delete(key);
  }

  /** The cluster's snapshot nearest to `seq`. */
  private near(clusterId: string, seq: number): Entry | null {
    let found: Entry | null = null;
    for (const entry of this.entries.values()) {
      if (entry.clusterId !== clusterId) continue;
      if (found === null || isNearer(entry.seq, found.seq, seq)) found = entry;
    }
    return found;
  }

  private startAsked(clusterId: string, seq: number): Entry {
    const entry = this.start(clusterId, seq, { objects: 1, askedAt: performance.now(), isAwaited: true });
    this.trim(entry);
    // Only then is known how much it is.
    entry.compiled.then(
      () => {
        this.trim(entry);
      },
      () => undefined,
    );
    return entry;
  }

  /** Whether so many objects more fit in, once those have gone that nobody asked about, if this one was asked about. */
  private makeRoom(clusterId: string, objects: number, askedAt: number): boolean {
    const isAsked = askedAt !== NEVER_ASKED;
    const fits = (): boolean =>
      (isAsked && this.entries.size < this.capacity) || this.objectsBeside(clusterId) + objects <= this.mostObjects;
    if (!isAsked || fits()) return fits();
    for (const entry of this.entries.values()) {
      if (entry.askedAt !== NEVER_ASKED || entry.clusterId === clusterId) continue;
      this.drop(entry);
      if (fits()) return true;
    }
    return false;
  }

  /** Objects of what is kept of other clusters. Two snapshots of one share nearly all of theirs. */
  private objectsBeside(clusterId: string | null): number {
    const largest = new Map<string, number>();
    for (const entry of this.entries.values()) {
      if (entry.clusterId === clusterId) continue;
      largest.set(entry.clusterId, Math.max(entry.objects, largest.get(entry.clusterId) ?? 0));
    }
    return [...largest.values()].reduce((sum, objects) => sum + objects, 0);
  }

  private start(
    clusterId: string,
    seq: number,
    { objects, askedAt, isAwaited }: Pick<Entry, 'objects' | 'askedAt'> & Pick<Waiting, 'isAwaited'>,
  ): Entry {
    const near = this.near(clusterId, seq);
    const waiting: Waiting = { isAwaited: false, near: near?.waiting ?? null };
    if (isAwaited) awaited(waiting);
    const compiled = this.compile(clusterId, seq, near, () => waiting.isAwaited);
    const entry: Entry = { clusterId, seq, compiled, objects, askedAt, waiting, made: null };
    this.entries.set(keyOf(clusterId, seq), entry);
    this.sweepLater();
    entry.compiled.then(
      (made) => {
        entry.made = made;
        waiting.near = null;
        entry.objects = objectsOf(made);
      },
      () => {
        this.drop(entry);
      },
    );
    return entry;
  }

  private drop(entry: Entry): void {
    const key = keyOf(entry.clusterId, entry.seq);
    if (this.entries.get(key) === entry) this.entries.delete(key);
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
    while (this.entries.size > this.capacity && this.objectsBeside(null) > this.mostObjects) {
      const others = [...this.entries].filter(([, entry]) => entry !== newest);
      const [oldest] = others.sort(([, a], [, b]) => a.askedAt - b.askedAt);
      if (oldest === undefined) return;
      this.entries.delete(oldest[0]);
    }
  }
}

/** Whether `a` is nearer to `seq` than `b`. */
function isNearer(a: number, b: number, seq: number): boolean {
  return Math.abs(a - seq) < Math.abs(b - seq);
}

function awaited(waiting: Waiting): void {
  for (let next: Waiting | null = waiting; next !== null && !next.isAwaited; next = next.near) next.isAwaited = true;
}

/** The objects of a snapshot, without kinds of which there are few or which take little; never 0. */
function objectsOf({ index }: CompiledSnapshot): number {
  const { namespaces, services, serviceAccounts, pods, workloads, policies } = index;
  const lists = pods.length + workloads.length + policies.length;
  return Math.max(1, lists + namespaces.size + services.size + serviceAccounts.size);
}

function keyOf(clusterId: string, seq: number): string {
  return `${clusterId}:${String(seq)}`;
}
