import { contains, formatIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { isHost } from '../compile/endpoint.js';
import type { Endpoint } from '../compile/endpoint.js';
import { policyBlocks } from './address-atoms.js';

/** Endpoints that no policy can tell apart, one of them to speak for all. */
export interface EndpointGroup {
  readonly members: readonly Endpoint[];
}

/**
 * Groups endpoints by everything that a policy may look at, seen from `others` at the far side. Nodes and host-network
 * pods stand alone; pods are told apart by their node when such an endpoint is at the far side, for it may be their own.
 */
export function groupEndpoints(
  snapshot: CompiledSnapshot,
  endpoints: readonly Endpoint[],
  others: readonly Endpoint[] = [],
): EndpointGroup[] {
  if (endpoints.length === 1) return [{ members: endpoints }];
  const byNode = others.some(isHost);
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const key = classKey(snapshot, endpoint, byNode);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [endpoint]);
    else known.push(endpoint);
  }
  return [...groups.values()].map((members) => ({ members }));
}

function classKey(snapshot: CompiledSnapshot, endpoint: Endpoint, byNode: boolean): string {
  if (endpoint.kind !== 'pod') return `${endpoint.kind}/${endpoint.namespace}/${endpoint.name}`;
  const blocks = policyBlocks(snapshot);
  const inside = endpoint.ips.map((ip) => [
    ip.family,
    ...blocks.flatMap((block, i) => (contains(block, ip) ? [i] : [])),
  ]);
  const labels = Object.keys(endpoint.labels).map((key) => [key, endpoint.labels[key]]);
  const ports = endpoint.ports.map((port) => [port.name, port.port, port.protocol]);
  const { namespace, serviceAccount, node, workload } = endpoint;
  // The node tells whether the own-node exemption applies and whether a policy agent runs there.
  const place = byNode ? node : snapshot.enforced.enforcement.unenforcedNodes.has(node);
  const service = snapshot.index.policies.length === 0 ? '' : (workload?.name ?? endpoint.name);
  return JSON.stringify([namespace, serviceAccount, place, labels, ports, inside, service]);
}

/** The addresses of an endpoint, first IPv4 first. */
export function addressText(endpoint: Endpoint): string {
  const ip = endpoint.ips[0];
  return ip === undefined ? '' : formatIp(ip);
}
