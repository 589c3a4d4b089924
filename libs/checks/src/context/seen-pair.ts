import type { CompiledSnapshot, Endpoint, PlacedFlow } from '#engine';

import { backendsOf } from './named-backends.js';

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
  if (typeof backends === 'string') return;
  for (const from of source.resolved.endpoints) {
    for (const backend of backends) yield { source: from, destination: backend.endpoint, port: backend.port };
  }
}
