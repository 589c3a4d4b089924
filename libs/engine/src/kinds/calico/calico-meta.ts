import { field, isObject, text, textMap } from '../../base/index.js';
import type { Labels, ObjectMeta } from '../../model/index.js';
import { DEFAULT_TIER, STORAGE_GROUP } from './policy.parse.js';

const METADATA = 'projectcalico.org/metadata';

/** Name and labels as Calico's own API shows them. */
export interface CalicoMeta {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * The storage group keeps what Kubernetes' metadata cannot hold in an annotation: labels of any shape and, in some
 * releases, the name. (CAL-2)
 */
export function calicoMeta(meta: ObjectMeta): CalicoMeta {
  const kept = storedMetadata(meta.annotations[METADATA]);
  const labels = Object.assign(
    Object.create(null) as Record<string, string>,
    meta.labels,
    textMap(field(kept, 'labels')),
  );
  return { name: text(field(kept, 'name')) || meta.name, labels };
}

function storedMetadata(annotation: string | undefined): unknown {
  if (annotation === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(annotation);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The name of a policy: stored ones of the default tier have `default.` before it. (CAL-1) */
export function policyName(meta: ObjectMeta, tier: string): string {
  const { name } = calicoMeta(meta);
  const prefix = `${DEFAULT_TIER}.`;
  const stored = meta.group === STORAGE_GROUP && tier === DEFAULT_TIER && name.startsWith(prefix);
  return stored ? name.slice(prefix.length) : name;
}

/** The storage group holds the same objects as the API group. (CAL-1) */
export function canonicalGroup(group: string): string {
  return group === STORAGE_GROUP ? 'projectcalico.org' : group;
}
