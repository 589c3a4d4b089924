import { partition } from '../../base/index.js';
import { and, not, or } from '../../model/index.js';
import type { PeerSet, Selector, Semantics } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import {
  anyBlock,
  asCniReads,
  blockSelector,
  blockWithin,
  peersAreLocal,
  podPeer,
  withUnlabelled,
} from '../shared/index.js';
import { azurePeer } from './azure-peers.js';
import { dialectOf } from './dialect.js';
import type { BlocksOfRule } from './dialect.js';
import { knownUnder } from './known-parts.js';
import type { RawPeer } from './networkpolicy.parse.js';
import { octalBlock, oddBlock, unread } from './odd-blocks.js';
import { ovnPeer } from './ovn-peers.js';

type RawBlock = Extract<RawPeer, { type: 'block' }>;

export const isBlock = (peer: RawPeer): peer is RawBlock => peer.type === 'block';

/** The peers of a rule; null is everyone. */
export function compilePeers(peers: readonly RawPeer[] | null, env: CompileEnv): PeerSet {
  if (peers === null) return { type: 'any' };
  if (peers.length === 0) return { type: 'none' };
  const { semantics } = env;
  const { podPeers, blocksOfRule, exceptionsMayHoldForRule } = dialectOf(semantics);
  if (blocksOfRule !== null) {
    const [blocks, pods] = partition(peers, isBlock);
    const ofBlocks = asOneSet(blocks, blocksOfRule, semantics);
    return { type: 'of', selectors: [...pods.map((peer) => knownPeer(peer, env)), ...ofBlocks] };
  }
  // What these stand for depends on the namespaces there are.
  const compiled = peers.map((peer) => (podPeers === 'ovn' ? compilePeer(peer, env) : knownPeer(peer, env)));
  if (!exceptionsMayHoldForRule || peers.length === 1) return { type: 'of', selectors: compiled };
  return { type: 'of', selectors: besideExceptions(compiled, peers, semantics) };
}

/** What exceptions of a rule's blocks may take from all of its peers. (NP-52) */
function besideExceptions(
  selectors: readonly Selector[],
  peers: readonly RawPeer[],
  semantics: Semantics,
): readonly Selector[] {
  const except = peers.flatMap((peer) => (isBlock(peer) ? peer.except : []));
  if (except.length === 0) return selectors;
  const why = 'Kube-OVN may hold an exception of a block against the other peers of its rule';
  const stays = or(not(anyBlock(except, semantics)), { type: 'unknown', why });
  return selectors.map((selector) => and(selector, stays));
}

function knownPeer(peer: RawPeer, env: CompileEnv): Selector {
  const { selectors } = knownUnder(env.semantics);
  let selector = selectors.get(peer);
  if (selector === undefined) selectors.set(peer, (selector = compilePeer(peer, env)));
  return selector;
}

function compilePeer(peer: RawPeer, env: CompileEnv): Selector {
  const { semantics } = env;
  if (!isBlock(peer)) {
    const { podPeers } = dialectOf(semantics);
    if (podPeers === 'ovn') return ovnPeer(peer, env);
    if (podPeers === 'azure-npm') return azurePeer(peer, env);
    const pods = podPeer(semantics, asCniReads(peer.selector, semantics));
    return withUnlabelled(pods, { ...peer, local: peersAreLocal(semantics) }, semantics);
  }
  const odd = oddBlock(peer, semantics);
  if (odd !== null) return odd;
  switch (semantics.ipBlockExcept) {
    case 'ignored':
    case 'widened':
      return blockSelector(peer.cidr, [], semantics);
    case 'unknown':
      if (peer.except.length === 0) return blockSelector(peer.cidr, [], semantics);
      return and(blockSelector(peer.cidr, [], semantics), { type: 'unknown', why: 'the CNI may ignore `except`' });
    case 'exact':
    case 'narrowed':
    case 'rejected':
      return blockSelector(peer.cidr, peer.except, semantics);
  }
}

/**
 * Blocks and exceptions of a rule as one set. An exception holds against every block (NP-43), or the longest prefix that has
 * an address decides, and one that is both a block and an exception is what it was added as last, which is not known (NP-36).
 */
function asOneSet(
  blocks: readonly RawBlock[],
  { decides, everyIpv6 }: BlocksOfRule,
  semantics: Semantics,
): readonly Selector[] {
  const read = blocks.map((block) => octalBlock(block, semantics));
  const known = read.filter((block) => block !== null);
  const exceptions = [...new Set(known.flatMap(({ except }) => except))];
  const cidrs = known.flatMap(({ cidr }) => (cidr === '::/0' ? everyIpv6 : [cidr]));
  const others = blocks.filter((_, index) => read[index] === null).map(({ cidr }) => unread(cidr));
  const selectors = cidrs.flatMap((cidr): readonly Selector[] => {
    if (decides === 'exception' && exceptions.some((exception) => blockWithin(cidr, exception))) return [];
    const within = exceptions.filter((exception) => exception !== cidr && blockWithin(exception, cidr));
    const block = blockSelector(cidr, within, semantics);
    const why = `\`${cidr}\` is an exception of the same rule, and which of the two counts depends on their order`;
    return [exceptions.includes(cidr) ? and(block, { type: 'unknown', why }) : block];
  });
  return [...selectors, ...others];
}
