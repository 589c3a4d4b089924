import type { KindCompleteness } from '#contracts';
import { type CniDetection, type Fact, detectCni, kindId, objectKey } from '#engine';
import type { SourceEvent } from '#kube';

/** The facts that tell a cluster's CNI, kept aside so that looking again costs no read of the whole snapshot. */
export class CniFacts {
  private readonly kinds = new Map<string, Map<string, Fact>>();
  private isDirty = false;

  accept(event: SourceEvent): void {
    if (event.type === 'incomplete') this.isDirty = true;
    if (event.type === 'list') this.replace(event.kind, event.facts);
    if (event.type === 'change') {
      if (event.fact !== null && tellsCni(event.fact)) this.put(event.kind, event.fact);
      else if (this.kinds.get(event.kind)?.delete(objectKey(event.ref)) === true) this.isDirty = true;
    }
  }

  /** What the facts say now; null when nothing that matters changed since the last call. */
  detectIfChanged(completeness: ReadonlyMap<string, KindCompleteness>): CniDetection | null {
    if (!this.isDirty) return null;
    this.isDirty = false;
    const facts = [...this.kinds.values()].flatMap((objects) => [...objects.values()]);
    return detectCni(facts, Object.fromEntries(completeness));
  }

  private replace(kind: string, facts: readonly Fact[]): void {
    this.kinds.delete(kind);
    this.isDirty = true;
    for (const fact of facts) if (tellsCni(fact)) this.put(kind, fact);
  }

  private put(kind: string, fact: Fact): void {
    const objects = this.kinds.get(kind) ?? new Map<string, Fact>();
    this.kinds.set(kind, objects);
    objects.set(objectKey(fact.meta), fact);
    this.isDirty = true;
  }
}

const WORKLOADS: ReadonlySet<string> = new Set(['DaemonSet.apps', 'Deployment.apps']);

/** What `detectCni` reads: agents and their pods, nodes, and objects of the plugins. */
export function tellsCni(fact: Fact): boolean {
  if (fact.type === 'pod') return fact.meta.owner?.kind === 'DaemonSet';
  if (fact.type === 'workload') return WORKLOADS.has(kindId(fact.meta));
  return fact.type !== 'endpointslice' && fact.type !== 'serviceaccount' && fact.type !== 'rejected';
}
