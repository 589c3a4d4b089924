import type { Selector } from '../../model/index.js';
import { everyAddress, parseCidr } from '../../net/index.js';
import type { IpRange } from '../../net/index.js';
import type { Reading } from '../../compile/compile-snapshot.js';

/**
 * The pieces of a family's address space on which every address block in the policies of `readings` is constant, in
 * order, together the whole space. What holds for one address outside the cluster holds for its whole piece.
 */
export function addressAtoms(readings: Iterable<Reading>, family: 4 | 6): readonly IpRange[] {
  const whole = everyAddress(family);
  const starts = new Set<bigint>([whole.from]);
  const cut = (text: string): void => {
    const block = parseCidr(text);
    if (block === null || block.family !== family) return;
    starts.add(block.from);
    if (block.to < whole.to) starts.add(block.to + 1n);
  };
  for (const reading of readings) {
    for (const set of reading.sets) {
      for (const { entries } of set.policies) {
        for (const { subject, peers } of entries) {
          eachBlock(subject, cut);
          if (peers.type === 'of') for (const peer of peers.selectors) eachBlock(peer, cut);
        }
      }
    }
  }
  return rangesFrom([...starts], whole);
}

/** The ranges that begin at `starts`, each ending where the next begins. */
export function rangesFrom(starts: readonly bigint[], whole: IpRange): readonly IpRange[] {
  const sorted = [...new Set(starts)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((from, index) => ({ family: whole.family, from, to: (sorted[index + 1] ?? whole.to + 1n) - 1n }));
}

function eachBlock(selector: Selector, visit: (cidr: string) => void): void {
  switch (selector.type) {
    case 'and':
    case 'or':
      for (const member of selector.of) eachBlock(member, visit);
      return;
    case 'not':
      eachBlock(selector.of, visit);
      return;
    case 'cidr':
      visit(selector.cidr);
      for (const except of selector.except) visit(except);
      return;
    default:
      return;
  }
}
