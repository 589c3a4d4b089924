import { objectKey } from '../model/index.js';
import { factsOf } from '../compile/update-index.js';
import { updatingSnapshot } from '../compile/update-snapshot.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { objectDrift } from '../drift/object-drift.js';
import type { ObjectChange } from '../drift/object-drift.js';
import { applyChanges } from './apply-changes.js';
import type { AppliedChanges, FactChanges } from './apply-changes.js';

/** A snapshot as it would be, and what of it is not as it was. */
export interface ChangedSnapshot extends Pick<AppliedChanges, 'missing'> {
  readonly after: CompiledSnapshot;
  readonly objects: readonly ObjectChange[];
}

/** The snapshot after the changes, at the cost of what they concern. The way there may pause at each null. */
export function* changingSnapshot(before: CompiledSnapshot, changes: FactChanges): Generator<null, ChangedSnapshot> {
  const facts = factsOf(before.index);
  const { facts: changed, missing } = applyChanges(facts, changes);
  const objects = objectDrift(facts, changed);
  yield null;
  const keys = new Set(objects.map(({ object }) => objectKey(object)));
  const upserts = changed.filter(({ meta }) => keys.has(objectKey(meta)));
  const removes = objects.flatMap(({ type, object }) => (type === 'removed' ? [object] : []));
  return { after: yield* updatingSnapshot(before, { upserts, removes }), objects, missing };
}
