import { certainBackends, parsePeer, resolvePeer, translateService } from '#engine';
import type { Backend, CompiledSnapshot, Protocol, ResolvedPeer } from '#engine';

import type { AuditContext } from './audit-context.js';

/** The endpoints that a name leads to, each with the port there; a line when it leads nowhere, or others may answer. */
export function namedBackends(
  { snapshot }: AuditContext,
  name: string,
  protocol: Protocol,
  port: number,
): readonly Backend[] | string {
  const parsed = parsePeer(name);
  if ('error' in parsed) return parsed.error;
  const found = resolvePeer(snapshot, parsed.peer, 'destination');
  if (found.type === 'notFound') return found.error.message;
  if (found.type === 'service') return certainBackends(snapshot, found.service, protocol, port);
  return backendsOf(snapshot, found, protocol, port);
}

/** The endpoints of a peer, behind a Service its backends, each with the port there; a line when there are none. */
export function backendsOf(
  snapshot: CompiledSnapshot,
  peer: ResolvedPeer,
  protocol: Protocol,
  port: number | null,
): readonly Backend[] | string {
  if (peer.type === 'endpoints') return peer.endpoints.map((endpoint) => ({ endpoint, port }));
  const translated = translateService(snapshot, peer.service, protocol, port);
  return translated.type === 'backends' ? translated.backends : translated.why;
}
