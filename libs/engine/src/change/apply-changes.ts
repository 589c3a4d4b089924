import { canonicalJson } from '../base/index.js';
import { kindId, objectKey, objectLabel } from '../model/index.js';
import type { Fact, ObjectRef, PodFact, PodShape, PolicyFact, WorkloadFact } from '../model/index.js';
import { topOwner, workloadKey } from '../compile/build-endpoints.js';
import type { StagedChange } from '../kinds/frontend.js';
import { FRONTENDS } from '../kinds/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';

/** What somebody is about to do to a cluster. */
export interface FactChanges {
  /** Objects as they would be written; one that exists is replaced. */
  readonly apply: readonly Fact[];
  readonly remove: readonly ObjectRef[];
  /** Staged policies to put in force: all of them, or those named `namespace/name` (`name` for cluster-wide ones). */
  readonly promote: 'all' | readonly string[];
}

export interface AppliedChanges {
  readonly facts: readonly Fact[];
  /** What was to be removed or promoted and is not there. */
  readonly missing: readonly string[];
}

/**
 * The facts of a cluster after the changes, rolled out: pods of a workload whose template changes have its new shape, and
 * what belongs to something that goes, goes with it.
 */
export function applyChanges(facts: readonly Fact[], changes: FactChanges): AppliedChanges {
  const now = new Map(facts.map((fact) => [objectKey(fact.meta), fact]));
  const missing = changes.remove
    .filter((ref) => !now.has(objectKey(ref)))
    .map((ref) => `${kindId(ref)} ${objectLabel(ref)}`);
  const owners = new Map(
    facts.filter((fact) => fact.type === 'workload').map((fact) => [workloadKey(fact.meta.namespace, fact.meta), fact]),
  );
  for (const fact of changes.apply) now.set(objectKey(fact.meta), fact);
  for (const ref of changes.remove) now.delete(objectKey(ref));
  rollOut(now, facts, owners, changes);
  missing.push(...promote(now, changes.promote));
  return { facts: [...now.values()], missing };
}

function rollOut(
  now: Map<string, Fact>,
  facts: readonly Fact[],
  owners: ReadonlyMap<string, WorkloadFact>,
  { apply, remove }: FactChanges,
): void {
  const shapes = new Map<string, PodShape>();
  for (const fact of apply) {
    if (fact.type !== 'workload') continue;
    const key = workloadKey(fact.meta.namespace, fact.meta);
    const earlier = owners.get(key);
    if (earlier !== undefined && canonicalJson(earlier.template) !== canonicalJson(fact.template)) {
      shapes.set(key, fact.template);
    }
  }
  const namespaces = new Set(
    remove.filter(({ kind, group }) => kind === 'Namespace' && group === '').map(({ name }) => name),
  );
  const gone = new Set(remove.map((ref) => workloadKey(ref.namespace, ref)));
  if (shapes.size === 0 && remove.length === 0) return;
  const applied = new Set(apply.map(({ meta }) => objectKey(meta)));
  for (const fact of facts) {
    const key = objectKey(fact.meta);
    if (applied.has(key) || !now.has(key)) continue;
    if (namespaces.has(fact.meta.namespace)) now.delete(key);
    else if (fact.type === 'pod') {
      const owner = topOwner(fact, owners);
      const of = owner === null ? '' : workloadKey(fact.meta.namespace, owner);
      const shape = shapes.get(of);
      if (gone.has(of)) now.delete(key);
      else if (shape !== undefined) now.set(key, reshaped(fact, shape));
    } else if (fact.type === 'workload' && fact.meta.owner !== null) {
      if (gone.has(workloadKey(fact.meta.namespace, fact.meta.owner))) now.delete(key);
    }
  }
}

/** A pod as the roll-out makes it anew: in the place of the one before, under the hash that tells its workload. */
export function reshaped(pod: PodFact, shape: PodShape): PodFact {
  const hash = pod.shape.labels['pod-template-hash'];
  const labels = hash === undefined ? shape.labels : { ...shape.labels, 'pod-template-hash': hash };
  return { ...pod, meta: { ...pod.meta, labels }, shape: { ...shape, labels } };
}

function promote(now: Map<string, Fact>, wanted: FactChanges['promote']): string[] {
  const names = wanted === 'all' ? null : new Set(wanted);
  for (const fact of [...now.values()]) {
    const change = fact.type === 'policy' ? stagedChange(fact) : null;
    if (change === null || (names !== null && !names.delete(objectLabel(fact.meta)))) continue;
    now.delete(objectKey(fact.meta));
    if (change.type === 'set') now.set(objectKey(change.policy.meta), change.policy);
    else if (change.type === 'delete') now.delete(objectKey(change.target));
  }
  return [...(names ?? [])].map((name) => `staged policy ${name}`);
}

function stagedChange(fact: PolicyFact): StagedChange | null {
  const kind = policyKindOf(fact.meta);
  return (kind === null ? null : FRONTENDS[kind]?.staged?.(fact)) ?? null;
}
