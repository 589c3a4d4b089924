import { parseCidr, parseIp, type IpRange } from '#engine';

/** The ranges that a peer of addresses names: an address, a block, or ranges with commas; null for anything else. */
export function readAddressRanges(text: string): readonly IpRange[] | null {
  const out: IpRange[] = [];
  for (const part of text.split(',')) {
    const range = readRange(part.trim());
    if (range === null) return null;
    out.push(range);
  }
  return out;
}

function readRange(text: string): IpRange | null {
  const block = parseCidr(text);
  if (block !== null) return { family: block.family, from: block.from, to: block.to };
  const [first = '', last = first] = text.split('-');
  const from = parseIp(first);
  const to = parseIp(last);
  if (from === null || from.family !== to?.family) return null;
  return { family: from.family, from: from.value, to: to.value };
}
