import { addressPeers, parseCidr, pushTo } from '#engine';
import type { Endpoint, IpRange } from '#engine';

import { publicParts } from './address-space.js';
import type { AuditContext } from './audit-context.js';
import { firstAddress } from './example-address.js';

/** Public addresses that no policy tells apart, with one that speaks for them. */
export interface PublicPeer {
  readonly endpoint: Endpoint;
  readonly parts: readonly IpRange[];
}

/** The public address space of a family by what policies tell apart, pieces that none does together. */
export function publicPeers({ snapshot }: AuditContext, family: 4 | 6): readonly PublicPeer[] {
  const own = snapshot.index.nodes.flatMap((node) => node.podCidrs).map(parseCidr);
  const inCluster = own.filter((cidr) => cidr !== null);
  const bySpeaker = new Map<Endpoint | undefined, IpRange[]>();
  for (const peer of addressPeers([snapshot], 'intended', family)) {
    if (peer.type !== 'addresses') continue;
    for (const part of publicParts(peer.range, inCluster)) pushTo(bySpeaker, peer.endpoints[0], part);
  }
  return [...bySpeaker.values()].flatMap((parts) => {
    const [first] = parts;
    return first === undefined ? [] : [{ endpoint: firstAddress(first), parts }];
  });
}
