import { objectLabel, objectRef } from '../model/index.js';
import type { CniDetection, ObjectRef, PolicyFact, PolicyKind } from '../model/index.js';
import { policyKindOf } from '../normalise/index.js';
import { ignoredKinds } from './comparison.js';
import type { IgnoredKind } from './comparison.js';
import { deviationsOf } from './semantics-of.js';
import type { SemanticsDeviation } from './profile.js';

/** The policies of one kind that a cluster's CNI ignores, enforces in part, or may ignore. */
export interface IgnoredPolicies extends IgnoredKind {
  /** By namespace and name. Never empty. */
  readonly policies: readonly ObjectRef[];
}

/** What a cluster runs to enforce policy, and what that makes of the policies it has. */
export interface CniReport {
  readonly cni: CniDetection;
  /** By kind; kinds that are enforced in full are left out. */
  readonly ignored: readonly IgnoredPolicies[];
  /** Where the CNI leaves the specification. */
  readonly deviations: readonly SemanticsDeviation[];
}

/** Reports on a cluster's CNI and the policies given. */
export function cniReport(cni: CniDetection, policies: Iterable<PolicyFact>): CniReport {
  const byKind = new Map<PolicyKind, ObjectRef[]>();
  for (const { meta } of policies) {
    const kind = policyKindOf(meta);
    if (kind === null) continue;
    const known = byKind.get(kind);
    if (known === undefined) byKind.set(kind, [objectRef(meta)]);
    else known.push(objectRef(meta));
  }
  const ignored = ignoredKinds(cni, [...byKind.keys()].sort()).map((found) => ({
    ...found,
    policies: (byKind.get(found.kind) ?? []).sort((a, b) => (objectLabel(a) < objectLabel(b) ? -1 : 1)),
  }));
  return { cni, ignored, deviations: deviationsOf(cni) };
}
