import { formatCidr, formatIp, parseCidr } from '#engine';
import type { Cidr, Ip } from '#engine';

/** Blocks in one rule beyond which addresses next to each other are taken together. */
const MOST_BLOCKS = 16;
/** Prefixes that addresses are widened to, one after the other, until the blocks are few. */
const WIDER: Readonly<Record<4 | 6, readonly number[]>> = { 4: [24, 16], 6: [64, 48] };

/** Blocks that hold some addresses. `widened`: they hold others too. */
export interface AddressBlocks {
  readonly cidrs: readonly string[];
  readonly widened: boolean;
}

/** The fewest blocks that hold exactly these addresses; where that is more than a rule should have, wider ones. */
export function addressBlocks(addresses: readonly Ip[]): AddressBlocks {
  const families = ([4, 6] as const).map((family) => familyBlocks(addresses, family));
  return { cidrs: families.flatMap(({ cidrs }) => cidrs), widened: families.some(({ widened }) => widened) };
}

function familyBlocks(addresses: readonly Ip[], family: 4 | 6): AddressBlocks {
  const bits = family === 4 ? 32 : 128;
  const own = addresses.filter((ip) => ip.family === family);
  let blocks = merged(own, bits);
  let widened = false;
  for (const prefix of WIDER[family]) {
    if (blocks.length <= MOST_BLOCKS) break;
    blocks = merged(own, prefix);
    widened = true;
  }
  return { cidrs: blocks.map(formatCidr), widened };
}

/** Blocks of one size around addresses, with every two halves of a larger block made into it. */
function merged(addresses: readonly Ip[], prefix: number): readonly Cidr[] {
  const blocks = new Map<string, Cidr>();
  for (const ip of addresses) add(blocks, block(ip, prefix));
  return [...blocks.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

function add(blocks: Map<string, Cidr>, cidr: Cidr): void {
  const { family, from, to, prefix } = cidr;
  const size = to - from + 1n;
  const isLower = (from / size) % 2n === 0n;
  const buddy = formatCidr({ ...cidr, from: isLower ? from + size : from - size });
  if (prefix > 0 && blocks.delete(buddy))
    add(blocks, block({ family, value: isLower ? from : from - size }, prefix - 1));
  else blocks.set(formatCidr(cidr), cidr);
}

function block(ip: Ip, prefix: number): Cidr {
  return parseCidr(`${formatIp(ip)}/${prefix}`) as Cidr;
}
