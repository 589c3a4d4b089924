import { compareObjects, type CompiledSnapshot, type Fact } from '#engine';
import { EqualParts } from '#store';

/**
 * Gives changed facts, in place, the parts that they have in common with each other and with what stands next to them in the
 * other snapshot: what a pod is there, and its replicas. Without it each pod that changes would have all of its own.
 */
export function shareParts(facts: readonly Fact[], { index }: CompiledSnapshot): void {
  const parts = new EqualParts();
  for (const fact of facts) {
    if (fact.type === 'pod') {
      for (const pod of index.sorted.pods.around(({ meta }) => compareObjects(meta, fact.meta))) parts.learn(pod);
    }
    parts.unite(fact);
  }
}
