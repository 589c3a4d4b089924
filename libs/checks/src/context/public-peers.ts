import { addressPeers, parseCidr } from '#engine';
import type { Endpoint, IpRange } from '#engine';

import { publicParts } from './address-space.js';
import type { AuditContext } from './audit-context.js';
import { firstAddress, INTERNET } from './example-address.js';

/** Public addresses that no policy tells apart, with one that speaks for them. */
export interface PublicPeer {
  readonly endpoint: Endpoint;
  readonly parts: readonly IpRange[];
}

/** The public address space of a family, cut where policies cut it. */
export function publicPeers({ snapshot }: AuditContext, family: 4 | 6): readonly PublicPeer[] {
  const own = snapshot.index.nodes.flatMap((node) => node.podCidrs).map(parseCidr);
  const inCluster = own.filter((cidr) => cidr !== null);
  return addressPeers([snapshot], 'intended', family).flatMap((peer) => {
    if (peer.type !== 'addresses') return [];
    const parts = publicParts(peer.range, inCluster);
    const [first] = parts;
    return first === undefined ? [] : [{ endpoint: firstAddress(first), parts }];
  });
}

/** Someone on the internet for each part of it that policies tell apart; the well-known example first where it will do. */
export function publicSources(context: AuditContext): readonly Endpoint[] {
  return [INTERNET, ...publicPeers(context, 4).map((peer) => peer.endpoint)];
}
