import { ALL, and, not } from '../../model/index.js';
import type { Direction, PolicyEntry, Selector, Semantics } from '../../model/index.js';
import { anyBlock, peersWithin } from '../shared/index.js';
import { dialectOf } from './dialect.js';
import type { RawNetworkPolicy } from './networkpolicy.parse.js';
import { octalBlock } from './odd-blocks.js';
import { isBlock } from './peers.compile.js';

/** Whom the exceptions of earlier rules leave to a rule. */
export interface Left {
  readonly clients: Selector;
  readonly servers: Selector;
}

const EVERYBODY: Left = { clients: ALL, servers: ALL };

/**
 * Whom each rule is left with where an exception ends its policy: rules of ingress come before those of egress, and look at
 * clients where those of egress look at whom they send to. (NP-43)
 */
export function leftByExceptions(
  { rules }: RawNetworkPolicy,
  directions: readonly Direction[],
  semantics: Semantics,
): (entry: PolicyEntry) => Left {
  if (dialectOf(semantics).blocksOfRule?.decides !== 'exception') return () => EVERYBODY;
  const ended: Record<Direction, string[]> = { ingress: [], egress: [] };
  const left: Record<Direction, Left[]> = { ingress: [], egress: [] };
  const but = (cidrs: readonly string[]): Selector => not(anyBlock(cidrs, semantics));
  for (const direction of ['ingress', 'egress'] as const) {
    if (!directions.includes(direction)) continue;
    for (const { peers } of rules[direction]) {
      left[direction].push({ clients: but(ended.ingress), servers: but(ended.egress) });
      const blocks = (peers ?? []).filter(isBlock);
      ended[direction].push(...blocks.flatMap((block) => octalBlock(block, semantics)?.except ?? []));
    }
  }
  return ({ direction, source }) => left[direction][source.index] ?? EVERYBODY;
}

/** An entry for the peers that are left. */
export function forPeersLeft(entry: PolicyEntry, { clients, servers }: Left): PolicyEntry {
  const peers = entry.direction === 'ingress' ? clients : servers;
  return peers.type === 'all' ? entry : { ...entry, peers: peersWithin(entry.peers, peers) };
}

/** An entry of egress for the clients that are left. */
export function forClientsLeft(entry: PolicyEntry, { clients }: Left): PolicyEntry {
  const isNarrower = entry.direction === 'egress' && clients.type !== 'all';
  return isNarrower ? { ...entry, subject: and(entry.subject, clients) } : entry;
}
