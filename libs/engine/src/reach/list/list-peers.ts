import { pushTo } from '../../base/index.js';
import { everyAddress, formatRange } from '../../net/index.js';
import type { IpRange } from '../../net/index.js';
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

/** Addresses outside the cluster that no policy tells apart, as one endpoint, with their ranges in order. */
export interface OutsidePeer {
  readonly endpoint: Endpoint;
  readonly ranges: readonly IpRange[];
}

/** Ranges told one by one in the name of outside addresses. */
const RANGES_TOLD = 2;

/**
 * The outside of a snapshot: one peer for all addresses that its policies treat alike. The way there may pause at each
 * null.
 */
export function* outsidePeers(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
): Generator<null, readonly OutsidePeer[]> {
  const speaksSix = snapshot.endpoints.some(({ ips }) => ips.some(({ family }) => family === 6));
  const found = new Map<Endpoint, IpRange[]>();
  for (const family of [4, 6] as const) {
    const peers = addressPeers([snapshot], reading, family);
    yield null;
    if (family === 6 && !speaksSix && peers.length === 1) continue;
    for (const peer of peers) {
      if (peer.type !== 'addresses') continue;
      const endpoint = peer.endpoints[0] as Endpoint;
      pushTo(found, endpoint, peer.range);
    }
  }
  return [...found].map(([endpoint, ranges]) => ({ endpoint, ranges }));
}

/** Addresses in words: `any IPv4 address`, a few ranges, or any address but a few. */
export function rangesName(ranges: readonly IpRange[]): string {
  const family = ranges[0]?.family ?? 4;
  const rest = complement(ranges, family);
  if (rest.length === 0) return `any IPv${family} address`;
  if (rest.length < ranges.length) return `any IPv${family} address but ${firstOf(rest)}`;
  return firstOf(ranges);
}

function firstOf(ranges: readonly IpRange[]): string {
  const more = ranges.length - RANGES_TOLD;
  const told = ranges.slice(0, RANGES_TOLD).map(formatRange).join(', ');
  return more > 0 ? `${told} and ${more} more` : told;
}

/** What is in none of ascending ranges. */
function complement(ranges: readonly IpRange[], family: 4 | 6): readonly IpRange[] {
  const whole = everyAddress(family);
  const out: IpRange[] = [];
  let next = whole.from;
  for (const { from, to } of ranges) {
    if (from > next) out.push({ family, from: next, to: from - 1n });
    next = to + 1n;
  }
  return next > whole.to ? out : [...out, { family, from: next, to: whole.to }];
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
