import { ALL, and, NONE, or } from '../../model/index.js';
import type { NamePattern, PeerSet, Selector } from '../../model/index.js';
import { blockSelector, podPeer } from '../shared/index.js';
import type { RawNamespaceMatch, RawPeer } from './antrea.raw.js';
import { namePatternTest } from './name-pattern.js';
import { podsByName } from './service-pods.js';
import { groupPeers, groupSubjects, workloadPeers } from './workloads.compile.js';
import type { Scope } from './workloads.compile.js';

/** Peers of a rule; null is everyone (AT-21 to AT-23). */
export function compilePeers(peers: readonly RawPeer[] | null, scope: Scope): PeerSet {
  if (peers === null) return { type: 'any' };
  const selectors = peers.map((peer) => compilePeer(peer, scope)).filter((selector) => selector.type !== 'none');
  return selectors.length === 0 ? { type: 'none' } : { type: 'of', selectors };
}

/** Those of the peers at which a port's name of egress is resolved: pods that selectors choose, or every pod. (AT-44) */
export function peersWithPortNames(peers: readonly RawPeer[] | null, scope: Scope): PeerSet {
  if (peers === null) return { type: 'any' };
  const selectors = peers.map((peer) => podsOf(peer, scope)).filter((selector) => selector.type !== 'none');
  return selectors.length === 0 ? { type: 'none' } : { type: 'of', selectors };
}

function podsOf(peer: RawPeer, scope: Scope): Selector {
  switch (peer.type) {
    case 'block':
    case 'fqdn':
    case 'nodes':
      return NONE;
    case 'group':
      return groupSubjects(peer.name, scope, (tests) => podPeer(scope.env.semantics, tests));
    case 'serviceAccount':
      return compilePeer(peer, scope);
    case 'workloads':
      return compileWorkloads(
        { type: 'workloads', selectors: peer.selectors, match: peer.match, clusterSet: false },
        scope,
      );
  }
}

function compilePeer(peer: RawPeer, scope: Scope): Selector {
  const { semantics } = scope.env;
  switch (peer.type) {
    case 'block':
      return blockSelector(peer.cidr, peer.except, semantics);
    case 'group':
      return groupPeers(peer.name, scope);
    case 'fqdn':
      return compileName(peer.pattern, scope);
    case 'serviceAccount':
      return podPeer(
        semantics,
        { type: 'namespace', names: [peer.namespace] },
        { type: 'serviceAccount', names: [peer.name] },
      );
    case 'nodes':
      return and({ type: 'kind', kinds: ['hostpod', 'node'] }, peer.selector);
    case 'workloads':
      return compileWorkloads(peer, scope);
  }
}

function compileWorkloads(peer: Extract<RawPeer, { type: 'workloads' }>, scope: Scope): Selector {
  const { selectors, match } = peer;
  const local =
    match === null
      ? workloadPeers(selectors, scope)
      : podPeer(scope.env.semantics, relativeNamespace(match), selectors.pods ?? ALL);
  if (!peer.clusterSet) return local;
  const why = 'whether the address is a pod of another cluster of the ClusterSet is not in the inventory';
  return or(local, and({ type: 'kind', kinds: ['external'] }, { type: 'unknown', why }));
}

function relativeNamespace(match: RawNamespaceMatch): Selector {
  if (match.type === 'self') return { type: 'same', as: 'namespace' };
  return { type: 'same', as: 'namespaceLabels', keys: match.keys };
}

function compileName(text: string, scope: Scope): Selector {
  const pattern: NamePattern = { dialect: 'any', pattern: text.replace(/\*+/g, '*') };
  return or({ type: 'hostName', pattern }, podsByName(pattern, namePatternTest(pattern), scope.env));
}
