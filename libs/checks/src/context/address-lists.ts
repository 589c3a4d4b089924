import { field, isWithin, list, oncePer, parseCidr, path, text } from '#engine';
import type { Cidr, Json } from '#engine';

import type { AddressList } from './audit-settings.js';

/**
 * The blocks that a provider publishes as its own, in the form of AWS (`ip-ranges.json`), Google (`cloud.json`,
 * `goog.json`) or Azure (service tags), one list for each service and region. Null for what is in none of these forms.
 */
export function readAddressLists(published: unknown): readonly AddressList[] | null {
  const values = list(field(published, 'values'));
  if (values.length > 0) return ofAzure(published, values);
  const prefixes = [...list(field(published, 'prefixes')), ...list(field(published, 'ipv6_prefixes'))];
  if (prefixes.length === 0) return null;
  const aws = text(field(published, 'createDate'));
  const date = aws === '' ? text(field(published, 'creationTime')).slice(0, 10) : aws.slice(0, 10);
  const provider = aws === '' ? 'Google' : 'AWS';
  const groups = new Map<string, { service: string; region: string; blocks: string[] }>();
  for (const prefix of prefixes) {
    const service = text(field(prefix, 'service'));
    const region = text(field(prefix, 'region') ?? field(prefix, 'scope'));
    const block = BLOCK_KEYS.map((key) => text(field(prefix, key))).find((value) => value !== '');
    if (block === undefined) continue;
    const key = `${service}\0${region}`;
    const group = groups.get(key) ?? { service, region, blocks: [] };
    groups.set(key, group);
    group.blocks.push(block);
  }
  // Every block of AWS stands under its own name too: what a service calls its own says more.
  const found = [...groups.values()].toSorted(
    (a, b) => Number(a.service === 'AMAZON') - Number(b.service === 'AMAZON'),
  );
  return found.map((group) => ({ provider, date, ...group }));
}

const BLOCK_KEYS = ['ip_prefix', 'ipv6_prefix', 'ipv4Prefix', 'ipv6Prefix'] as const;

function ofAzure(published: unknown, values: readonly Json[]): readonly AddressList[] {
  const change = field(published, 'changeNumber');
  const date = typeof change === 'number' ? `change ${change}` : '';
  return values.map((value) => ({
    provider: 'Azure',
    service: text(path(value, 'properties', 'systemService')) || text(field(value, 'name')),
    region: text(path(value, 'properties', 'region')),
    blocks: list(path(value, 'properties', 'addressPrefixes')).map(text),
    date,
  }));
}

/** A block of a list. */
export interface PublishedBlock {
  readonly list: AddressList;
  readonly published: Cidr;
}

interface Index {
  /** By family, length and first address. */
  readonly exact: ReadonlyMap<string, PublishedBlock>;
  /** In order of their first addresses. */
  readonly sorted: Readonly<Record<4 | 6, readonly PublishedBlock[]>>;
}

/** A published block that holds `block` or lies within it, the widest that holds it first; null for none. */
export function publishedNear(lists: readonly AddressList[], block: Cidr): PublishedBlock | null {
  const index = indexOf(lists);
  const bits = block.family === 4 ? 32n : 128n;
  for (let prefix = 0; prefix <= block.prefix; prefix++) {
    const rest = bits - BigInt(prefix);
    const around = index.exact.get(keyOf(block.family, prefix, (block.from >> rest) << rest));
    if (around !== undefined) return around;
  }
  const sorted = index.sorted[block.family];
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as PublishedBlock).published.from < block.from) low = middle + 1;
    else high = middle;
  }
  const next = sorted[low];
  return next !== undefined && isWithin(next.published, block) ? next : null;
}

const indexOf = oncePer((lists: readonly AddressList[]): Index => {
  const exact = new Map<string, PublishedBlock>();
  for (const list of lists) {
    for (const block of list.blocks) {
      const published = parseCidr(block);
      if (published === null) continue;
      const key = keyOf(published.family, published.prefix, published.from);
      if (!exact.has(key)) exact.set(key, { list, published });
    }
  }
  const sorted = [...exact.values()].sort((a, b) => (a.published.from < b.published.from ? -1 : 1));
  const of = (family: 4 | 6): readonly PublishedBlock[] =>
    sorted.filter(({ published }) => published.family === family);
  return { exact, sorted: { 4: of(4), 6: of(6) } };
});

function keyOf(family: 4 | 6, prefix: number, from: bigint): string {
  return `${family} ${prefix} ${from}`;
}
