import { objectLabel } from '../model/index.js';
import type { ServiceFact } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { endpointOfAddress } from '../compile/endpoint-directory.js';
import type { NotFound } from './answer.js';
import type { ResolvedPeer } from './resolve-peer.js';
import { behindAlias, chosenPods, serviceBehind } from './translate-service.js';
import type { Sees } from './visibility.js';

/**
 * The endpoints that a peer stands for as a source, or where no port is asked about. A Service opens no connections: it
 * stands for those behind it, ready or not; one that nobody is behind is not found. (SVC-11)
 */
export function peerMembers(
  snapshot: CompiledSnapshot,
  peer: ResolvedPeer,
  side: NotFound['side'],
  sees: Sees,
): { readonly members: readonly Endpoint[] } | { readonly error: NotFound } {
  if (peer.type === 'endpoints') return { members: peer.endpoints };
  const service = serviceBehind(snapshot, peer.service, sees, side);
  if ('error' in service) return service;
  const members = serviceMembers(snapshot, service);
  if (members.length > 0) return { members };
  const isCircle = behindAlias(snapshot, peer.service) === null;
  const message = `Service \`${objectLabel(peer.service.meta)}\`${isCircle ? LEADS_NOWHERE : whyNone(peer.service, service)}`;
  return { error: { code: 'ENDPOINT_NOT_FOUND', side, message, near: [] } };
}

const LEADS_NOWHERE = ' is an alias that leads to itself';

function whyNone(named: ServiceFact, { meta, serviceType, externalName }: ServiceFact): string {
  if (serviceType !== 'ExternalName') {
    const alias = named.meta === meta ? '' : `, as an alias of ${objectLabel(meta)},`;
    return `${alias} has no pods: it opens no connections itself, they do`;
  }
  return ` is an alias of ${externalName} and has no pods: ask about \`host:${externalName}\``;
}

/** The endpoints behind a Service by its slices, else those that its selector chooses. */
export function serviceMembers(snapshot: CompiledSnapshot, service: ServiceFact): readonly Endpoint[] {
  const slices = snapshot.index.slices.get(objectLabel(service.meta)) ?? [];
  const members = slices.flatMap((slice) =>
    slice.endpoints.flatMap((entry) => {
      const pod = entry.pod === '' ? null : snapshot.directory.pod(service.meta.namespace, entry.pod);
      const endpoint = pod ?? endpointOfAddress(snapshot.directory, entry.addresses[0] ?? '');
      return endpoint === null ? [] : [endpoint];
    }),
  );
  return members.length > 0 ? [...new Set(members)] : chosenPods(snapshot, service);
}
