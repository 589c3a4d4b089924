import { normaliseObject, updateSnapshot } from '#engine';
import type { CompiledSnapshot, Fact } from '#engine';

import type { Fix } from './fix.js';

/** The snapshot as it would be with the fix applied. */
export function applyFix(snapshot: CompiledSnapshot, fix: Fix): CompiledSnapshot {
  return updateSnapshot(snapshot, { upserts: factsOfFix(fix), removes: fix.removes });
}

function factsOfFix(fix: Fix): Fact[] {
  return fix.objects.map((raw) => {
    const { fact, diagnostics } = normaliseObject(raw);
    if (fact !== null && fact.type !== 'rejected') return fact;
    const why = diagnostics.map((diagnostic) => diagnostic.message).join('; ');
    throw new Error(`the fix \`${fix.title}\` is not a valid object: ${why}`);
  });
}
