import { and, or } from '../../model/index.js';
import type { EndpointKind, Selector, Semantics } from '../../model/index.js';
import { anyBlock, podPeer } from '../shared/index.js';
import { domainNameSelector } from './read-domain-name.js';
import type { RawPeer } from './upstream-policy.raw.js';

/** A peer as a predicate over endpoints; null for one that stands for nothing under this reading. */
export function compilePeer(peer: RawPeer, semantics: Semantics): Selector | null {
  switch (peer.type) {
    case 'pods':
      return podPeer(semantics, peer.selector);
    case 'nodes':
      return semantics.options['nodePeers'] === 'ignored' ? null : nodePeer(peer.selector, semantics);
    case 'networks':
      return anyBlock(peer.cidrs, semantics);
    case 'domainNames':
      return or(...peer.names.map(domainNameSelector));
    case 'removed':
      return podPeer(semantics, { type: 'unknown', why: `\`${peer.what}\` was removed from the API` });
    case 'unknown':
      return null;
  }
}

/** All addresses of the chosen nodes, so the processes and the host-network pods on them as well. */
function nodePeer(selector: Selector, semantics: Semantics): Selector {
  const kinds: EndpointKind[] = ['node', 'hostpod'];
  // Its v1alpha1 build takes every pod that runs on a chosen node for the node.
  if (semantics.options['flavour'] === 'npa-v1alpha1') kinds.push('pod');
  return and({ type: 'kind', kinds }, selector);
}
