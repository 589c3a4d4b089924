import { parsePeer, resolvePeer, translateService } from '#engine';
import type { Backend, Protocol } from '#engine';

import type { AuditContext } from './audit-context.js';

/** The endpoints that a name leads to, each with the port there; a line when it leads nowhere. */
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
  if (found.type === 'endpoints') return found.endpoints.map((endpoint) => ({ endpoint, port }));
  const translated = translateService(snapshot, found.service, protocol, port);
  return translated.type === 'backends' ? translated.backends : translated.why;
}
