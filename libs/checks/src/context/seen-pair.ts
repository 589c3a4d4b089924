import { translateService } from '#engine';
import type { Backend, CompiledSnapshot, Endpoint, PlacedFlow, Protocol, ResolvedPeer } from '#engine';

/** Two endpoints that a flow may have been between. */
export interface SeenPair {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** At the destination itself, after translation. */
  readonly port: number | null;
}

/** The endpoints that a flow was between: behind a Service, any of its backends may have answered. */
export function* seenPairs(
  snapshot: CompiledSnapshot,
  { source, destination, protocol, port }: PlacedFlow,
): Generator<SeenPair> {
  if (source?.resolved.type !== 'endpoints' || destination === null) return;
  const backends = backendsOf(snapshot, destination.resolved, protocol, port);
  for (const from of source.resolved.endpoints) {
    for (const backend of backends) yield { source: from, destination: backend.endpoint, port: backend.port };
  }
}

/** The endpoints of a peer, behind a Service its backends, each with the port there. */
function backendsOf(
  snapshot: CompiledSnapshot,
  peer: ResolvedPeer,
  protocol: Protocol,
  port: number | null,
): readonly Backend[] {
  if (peer.type === 'endpoints') return peer.endpoints.map((endpoint) => ({ endpoint, port }));
  const translated = translateService(snapshot, peer.service, protocol, port);
  return translated.type === 'backends' ? translated.backends : [];
}
