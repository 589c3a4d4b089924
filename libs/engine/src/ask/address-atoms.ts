import type { Selector } from '../model/index.js';
import { parseCidr } from '../net/index.js';
import type { Cidr, IpRange } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';

const BLOCKS = new WeakMap<CompiledSnapshot, readonly Cidr[]>();

/** Every block that a rule of the snapshot names, `except` entries included. */
export function policyBlocks(snapshot: CompiledSnapshot): readonly Cidr[] {
  let blocks = BLOCKS.get(snapshot);
  if (blocks === undefined) {
    const texts = new Set<string>();
    for (const set of [...snapshot.intended.sets, ...snapshot.enforced.sets]) {
      for (const { peers, subject } of set.rules) {
        collect(subject, texts);
        if (peers.type === 'of') for (const selector of peers.selectors) collect(selector, texts);
      }
    }
    blocks = [...texts]
      .sort()
      .map(parseCidr)
      .filter((cidr): cidr is Cidr => cidr !== null);
    BLOCKS.set(snapshot, blocks);
  }
  return blocks;
}

function collect(selector: Selector, into: Set<string>): void {
  if (selector.type === 'cidr') {
    into.add(selector.cidr);
    for (const except of selector.except) into.add(except);
  } else if (selector.type === 'and' || selector.type === 'or') {
    for (const member of selector.of) collect(member, into);
  } else if (selector.type === 'not') collect(selector.of, into);
}

/** Where `range` must be cut so that no rule tells two addresses of one piece apart: the first address of each piece. */
export function addressCuts(snapshot: CompiledSnapshot, range: IpRange): bigint[] {
  const cuts = new Set<bigint>([range.from]);
  for (const block of policyBlocks(snapshot)) {
    if (block.family !== range.family) continue;
    for (const edge of [block.from, block.to + 1n]) if (edge > range.from && edge <= range.to) cuts.add(edge);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
