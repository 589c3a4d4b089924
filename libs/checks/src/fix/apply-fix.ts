import { compileSnapshot, factsOf, normaliseObject, objectKey } from '#engine';
import type { CompiledSnapshot, CompileOptions, Fact, FactsIndex } from '#engine';

import type { Fix } from './fix.js';

/** The snapshot as it would be with the fix applied: its facts with the fix's objects, compiled anew. */
export function applyFix(snapshot: CompiledSnapshot, fix: Fix, options: CompileOptions = {}): CompiledSnapshot {
  // What is detected does not depend on policies, and must not be detected differently for a fix.
  const { cni, completeness } = snapshot;
  return compileSnapshot(factsWith(snapshot.index, fix), { cni, completeness, ...options });
}

function factsWith(index: FactsIndex, fix: Fix): Fact[] {
  const facts = new Map(factsOf(index).map((fact) => [objectKey(fact.meta), fact]));
  for (const ref of fix.removes) facts.delete(objectKey(ref));
  for (const fact of factsOfFix(fix)) facts.set(objectKey(fact.meta), fact);
  return [...facts.values()];
}

function factsOfFix(fix: Fix): Fact[] {
  return fix.objects.map((raw) => {
    const { fact, diagnostics } = normaliseObject(raw);
    if (fact !== null && fact.type !== 'rejected') return fact;
    const why = diagnostics.map((diagnostic) => diagnostic.message).join('; ');
    throw new Error(`the fix \`${fix.title}\` is not a valid object: ${why}`);
  });
}
