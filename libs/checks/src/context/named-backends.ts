import { certainBackends, parsePeer, resolvePeer } from '#engine';
import type { Backend, Protocol } from '#engine';

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
  return found.type === 'service'
    ? certainBackends(snapshot, found.service, protocol, port)
    : found.endpoints.map((endpoint) => ({ endpoint, port }));
}
