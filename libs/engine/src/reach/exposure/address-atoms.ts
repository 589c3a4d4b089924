import type { Selector } from '../../model/index.js';
import { everyAddress, parseCidr } from '../../net/index.js';
import type { IpRange } from '../../net/index.js';
import type { Reading } from '../../compile/compile-snapshot.js';
import { firstThat } from '../../compile/first-that.js';
import { groupAlike } from '../matrix/port-classes.js';

export type AddressBlock = Extract<Selector, { type: 'cidr' }>;

/**
 * The pieces of a family's address space on which every one of `blocks` is constant, in order, together the whole space;
 * cut at the ends of `cuts` as well. What holds for one address outside the cluster holds for its whole piece.
 */
export function addressAtoms(
  blocks: readonly AddressBlock[],
  family: 4 | 6,
  cuts: readonly IpRange[] = [],
): readonly IpRange[] {
  const whole = everyAddress(family);
  const starts = new Set<bigint>([whole.from]);
  const cut = (range: IpRange | null): void => {
    if (range?.family !== family) return;
    starts.add(range.from);
    if (range.to < whole.to) starts.add(range.to + 1n);
  };
  cuts.forEach(cut);
  for (const block of blocks) {
    cut(parseCidr(block.cidr));
    for (const except of block.except) cut(parseCidr(except));
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((from, index) => ({ family, from, to: (sorted[index + 1] ?? whole.to + 1n) - 1n }));
}

/**
 * For each of `atoms`, which stand in order, the index of the first one that lies in the same blocks: policies cannot
 * tell the two apart, so that one speaks for both.
 */
export function addressClasses(blocks: readonly AddressBlock[], atoms: readonly IpRange[]): readonly number[] {
  const groups = groupAlike(
    atoms.length,
    blocks.map((block) => ({ always: toldApart(block, atoms), named: [] })),
  );
  const first: number[] = [];
  return Array.from(groups, (group, index) => (first[group] ??= index));
}

/** The places of atoms that a block tells from all others: of those in it, or of those outside where these are fewer. */
function toldApart({ cidr, except }: AddressBlock, atoms: readonly IpRange[]): readonly number[] {
  const [from, to] = placesIn(cidr, atoms);
  const excepted = new Set(except.flatMap((text) => numbers(...placesIn(text, atoms))));
  if (to - from <= atoms.length / 2) return numbers(from, to).filter((place) => !excepted.has(place));
  return [...new Set([...numbers(0, from), ...excepted, ...numbers(to, atoms.length)])];
}

/** Where the atoms of a block begin and end; nowhere for one of another family. */
function placesIn(text: string, atoms: readonly IpRange[]): readonly [number, number] {
  const block = parseCidr(text);
  if (block === null || block.family !== atoms[0]?.family) return [0, 0];
  return [firstThat(atoms, (atom) => atom.from >= block.from), firstThat(atoms, (atom) => atom.from > block.to)];
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Every distinct address block in the policies of `readings`. */
export function addressBlocks(readings: Iterable<Reading>): readonly AddressBlock[] {
  const selectors = new Set<Selector>();
  for (const reading of readings) {
    for (const set of reading.sets) {
      for (const { subject, peers } of set.rules) {
        selectors.add(subject);
        if (peers.type === 'of') for (const selector of peers.selectors) selectors.add(selector);
      }
    }
  }
  const found = new Map<string, AddressBlock>();
  for (const selector of selectors) eachBlock(selector, (block) => found.set(JSON.stringify(block), block));
  return [...found.values()];
}

function eachBlock(selector: Selector, visit: (block: AddressBlock) => void): void {
  switch (selector.type) {
    case 'and':
    case 'or':
      for (const member of selector.of) eachBlock(member, visit);
      return;
    case 'not':
      eachBlock(selector.of, visit);
      return;
    case 'cidr':
      visit(selector);
      return;
    default:
      return;
  }
}
