import type { PolicyFact } from '../../model/index.js';
import type { StagedChange } from '../frontend.js';

const DRY_RUN = 'istio.io/dry-run';

/** Whether a policy only tells what it would do. */
export function isDryRun({ meta }: PolicyFact): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(meta.annotations[DRY_RUN] ?? '');
}

/** A dry run in force is the same policy without the annotation. */
export function dryRunChange(fact: PolicyFact): StagedChange | null {
  if (!isDryRun(fact)) return null;
  const { [DRY_RUN]: _, ...annotations } = fact.meta.annotations;
  return { type: 'set', policy: { ...fact, meta: { ...fact.meta, annotations } } };
}
