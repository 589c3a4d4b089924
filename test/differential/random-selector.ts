import type { RandomSource } from './random-source.js';
import { VALUES } from './random-words.js';

type Selector = Record<string, unknown>;

function expression(random: RandomSource, keys: readonly string[]): Record<string, unknown> {
  const operator = random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const key = random.pick(keys);
  return operator === 'In' || operator === 'NotIn'
    ? { key, operator, values: random.some(VALUES, 1, 2) }
    : { key, operator };
}

/** A LabelSelector, empty in one case of four. */
export function randomSelector(random: RandomSource, keys: readonly string[]): Selector {
  if (random.chance(0.25)) return {};
  const selector: Selector = {};
  if (random.chance(0.6)) selector['matchLabels'] = { [random.pick(keys)]: random.pick(VALUES) };
  if (random.chance(0.5)) selector['matchExpressions'] = random.several(1, 2, () => expression(random, keys));
  return selector;
}

/** A selector of namespaces: by label, or by the name that every namespace carries as a label. */
export function randomNamespaceSelector(random: RandomSource, keys: readonly string[]): Selector {
  if (random.chance(0.25)) {
    return { matchLabels: { 'kubernetes.io/metadata.name': random.pick(['red', 'green', 'blue', 'default']) } };
  }
  return randomSelector(random, keys);
}

/** An address block around one of `addresses`: from the single address to its whole family. */
export function randomBlock(random: RandomSource, addresses: readonly string[]): string {
  const address = random.pick(addresses);
  const lengths = address.includes(':') ? [0, 32, 64, 112, 128] : [0, 8, 16, 24, 25, 32];
  return canonicalBlock(address, random.pick(lengths));
}

/** A block strictly inside `block` that `except` may name, or null when it is a single address. */
export function randomInnerBlock(random: RandomSource, block: string, addresses: readonly string[]): string | null {
  const [base, text] = block.split('/') as [string, string];
  const length = Number(text);
  const width = base.includes(':') ? 128 : 32;
  if (length === width) return null;
  const inside = addresses.filter(
    (address) => address.includes(':') === base.includes(':') && canonicalBlock(address, length) === block,
  );
  const longer = (width === 32 ? [8, 16, 24, 25, 32] : [32, 64, 112, 128]).filter((candidate) => candidate > length);
  return inside.length === 0 ? null : canonicalBlock(random.pick(inside), random.pick(longer));
}

/** `address/length` with the host bits cleared. */
function canonicalBlock(address: string, length: number): string {
  if (address.includes(':')) return `${canonicalV6(address, length)}/${length}`;
  const octets = address.split('.').map(Number);
  const value = octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const shift = BigInt(32 - length);
  const masked = (value >> shift) << shift;
  return `${[24n, 16n, 8n, 0n].map((bits) => String((masked >> bits) & 255n)).join('.')}/${length}`;
}

function canonicalV6(address: string, length: number): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)];
  const value = all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  const shift = BigInt(128 - length);
  const masked = (value >> shift) << shift;
  return all.map((_, index) => ((masked >> BigInt((7 - index) * 16)) & 0xffffn).toString(16)).join(':');
}
