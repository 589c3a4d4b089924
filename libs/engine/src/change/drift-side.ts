import type { Endpoint } from '../compile/endpoint.js';
import { formatIp } from '../net/index.js';
import { PEER_LIMIT } from './drift-view.js';
import type { DriftPeer, DriftSide } from './drift-view.js';

const OUTSIDE = 'Outside';
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Endpoints as one side of an entry: by workload, with counts. */
export function sideOf(endpoints: readonly Endpoint[]): DriftSide {
  const peers = new Map<string, { -readonly [K in keyof DriftPeer]: DriftPeer[K] }>();
  const namespaces: Record<string, number> = Object.create(null) as Record<string, number>;
  let outside = 0;
  for (const endpoint of endpoints) {
    const peer = peerOf(endpoint);
    const key = `${peer.kind}/${peer.namespace}/${peer.name}`;
    const known = peers.get(key);
    if (known === undefined) peers.set(key, { ...peer });
    else known.endpoints += 1;
    if (endpoint.kind === 'external') outside += 1;
    else namespaces[endpoint.namespace] = (namespaces[endpoint.namespace] ?? 0) + 1;
  }
  const sorted = [...peers.values()].sort(
    (a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.kind, b.kind),
  );
  return { endpoints: endpoints.length, namespaces, outside, peers: sorted.slice(0, PEER_LIMIT) };
}

/** A side less what lies in namespaces that may not be seen; the outside belongs to nobody. */
export function visibleSide(side: DriftSide, sees: (namespace: string) => boolean): DriftSide {
  const seen = Object.entries(side.namespaces).filter(([namespace]) => sees(namespace));
  return {
    endpoints: seen.reduce((sum, [, count]) => sum + count, side.outside),
    namespaces: Object.fromEntries(seen),
    outside: side.outside,
    peers: side.peers.filter(({ kind, namespace }) => kind === OUTSIDE || sees(namespace)),
  };
}

function peerOf({ kind, namespace, name, workload }: Endpoint): DriftPeer {
  if (kind === 'external') return { kind: OUTSIDE, namespace: '', name, endpoints: 1 };
  if (kind === 'node') return { kind: 'Node', namespace: '', name, endpoints: 1 };
  return { kind: workload?.kind ?? 'Pod', namespace, name: workload?.name ?? name, endpoints: 1 };
}

/** The first names of a side, for a sentence: `shop/web, shop/api and 3 more`. */
export function sideText(side: DriftSide, most = 3): string {
  const names = side.peers.slice(0, most).map((peer) => {
    if (peer.kind === OUTSIDE) return peer.name;
    return peer.kind === 'Node' ? `node ${peer.name}` : `${peer.namespace}/${peer.name}`;
  });
  const told = side.peers.slice(0, most).reduce((sum, { endpoints }) => sum + endpoints, 0);
  const rest = side.endpoints - told;
  if (names.length === 0) return 'nothing';
  return rest > 0 && side.peers.length > most ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}

/** An endpoint as a question names it. */
export function peerText({ kind, namespace, name, ips, hostName, hypothetical, workload }: Endpoint): string {
  if (kind === 'node') return `node:${name}`;
  if (kind === 'external') {
    if (hostName !== '') return `host:${hostName}`;
    return ips[0] === undefined ? name : `ip:${formatIp(ips[0])}`;
  }
  if (!hypothetical) return `pod:${namespace}/${name}`;
  return `workload:${namespace}/${workload?.name ?? name}`;
}
