import type { ClusterProblem } from '#contracts';
import type { Fact, ObjectRef } from '#engine';

/**
 * What a change source says. Events of one kind arrive in order; between kinds there is no order.
 * A `list` holds every object of its kind, so an object that is not in it is gone. A `change` with a null fact says that
 * the object is gone. `heartbeat` says that everything the source reported is no older than `at`. `connection` tells of
 * trouble that concerns no kind alone, and of its end.
 */
export type SourceEvent =
  | {
      readonly type: 'list';
      /** A `kindId`. */
      readonly kind: string;
      readonly facts: readonly Fact[];
      /** Objects that could not be kept even as rejected facts. */
      readonly problems: readonly ClusterProblem[];
      /** False when the list is known to be partial; then nothing is concluded from an object's absence. */
      readonly complete: boolean;
    }
  | {
      readonly type: 'change';
      readonly kind: string;
      readonly ref: ObjectRef;
      readonly fact: Fact | null;
      /** Who wrote it, where the source tells. */
      readonly manager?: string;
    }
  | { readonly type: 'incomplete'; readonly kind: string; readonly reason: string }
  /** Everything that is wrong with the source's files, in the place of what was said before. */
  | { readonly type: 'problems'; readonly problems: readonly ClusterProblem[] }
  | { readonly type: 'heartbeat'; readonly at: Date }
  | { readonly type: 'connection'; readonly ok: boolean; readonly message: string };

/** Receives events one after the other. Must not throw. */
export type SourceSink = (event: SourceEvent) => void;

/** Where the watch of one kind stands: everything up to this version was reported. */
export interface KindPosition {
  /** What is read, as `/apis/apps/v1/deployments`. */
  readonly path: string;
  readonly resourceVersion: string;
  /** When the kind was last listed in full (ms). */
  readonly listedAt: number;
}

/** How far a source was read, for another process to go on from. */
export interface SourcePositions {
  /** Tells one cluster from another that answers at the same address; '' when it could not be told. */
  readonly identity: string;
  /** By `kindId`; a kind that is not here must be listed. */
  readonly kinds: Readonly<Record<string, KindPosition>>;
}

/** Anything that yields the state of a cluster and then its changes. */
export interface ChangeSource {
  /**
   * Reports to `sink` until `signal` is aborted; then resolves with everything closed. With `resume` it may leave out the
   * lists of kinds that can be followed from there.
   */
  run(sink: SourceSink, signal: AbortSignal, resume?: SourcePositions | null): Promise<void>;
  /** How far it has reported at this moment; null for a source that always reads everything. */
  positions(): SourcePositions | null;
  /** Reads everything again from the start. Returns at once. */
  resync(): void;
}
