import { and } from '../../model/index.js';
import type { PeerSet, Selector } from '../../model/index.js';

/** Those of the peers that a selector chooses. */
export function peersWithin(peers: PeerSet, selector: Selector): PeerSet {
  if (peers.type === 'none') return peers;
  return {
    type: 'of',
    selectors: peers.type === 'any' ? [selector] : peers.selectors.map((peer) => and(peer, selector)),
  };
}
