import type { JsonObject, ObjectRef } from '#engine';

/** `apply`: objects to create or replace. `delete`: objects to take away. `task`: work that no manifest does. */
export const FIX_ACTIONS = ['apply', 'delete', 'task'] as const;

/** A change that would settle a finding. Nothing is ever applied by this product. */
export interface Fix {
  readonly action: (typeof FIX_ACTIONS)[number];
  /** One line in the imperative. */
  readonly title: string;
  readonly objects: readonly JsonObject[];
  readonly removes: readonly ObjectRef[];
  /** The objects as YAML; for a deletion the kubectl command, for a task a command that helps, '' for none. */
  readonly manifest: string;
  /** What the generator cannot know and a person must look at, '' for nothing. */
  readonly note: string;
}

/** One pair of workloads or addresses that a fix changes. */
export interface PredictedChange {
  readonly source: string;
  readonly destination: string;
  /** Ports that the fix opens, as `TCP 80, 443`; `none` for none. */
  readonly opens: string;
  readonly closes: string;
}

/** The difference between the snapshot and the same snapshot with a fix applied, over real and future pods. */
export interface Prediction {
  readonly changes: readonly PredictedChange[];
  /** Pairs with something opened and closed; `changes` may be cut. */
  readonly opened: number;
  readonly closed: number;
}
