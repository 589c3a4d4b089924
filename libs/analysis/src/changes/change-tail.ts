import type { ChangeMark, ChangePosition, ChangeQuery, ChangeRepository, StoredChange } from '#store';
import type { ClusterWatch } from '../clusters/cluster-watch.js';

type Filter = Pick<ChangeQuery, 'clusterId' | 'kinds' | 'namespace' | 'name'>;

/**
 * How long a snapshot of another cluster may take from its time of storing to its commit. A stream over all clusters
 * goes back this far when it is taken up again, as one that was stored earlier may have become visible later.
 */
const COMMIT_LAG_MS = 5_000;
const PAGE_ROWS = 200;

/**
 * Reads changes as they are stored. It keeps one place a cluster, behind what was read of it: snapshots of one cluster
 * are stored one after the other, so behind that place nothing can appear late. Nothing is buffered: a reader that is
 * slow finds more in the next page.
 */
export class ChangeTail {
  private readonly places = new Map<string, ChangePosition>();
  private readonly dirty = new Set<string>();
  private wake: () => void = () => undefined;
  private unsubscribe: () => void = () => undefined;
  /** From when on all clusters are to be looked through; null when notifications are enough. */
  private catchUpFrom: Date | null = null;
  private newest = new Date(0);
  private hasEnded = false;

  constructor(
    private readonly changes: ChangeRepository,
    private readonly watch: ClusterWatch,
    private readonly filter: Filter,
    private readonly signal: AbortSignal,
  ) {}

  /** Begins to listen, then notes where each cluster stands: behind `from`, or now. Nothing in between is lost. */
  async start(from: ChangePosition | null): Promise<void> {
    this.unsubscribe = this.watch.subscribe({
      onChange: (clusterId, seq) => {
        // That a row changed matters only if it is gone, which ends the stream of that cluster.
        const matters = this.filter.clusterId === undefined ? seq !== null : this.filter.clusterId === clusterId;
        if (!matters) return;
        this.dirty.add(clusterId);
        this.wake();
      },
      onResume: () => {
        this.catchUpFrom = before(this.newest);
        this.wake();
      },
    });
    // Pages that nobody has begun to read have no end of their own.
    this.signal.addEventListener('abort', () => {
      this.stop();
      this.wake();
    });
    if (this.signal.aborted) this.stop();
    const { clusterId } = this.filter;
    if (from === null) {
      this.newest = await this.changes.now();
      this.note(await this.changes.marks(clusterId === undefined ? {} : { clusterId }));
      return;
    }
    this.newest = from.storedAt;
    this.catchUpFrom = clusterId === undefined ? before(from.storedAt) : from.storedAt;
    if (clusterId === undefined) this.note(await this.changes.marks({ until: this.catchUpFrom }));
    this.places.set(from.clusterId, from);
  }

  stop(): void {
    this.unsubscribe();
  }

  /** Pages of changes in order of storing; inside a cluster in order of its snapshots. Ends with the signal. */
  async *pages(): AsyncGenerator<readonly StoredChange[]> {
    for (;;) {
      if (this.catchUpFrom !== null) yield* this.catchUp(this.catchUpFrom);
      for (const clusterId of this.takeDirty()) yield* this.readCluster(clusterId);
      if (this.signal.aborted || this.hasEnded) return;
      await this.changed();
    }
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.signal.aborted || this.dirty.size > 0 || this.catchUpFrom !== null) resolve();
    });
  }

  private takeDirty(): string[] {
    const ids = [...this.dirty];
    this.dirty.clear();
    return ids;
  }

  private note(marks: readonly ChangeMark[]): void {
    for (const mark of marks) this.places.set(mark.clusterId, behindSnapshot(mark));
  }

  private async *catchUp(since: Date): AsyncGenerator<readonly StoredChange[]> {
    this.catchUpFrom = null;
    let after: ChangePosition | undefined;
    for (;;) {
      const rows = await this.changes.list({ ...this.filter, since, after, order: 'oldest', limit: PAGE_ROWS });
      const fresh = rows.filter((row) => this.advance(row));
      if (fresh.length > 0) yield fresh;
      after = rows.at(-1);
      if (after === undefined || rows.length < PAGE_ROWS || this.signal.aborted) return;
    }
  }

  private async *readCluster(clusterId: string): AsyncGenerator<readonly StoredChange[]> {
    const [mark] = await this.changes.marks({ clusterId });
    if (mark === undefined) {
      this.places.delete(clusterId);
      this.hasEnded = this.filter.clusterId === clusterId;
      return;
    }
    while (isBehind(behindSnapshot(mark), this.places.get(clusterId))) {
      const after = this.places.get(clusterId);
      const rows = await this.changes.list({ ...this.filter, clusterId, after, order: 'oldest', limit: PAGE_ROWS });
      for (const row of rows) this.advance(row);
      if (rows.length > 0) yield rows;
      if (this.signal.aborted) return;
      // Snapshots that have nothing for the filter are not looked through again.
      if (rows.length < PAGE_ROWS && isBehind(behindSnapshot(mark), this.places.get(clusterId))) this.note([mark]);
    }
  }

  /** Moves the cluster's place behind the change; false when it is there already. */
  private advance(change: StoredChange): boolean {
    if (!isBehind(change, this.places.get(change.clusterId))) return false;
    const { storedAt, clusterId, seq, kindId, namespace, name } = change;
    this.places.set(clusterId, { storedAt, clusterId, seq, kindId, namespace, name });
    if (storedAt > this.newest) this.newest = storedAt;
    return true;
  }
}

/** Sorts behind every object of a snapshot: kinds are text below this code point. */
const LAST_KIND = '\uFFFF';

function behindSnapshot({ storedAt, clusterId, seq }: ChangeMark): ChangePosition {
  return { storedAt, clusterId, seq, kindId: LAST_KIND, namespace: '', name: '' };
}

function before(time: Date): Date {
  return new Date(time.getTime() - COMMIT_LAG_MS);
}

function isBehind(place: ChangePosition, other: ChangePosition | undefined): boolean {
  if (other === undefined) return true;
  if (place.seq !== other.seq) return place.seq > other.seq;
  for (const part of ['kindId', 'namespace', 'name'] as const) {
    if (place[part] !== other[part]) return Buffer.compare(Buffer.from(place[part]), Buffer.from(other[part])) > 0;
  }
  return false;
}
