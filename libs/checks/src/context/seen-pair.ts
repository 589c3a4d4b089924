import { translateService } from '#engine';
import type { CompiledSnapshot, Endpoint, PlacedFlow } from '#engine';

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
  const { resolved } = destination;
  const translated = resolved.type === 'service' ? translateService(snapshot, resolved.service, protocol, port) : null;
  const backends =
    resolved.type === 'endpoints'
      ? resolved.endpoints.map((endpoint) => ({ endpoint, port }))
      : translated?.type === 'backends'
        ? translated.backends
        : [];
  for (const from of source.resolved.endpoints) {
    for (const backend of backends) yield { source: from, destination: backend.endpoint, port: backend.port };
  }
}
