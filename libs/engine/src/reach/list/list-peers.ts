import { formatRange } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { addressPeers, byPod, byWorkload } from '../exposure/peer-connections.js';

/** What one side of a row stands for: each pod, the pods of a workload, or those of a namespace. */
export type ListedBy = 'pod' | 'workload' | 'namespace';

/** One side of a row: what is told as one. */
export interface ListPeer {
  /** `Pod`, `Deployment` or another workload kind, `Namespace`, `Node`, or `Addresses` for what is outside. */
  readonly kind: string;
  /** '' for nodes and addresses; of a namespace its own name. */
  readonly namespace: string;
  /** The name of the object; of addresses their ranges. */
  readonly name: string;
}

/** Addresses outside the cluster that no policy tells apart, as one endpoint, with their ranges in words. */
export interface OutsidePeer {
  readonly endpoint: Endpoint;
  readonly ranges: readonly string[];
}

/** Ranges told one by one in the name of outside addresses. */
const RANGES_TOLD = 3;

/** The outside of a snapshot: one peer for all addresses that its policies treat alike. */
export function outsidePeers(snapshot: CompiledSnapshot, reading: ReadingName): readonly OutsidePeer[] {
  const speaksSix = snapshot.endpoints.some(({ ips }) => ips.some(({ family }) => family === 6));
  const found = new Map<Endpoint, string[]>();
  for (const family of [4, 6] as const) {
    const peers = addressPeers([snapshot], reading, family);
    if (family === 6 && !speaksSix && peers.length === 1) continue;
    for (const peer of peers) {
      if (peer.type !== 'addresses') continue;
      const endpoint = peer.endpoints[0] as Endpoint;
      found.set(endpoint, [...(found.get(endpoint) ?? []), formatRange(peer.range)]);
    }
  }
  return [...found].map(([endpoint, ranges]) => ({ endpoint, ranges }));
}

/** The name of addresses: their first ranges. */
export function rangesName(ranges: readonly string[]): string {
  const rest = ranges.length - RANGES_TOLD;
  return ranges.slice(0, RANGES_TOLD).join(', ') + (rest > 0 ? ` and ${rest} more ranges` : '');
}

/** The peer that an endpoint is told as. */
export function listPeerOf(endpoint: Endpoint, by: ListedBy): ListPeer {
  const { kind, namespace, name } = endpoint;
  if (kind === 'external') return { kind: 'Addresses', namespace: '', name };
  if (kind === 'node') return { kind: 'Node', namespace: '', name };
  if (by === 'namespace') return { kind: 'Namespace', namespace, name: namespace };
  return by === 'pod' ? byPod(endpoint) : byWorkload(endpoint);
}

/** Text that tells peers apart and sorts them: by namespace, then name; addresses last. */
export function peerKey({ kind, namespace, name }: ListPeer): string {
  const last = kind === 'Addresses' ? '2' : namespace === '' ? '1' : '0';
  return [last, namespace, name, kind].join('\u0000');
}

/** `shop/web`, `node n1`, `namespace shop`, or the ranges. */
export function peerLabel({ kind, namespace, name }: ListPeer): string {
  if (kind === 'Namespace') return `namespace ${name}`;
  if (kind === 'Node') return `node ${name}`;
  return namespace === '' ? name : `${namespace}/${name}`;
}
