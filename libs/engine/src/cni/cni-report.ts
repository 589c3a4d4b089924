import { pushTo } from '../base/index.js';
import { objectLabel, objectRef } from '../model/index.js';
import type { CniDetection, ObjectRef, PolicyFact, PolicyKind } from '../model/index.js';
import { policyKindOf } from '../normalise/index.js';
import { comparedFeatures, ignoredKinds } from './comparison.js';
import type { ComparedFeature, IgnoredKind } from './comparison.js';
import { lackingFields } from './lacking.js';
import type { LackingField } from './lacking.js';
import type { SemanticsDeviation } from './profile.js';
import { deviationsOf, profilesOf } from './semantics-of.js';

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
  /** Fields of the other policies that it does not implement as they are written, by policy. */
  readonly lacking: readonly LackingField[];
  /** Where the CNI leaves the specification. */
  readonly deviations: readonly SemanticsDeviation[];
  /** The cells of the comparison for each of its engines. */
  readonly features: readonly CniFeature[];
}

/** A cell of the comparison of CNIs. */
export interface CniFeature extends ComparedFeature {
  /** Title of the engine. */
  readonly engine: string;
}

/** Reports on a cluster's CNI and the policies given. */
export function cniReport(cni: CniDetection, policies: readonly PolicyFact[]): CniReport {
  const byKind = new Map<PolicyKind, ObjectRef[]>();
  for (const { meta } of policies) {
    const kind = policyKindOf(meta);
    if (kind !== null) pushTo(byKind, kind, objectRef(meta));
  }
  const ignored = ignoredKinds(cni, [...byKind.keys()].sort()).map((found) => ({
    ...found,
    policies: (byKind.get(found.kind) ?? []).sort(compareLabels),
  }));
  const lacking = lackingFields(cni, policies)
    .filter(({ pointer }) => pointer !== '')
    .sort((a, b) => compareLabels(a.policy, b.policy));
  return { cni, ignored, lacking, deviations: deviationsOf(cni), features: featuresOf(cni) };
}

function featuresOf(cni: CniDetection): readonly CniFeature[] {
  const known = profilesOf(cni).filter(({ id }) => id !== 'unknown');
  return known.flatMap(({ title, columns }) =>
    comparedFeatures(columns).map((feature) => ({ engine: title, ...feature })),
  );
}

function compareLabels(a: ObjectRef, b: ObjectRef): number {
  const [left, right] = [objectLabel(a), objectLabel(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
