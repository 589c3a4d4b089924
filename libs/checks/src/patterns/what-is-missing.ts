import { objectLabel } from '#engine';
import type { JsonObject, PolicySet } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { SaidByOthers } from '../context/rule-coverage.js';
import { applyFix } from '../fix/apply-fix.js';
import type { Fix } from '../fix/fix.js';

/** What of a bundle a cluster lacks, and the policies that say the rest of it already. */
export interface Missing {
  readonly objects: readonly JsonObject[];
  /** As people write them, in order of name. */
  readonly sameAs: readonly string[];
}

/**
 * A policy of a bundle for a namespace is there already when policies of its kind there say all that it says, for every pod
 * that may ever exist. The names of the bundle are new ones.
 */
export function whatIsMissing(context: AuditContext, namespace: string, bundle: Fix): Missing {
  const present = context.policySet.policies.filter(({ policy }) => policy.namespace === namespace);
  const said = new SaidByOthers(context, present, ({ entries }) => entries);
  const after = (applyFix(context.snapshot, bundle).intended.sets[0] as PolicySet).policies;
  const sameAs = new Set<string>();
  const objects = bundle.objects.filter(({ kind, metadata }) => {
    const { name } = metadata as { readonly name: string };
    const wanted = after.find(
      ({ policy }) => policy.kind === kind && policy.namespace === namespace && policy.name === name,
    );
    const covering = said.covering(
      wanted?.entries ?? [],
      ({ policy }) => policy.kind === kind && policy.group === wanted?.policy.group,
    );
    for (const { policy } of covering ?? []) sameAs.add(objectLabel(policy));
    return covering === null;
  });
  return { objects, sameAs: [...sameAs].sort() };
}
