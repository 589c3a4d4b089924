/** An address as a number, with the family it is of. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

function parseV4(text: string): bigint | null {
  const octets = text.split('.');
  if (octets.length !== 4) return null;
  let value = 0n;
  for (const octet of octets) {
    // Decimal also with leading zeros, as Kubernetes reads old objects.
    if (!/^\d{1,4}$/.test(octet) || Number(octet) > 255) return null;
    value = value * 256n + BigInt(Number(octet));
  }
  return value;
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const tail = parseV4(part);
      if (tail === null) return null;
      groups.push(Number(tail >> 16n), Number(tail & 0xffffn));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function parseV6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail].reduce(
    (sum, group) => sum * 65536n + BigInt(group),
    0n,
  );
}

/** Reads an IPv4 or IPv6 address; null when it is none. An IPv4-mapped IPv6 address is the IPv4 one. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const value = parseV4(text);
    return value === null ? null : { family: 4, value };
  }
  const value = parseV6(text);
  if (value === null) return null;
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

/** True when `address` lies in `block`: same family, and equal in the first bits. Host bits of the block do not count. */
export function blockContains(block: string, address: Address): boolean {
  const slash = block.lastIndexOf('/');
  const base = parseAddress(slash < 0 ? block : block.slice(0, slash));
  if (base?.family !== address.family) return false;
  const width = address.family === 4 ? 32 : 128;
  const length = slash < 0 ? width : Number(block.slice(slash + 1));
  const shift = BigInt(width - length);
  return base.value >> shift === address.value >> shift;
}

/** How many bits of addresses a block fixes. */
export function prefixOf(block: string): number {
  const [address = '', bits = ''] = block.split('/');
  // IPv4 written as IPv6.
  return Number(bits) - (address.includes(':') && address.includes('.') ? 96 : 0);
}

/** The longest prefix of the blocks that have the address; -1 where none has it. */
export function longestPrefix(blocks: readonly string[], address: Address): number {
  return Math.max(-1, ...blocks.filter((block) => blockContains(block, address)).map(prefixOf));
}
