import { pushTo, serviceMembers } from '#engine';
import type { CompiledSnapshot, Endpoint, ServiceFact } from '#engine';

const CACHE = new WeakMap<CompiledSnapshot, ReadonlyMap<Endpoint, readonly ServiceFact[]>>();

/** The Services that send to a pod. */
export function servedBy(snapshot: CompiledSnapshot, pod: Endpoint): readonly ServiceFact[] {
  let table = CACHE.get(snapshot);
  if (table === undefined) CACHE.set(snapshot, (table = backends(snapshot)));
  return table.get(pod) ?? [];
}

function backends(snapshot: CompiledSnapshot): ReadonlyMap<Endpoint, readonly ServiceFact[]> {
  const table = new Map<Endpoint, ServiceFact[]>();
  for (const service of snapshot.index.services.values()) {
    for (const endpoint of serviceMembers(snapshot, service)) pushTo(table, endpoint, service);
  }
  return table;
}
