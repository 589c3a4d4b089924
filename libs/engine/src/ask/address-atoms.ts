import { oncePer } from '../base/index.js';
import { parseCidr } from '../net/index.js';
import type { Cidr, IpRange } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import { addressBlocks } from '../reach/exposure/address-atoms.js';

/** Every block that a rule of the snapshot names, `except` entries included. */
const policyBlocks = oncePer(({ intended, enforced }: CompiledSnapshot): readonly Cidr[] => {
  const texts = addressBlocks([intended, enforced]).flatMap(({ cidr, except }) => [cidr, ...except]);
  return [...new Set(texts)].map(parseCidr).filter((cidr) => cidr !== null);
});

/** Where `range` must be cut so that no rule tells two addresses of one piece apart: the first address of each piece. */
export function addressCuts(snapshot: CompiledSnapshot, range: IpRange): bigint[] {
  const cuts = new Set<bigint>([range.from]);
  for (const block of policyBlocks(snapshot)) {
    if (block.family !== range.family) continue;
    for (const edge of [block.from, block.to + 1n]) if (edge > range.from && edge <= range.to) cuts.add(edge);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
