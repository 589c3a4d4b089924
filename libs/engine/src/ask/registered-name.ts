import { field, list, path, text } from '../base/index.js';
import { objectLabel } from '../model/index.js';
import type { AuxFact } from '../model/index.js';
import { canonicalIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointOfAddress } from '../compile/endpoint-directory.js';
import { compileSelector, YES } from '../compile/match-selector.js';
import {
  audienceOf,
  EVERY_MEMBER,
  hostTest,
  isShownTo,
  passes,
  readMeshConfig,
  SERVICE_ENTRY,
  WORKLOAD_ENTRY,
} from '../kinds/istio/index.js';
import type { Sees } from './visibility.js';

/**
 * Why a name outside may lead some sources to workloads of the mesh, which hold to policies of their own: a ServiceEntry
 * has it. Null where none does. (IM-54)
 */
export function leadByRegistry(
  snapshot: CompiledSnapshot,
  hostName: string,
  sources: readonly Endpoint[],
  sees: Sees,
): string | null {
  const entries = snapshot.index.aux.get(SERVICE_ENTRY) ?? [];
  const members = hostName === '' || entries.length === 0 ? [] : sources.filter(isMember);
  if (members.length === 0) return null;
  const { exportDefaults } = readMeshConfig({ aux: (kind) => snapshot.index.aux.get(kind) ?? [] });
  const found = entries.find((entry) => {
    const audience = audienceOf(entry, exportDefaults.service);
    const isShown = members.some(({ namespace }) => isShownTo(audience, namespace));
    return isShown && isNamed(entry, hostName) && hasWorkloads(entry, snapshot);
  });
  if (found === undefined) return null;
  const name = sees(found.meta.namespace) ? `ServiceEntry ${objectLabel(found.meta)}` : 'a ServiceEntry';
  return `${name} leads the mesh from there to workloads, about which it has to be asked`;
}

const MEMBER = compileSelector(EVERY_MEMBER);

/** Whether an endpoint is surely of the mesh. */
export const isMember = (one: Endpoint): boolean => MEMBER(one, one) === YES;

function isNamed({ raw }: AuxFact, hostName: string): boolean {
  return list(path(raw, 'spec', 'hosts')).some((host) => passes(hostTest(text(host)), hostName));
}

/** Whether it chooses workloads by labels, or has addresses of pods or of machines of the mesh among its endpoints. */
function hasWorkloads({ raw }: AuxFact, snapshot: CompiledSnapshot): boolean {
  if (path(raw, 'spec', 'workloadSelector') !== undefined) return true;
  const machines = (snapshot.index.aux.get(WORKLOAD_ENTRY) ?? []).map((one) =>
    canonicalIp(text(path(one.raw, 'spec', 'address'))),
  );
  return list(path(raw, 'spec', 'endpoints')).some((end) => {
    const address = canonicalIp(text(field(end, 'address')));
    if (address === null) return false;
    const isMachine = text(field(end, 'serviceAccount')) !== '' || machines.includes(address);
    return isMachine || endpointOfAddress(snapshot.directory, address)?.kind !== 'external';
  });
}
