import type { Protocol, ServiceFact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { isGlobal, prefersOthers } from './global-service.js';
import { mayBeRedirected } from './local-redirect.js';
import type { Backend } from './backend.js';
import { behindAlias, portsMeant, translateService } from './translate-service.js';
import type { Translation } from './translate-service.js';

/** Why what a Service leads to here need not be where its clients end. */
export interface Openness {
  readonly why: string;
  /** The CiliumLocalRedirectPolicy that is the reason, as `namespace/name`; null for none. */
  readonly by: string | null;
}

/** Whether the clients of a port of a Service may be led elsewhere, so that nothing is certain; null where they are not. */
export function openness(
  snapshot: CompiledSnapshot,
  service: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
  found: Translation,
): Openness | null {
  const by = mayBeRedirected(snapshot, service, portsMeant(service, protocol, port));
  if (by !== null) return { why: OVERRIDE, by };
  if (found.type === 'backends' && found.backends.some(({ endpoint }) => isOfClusterSet(endpoint.hostName)))
    return { why: OF_CLUSTER_SET, by: null };
  if (!isGlobal(snapshot, service)) return null;
  if (found.type === 'noEndpoints') return { why: 'it is global: other clusters may have some', by: null };
  return found.type === 'backends' && prefersOthers(service) ? { why: OTHERS_FIRST, by: null } : null;
}

/**
 * The endpoints that clients of a Service are led to at a port, whoever they are; a line where there are none, or where
 * others may answer in their place.
 */
export function certainBackends(
  snapshot: CompiledSnapshot,
  named: ServiceFact,
  protocol: Protocol,
  port: number | string | null,
): readonly Backend[] | string {
  const found = translateService(snapshot, named, protocol, port);
  const open = openness(snapshot, behindAlias(snapshot, named) ?? named, protocol, port, found);
  if (open !== null) return open.why;
  return found.type === 'backends' ? found.backends : found.why;
}

const OVERRIDE = 'releases of Cilium differ in whether it takes clients over from the Service';

const OTHERS_FIRST = 'its affinity is remote: endpoints of other clusters answer as long as there are some';

/** Names of Services that several clusters share by ServiceExports. */
export const isOfClusterSet = (hostName: string): boolean => hostName.endsWith('.clusterset.local');

export const OF_CLUSTER_SET = 'which endpoints of which clusters ServiceImports make of it is not read';
