import { parseIp } from '#engine';
import type { Ip } from '#engine';

import type { AuditContext } from './audit-context.js';

/** Where the API server is, as the inventory tells it. */
export interface ApiServer {
  /** Addresses of the Service `default/kubernetes`, which are translated before policy sees them. */
  readonly clusterIps: readonly Ip[];
  /** Addresses of its endpoints; at least one. */
  readonly addresses: readonly Ip[];
  readonly port: number;
}

/** The API server by the Service that every cluster has; null when its endpoints are not in the inventory. */
export function apiServer({ snapshot }: AuditContext): ApiServer | null {
  const service = snapshot.index.services.get('default/kubernetes');
  const slices = snapshot.index.slices.get('default/kubernetes') ?? [];
  const port = slices[0]?.ports[0]?.port;
  const addresses = slices.flatMap((slice) => slice.endpoints.flatMap((endpoint) => endpoint.addresses)).map(parseIp);
  const known = addresses.filter((ip) => ip !== null);
  if (service === undefined || port === undefined || known.length === 0) return null;
  return { clusterIps: service.clusterIps.map(parseIp).filter((ip) => ip !== null), addresses: known, port };
}
