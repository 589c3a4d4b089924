import { groupBy, partition } from '../../base/index.js';
import { ANY_PORT } from '../../model/index.js';
import type { PolicyEntry, Semantics } from '../../model/index.js';
import { parseCidr } from '../../net/index.js';
import { blockSelector } from '../shared/index.js';
import type { RawRule } from './networkpolicy.parse.js';
import { isBlock } from './peers.compile.js';
import { NO_ORDER } from './rule-part.js';
import type { RulePart } from './rule-part.js';

interface Placed extends RawRule {
  readonly order: PolicyEntry['order'];
}

/**
 * Where of all rules of a pod the longest prefix decides that has the address: peers of one rule by their prefix, pods that
 * selectors choose being addresses of their own, which come first. (AWS-17)
 */
export function inOrderOfPrefix({ peers, ports }: RawRule, semantics: Semantics): readonly Placed[] {
  if (!decidesByPrefix(semantics)) return [{ peers, ports, order: NO_ORDER }];
  if (peers === null) return [{ peers, ports, order: placeOf(0) }];
  const [blocks, pods] = partition(peers, isBlock);
  const byBits = [...groupBy(blocks, ({ cidr }) => bitsOf(cidr))].sort(([a], [b]) => b - a);
  return [
    ...(pods.length > 0 || blocks.length === 0 ? [{ peers: pods, ports, order: NO_ORDER }] : []),
    ...byBits.map(([bits, some]) => ({ peers: some, ports, order: placeOf(bits) })),
  ];
}

/** Exceptions as what may deny whatever shorter blocks of any rule let by; whether it does depends on longer ones. (AWS-17) */
export function exceptionsAsDeny({ peers }: RawRule, semantics: Semantics): readonly RulePart[] {
  if (!decidesByPrefix(semantics)) return [];
  const excepted = new Set((peers ?? []).flatMap((peer) => (isBlock(peer) ? peer.except : [])));
  const what = 'an exception becomes a deny that may defeat blocks of other rules';
  return [...excepted].map((cidr) => ({
    action: 'deny',
    peers: { type: 'of', selectors: [blockSelector(cidr, [], semantics)] },
    ports: ANY_PORT,
    conditions: [{ type: 'unsupported', what }],
    order: [...placeOf(bitsOf(cidr)), 1],
  }));
}

const decidesByPrefix = ({ ipBlockExcept }: Semantics): boolean => ipBlockExcept === 'narrowed';

const placeOf = (bits: number): PolicyEntry['order'] => [128 - bits];

const bitsOf = (cidr: string): number => parseCidr(cidr)?.prefix ?? 0;
