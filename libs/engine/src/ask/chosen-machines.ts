import { field, path, text } from '../base/index.js';
import { objectLabel, TCP } from '../model/index.js';
import type { Protocol, ServiceFact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { entryLabels, WORKLOAD_ENTRY } from '../kinds/istio/index.js';
import { hasLabels } from './outside/proxies.js';
import { isMember } from './registered-name.js';
import { hasAddress } from './translate-service.js';

/**
 * What a Service leads members of the mesh to beside its pods: workloads outside the cluster whose WorkloadEntries its
 * selector chooses. Null where it leads none of the sources there. (IM-62)
 */
export function leadToMachines(
  { index }: CompiledSnapshot,
  service: ServiceFact,
  protocol: Protocol,
  sources: readonly Endpoint[],
): string | null {
  const { meta, selector } = service;
  if (protocol !== TCP || selector === null || !hasAddress(service)) return null;
  const chosen = (index.aux.get(WORKLOAD_ENTRY) ?? []).filter(
    (entry) =>
      entry.meta.namespace === meta.namespace &&
      hasLabels({ labels: entryLabels(field(entry.raw, 'spec'), entry.meta) }, selector),
  );
  if (chosen.length === 0 || !sources.some(isMember)) return null;
  const named = chosen.slice(0, MOST_NAMED).map((entry) => {
    const address = text(path(entry.raw, 'spec', 'address'));
    return `WorkloadEntry ${objectLabel(entry.meta)}${address === '' ? '' : ` (${address})`}`;
  });
  const more = chosen.length > MOST_NAMED ? ` and ${String(chosen.length - MOST_NAMED)} more` : '';
  return `the mesh leads its members to ${named.join(', ')}${more} as well, about which it has to be asked`;
}

/** Of more than these there is the number. */
const MOST_NAMED = 3;
