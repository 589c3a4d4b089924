import { and, or } from '../../model/index.js';
import type { EndpointKind, Selector, Semantics } from '../../model/index.js';
import { anyBlock, peersAreLocal, podPeer, withUnlabelled } from '../shared/index.js';
import type { Dialect } from './dialect.js';
import { domainNameSelector } from './read-domain-name.js';
import type { RawPeer } from './upstream-policy.raw.js';

/** A peer as a predicate over endpoints; null for one that stands for nothing under this reading. */
export function compilePeer(peer: RawPeer, dialect: Dialect, semantics: Semantics): Selector | null {
  switch (peer.type) {
    case 'pods':
      return chosenPods(peer, dialect, semantics);
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

/** To Cilium, which reads ClusterNetworkPolicy of these kinds, only `pods` are confined to the cluster. (UP-43) */
function chosenPods(peer: Extract<RawPeer, { type: 'pods' }>, dialect: Dialect, semantics: Semantics): Selector {
  const pods = podPeer(semantics, peer.selector);
  if (dialect.portsField !== 'protocols') return pods;
  return withUnlabelled(pods, { ...peer, local: peer.by === 'pods' && peersAreLocal(semantics) }, semantics);
}

/** All addresses of the chosen nodes, so the processes and the host-network pods on them as well. */
function nodePeer(selector: Selector, semantics: Semantics): Selector {
  const kinds: EndpointKind[] = ['node', 'hostpod'];
  // Its v1alpha1 build takes every pod that runs on a chosen node for the node.
  if (semantics.options['flavour'] === 'npa-v1alpha1') kinds.push('pod');
  return and({ type: 'kind', kinds }, selector);
}
