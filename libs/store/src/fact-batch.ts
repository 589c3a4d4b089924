import type { KindCompleteness } from '#contracts';
import type { Fact, ObjectRef } from '#engine';

/** What became of a cluster's objects since the last batch. */
export interface FactBatch {
  /** New or changed objects; unchanged ones do no harm. Of two for one object the last counts. */
  readonly upserts: readonly Fact[];
  /** By `objectKey`, who wrote the new content of an object, where its source told. */
  readonly managers?: ReadonlyMap<string, string>;
  /** Objects that are gone. One that is in `upserts` too is kept. */
  readonly deletes: readonly ObjectRef[];
  /** `kindId`s whose upserts are the full list: an object of the kind that is not among them is gone. */
  readonly replace: readonly string[];
  /** By `kindId`. Kinds that it does not name keep what the last snapshot says of them. */
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
  /** When the source was known to be in this state. */
  readonly takenAt: Date;
}

/** What persisting a batch did. */
export interface PersistResult {
  /** The cluster's newest snapshot after the batch. */
  readonly seq: number;
  /** Objects that were added, changed or removed. */
  readonly changed: number;
  /** False when the batch said nothing new: no row was written. */
  readonly created: boolean;
}

/** What to change to get from one snapshot of a cluster to another. */
export interface SnapshotDelta {
  /** Objects that come or change, as the other one has them. */
  readonly upserts: readonly Fact[];
  readonly removes: readonly ObjectRef[];
}

/** One numbered state of a cluster. */
export interface SnapshotRecord {
  readonly clusterId: string;
  /** From 1, in order of time; the next one has the next number. Retention leaves gaps. */
  readonly seq: number;
  /** Never earlier than that of the snapshot before. */
  readonly takenAt: Date;
  /** By the database's clock; in order of the numbers, too. */
  readonly storedAt: Date;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
  /** Equal for equal objects and completeness, however a cluster came to them. Hex. */
  readonly digest: string;
  readonly objectCount: number;
  /** Retention leaves it alone. */
  readonly pinned: boolean;
}

/** Which objects of a snapshot. All filters must hold. */
export interface ObjectQuery {
  /** `kindId`s; all kinds when left out. */
  readonly kinds?: readonly string[];
  /** '' for objects without a namespace. */
  readonly namespace?: string;
  readonly name?: string;
  /** 1 to 1000. */
  readonly limit: number;
  readonly cursor?: string;
}

/** A stored object. */
export interface StoredObject {
  readonly kindId: string;
  readonly uid: string;
  readonly hash: string;
  /** The snapshot in which this content first appeared. */
  readonly sinceSeq: number;
  readonly fact: Fact;
}

/** How far a cluster was read, as its reader gave it, and what its newest snapshot says of its kinds. */
export interface KeptRead {
  readonly positions: unknown;
  readonly completeness: Readonly<Record<string, KindCompleteness>>;
}
