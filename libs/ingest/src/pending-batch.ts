import type { KindCompleteness } from '#contracts';
import { type Fact, type ObjectRef, kindId, objectKey } from '#engine';
import type { FactBatch } from '#store';

interface PendingObject {
  readonly ref: ObjectRef;
  /** Null: the object is gone. */
  readonly fact: Fact | null;
  /** Who wrote it, '' when that is not known. */
  readonly manager: string;
}

interface PendingKind {
  /** True when `objects` is the full list of the kind. Then it holds no absent object. */
  replaces: boolean;
  readonly objects: Map<string, PendingObject>;
}

/**
 * What became of a cluster since the last flush: at most one entry an object, the latest. A later list of a kind takes the
 * place of everything that was pending of it.
 */
export class PendingBatch {
  private readonly kinds = new Map<string, PendingKind>();
  private readonly completeness = new Map<string, KindCompleteness>();

  /** Entries held. */
  get size(): number {
    let size = 0;
    for (const kind of this.kinds.values()) size += kind.objects.size;
    return size;
  }

  get isEmpty(): boolean {
    return this.kinds.size === 0 && this.completeness.size === 0;
  }

  /** The full list of a kind; `complete` false: only some of it, so absence means nothing. */
  list(kind: string, facts: readonly Fact[], complete: boolean): void {
    if (complete) this.kinds.set(kind, { replaces: true, objects: new Map() });
    for (const fact of facts) this.change(kind, fact.meta, fact);
    this.completeness.set(kind, complete ? { complete } : { complete, reason: 'only a part of it could be listed' });
  }

  change(kind: string, ref: ObjectRef, fact: Fact | null, manager = ''): void {
    const pending = this.kindOf(kind);
    const key = objectKey(ref);
    if (fact === null && pending.replaces) pending.objects.delete(key);
    else pending.objects.set(key, { ref, fact, manager });
  }

  incomplete(kind: string, reason: string): void {
    this.completeness.set(kind, { complete: false, reason });
  }

  /** Puts a batch that could not be stored back under what has come since. */
  putBack(older: PendingBatch): void {
    for (const [kind, before] of older.kinds) {
      const since = this.kinds.get(kind);
      if (since?.replaces === true) continue;
      this.kinds.set(kind, { replaces: before.replaces, objects: new Map(before.objects) });
      for (const { ref, fact, manager } of since?.objects.values() ?? []) this.change(kind, ref, fact, manager);
    }
    for (const [kind, said] of older.completeness) {
      if (!this.completeness.has(kind)) this.completeness.set(kind, said);
    }
  }

  toBatch(takenAt: Date): FactBatch {
    const upserts: Fact[] = [];
    const deletes: ObjectRef[] = [];
    const managers = new Map<string, string>();
    for (const { objects } of this.kinds.values()) {
      for (const [key, { ref, fact, manager }] of objects) {
        if (fact === null) deletes.push(ref);
        else upserts.push(fact);
        if (manager !== '') managers.set(key, manager);
      }
    }
    const replace = [...this.kinds].filter(([, pending]) => pending.replaces).map(([kind]) => kind);
    return { upserts, managers, deletes, replace, completeness: Object.fromEntries(this.completeness), takenAt };
  }

  private kindOf(kind: string): PendingKind {
    let pending = this.kinds.get(kind);
    if (!pending) this.kinds.set(kind, (pending = { replaces: false, objects: new Map() }));
    return pending;
  }
}

/** The `kindId` that a fact is stored under. */
export function factKind(fact: Fact): string {
  return kindId(fact.meta);
}
