import { and } from '../../model/index.js';
import type { ObjectRef, PeerSet, PolicyEntry, Selector } from '../../model/index.js';

/** An entry of a pattern as the entry of one policy: its own namespace is a constant that needs no look at the subject. */
export function bindEntry(entry: PolicyEntry, policy: ObjectRef, order: PolicyEntry['order']): PolicyEntry {
  return {
    ...entry,
    source: { ...entry.source, policy },
    order,
    subject: inNamespace(entry.subject, policy.namespace),
    peers: bindPeers(entry.peers, policy.namespace),
  };
}

function bindPeers(peers: PeerSet, namespace: string): PeerSet {
  if (peers.type !== 'of') return peers;
  return { type: 'of', selectors: peers.selectors.map((selector) => inNamespace(selector, namespace)) };
}

function inNamespace(selector: Selector, namespace: string): Selector {
  if (selector.type === 'same' && selector.as === 'namespace') return { type: 'namespace', names: [namespace] };
  if (selector.type === 'and') return and(...selector.of.map((member) => inNamespace(member, namespace)));
  return selector;
}
