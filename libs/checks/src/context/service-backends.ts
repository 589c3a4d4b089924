import { oncePer, pushTo, serviceMembers } from '#engine';
import type { CompiledSnapshot, Endpoint, ServiceFact } from '#engine';

/** The Services that send to a pod. */
export function servedBy(snapshot: CompiledSnapshot, pod: Endpoint): readonly ServiceFact[] {
  return servicesByPod(snapshot).get(pod) ?? [];
}

const servicesByPod = oncePer((snapshot: CompiledSnapshot): ReadonlyMap<Endpoint, readonly ServiceFact[]> => {
  const table = new Map<Endpoint, ServiceFact[]>();
  for (const service of snapshot.index.services.values()) {
    for (const endpoint of serviceMembers(snapshot, service)) pushTo(table, endpoint, service);
  }
  return table;
});
