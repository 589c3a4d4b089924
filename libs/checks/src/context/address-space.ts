import { everyAddress, parseCidr } from '#engine';
import type { IpRange } from '#engine';

/** Blocks that are not on the internet, after the registries of special-purpose addresses (RFC 6890), and multicast. */
export const NOT_PUBLIC: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
];

const CLOSED = NOT_PUBLIC.map((text) => parseCidr(text) as IpRange).sort(byStart);

/** The parts of a range of addresses that are on the internet; `inCluster` are further blocks that are not. */
export function publicParts(range: IpRange, inCluster: readonly IpRange[] = []): readonly IpRange[] {
  const closed = inCluster.length === 0 ? CLOSED : [...CLOSED, ...inCluster].sort(byStart);
  const { family, to } = range;
  const parts: IpRange[] = [];
  let { from } = range;
  for (const block of closed) {
    if (block.family !== family || block.to < from) continue;
    if (block.from > to) break;
    if (block.from > from) parts.push({ family, from, to: block.from - 1n });
    from = block.to + 1n;
  }
  if (from <= to) parts.push({ family, from, to });
  return parts;
}

/** Families apart. */
function byStart(a: IpRange, b: IpRange): number {
  return a.family - b.family || (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);
}

/** How many addresses some ranges hold. */
export function addressCount(ranges: readonly IpRange[]): bigint {
  return ranges.reduce((sum, range) => sum + (range.to - range.from + 1n), 0n);
}

const PUBLIC_COUNT: Readonly<Record<4 | 6, bigint>> = {
  4: addressCount(publicParts(everyAddress(4))),
  6: addressCount(publicParts(everyAddress(6))),
};

/** The share of the public addresses of their family that some ranges hold, 0–1. */
export function publicShare(ranges: readonly IpRange[]): number {
  const [first] = ranges;
  if (first === undefined) return 0;
  const whole = PUBLIC_COUNT[first.family];
  const held = addressCount(ranges.filter((range) => range.family === first.family));
  return Number((held * 1_000_000n) / whole) / 1_000_000;
}

/** Addresses at which clouds answer questions about the machine that asks, credentials included. */
export const METADATA_ADDRESSES: readonly { readonly address: string; readonly of: string }[] = [
  { address: '169.254.169.254', of: 'instance metadata of most clouds' },
  { address: 'fd00:ec2::254', of: 'AWS instance metadata over IPv6' },
  { address: '169.254.170.2', of: 'AWS task credentials' },
  { address: '169.254.170.23', of: 'EKS Pod Identity, which pods with an association need' },
  { address: '168.63.129.16', of: 'Azure platform endpoint' },
  { address: '169.254.169.252', of: 'GKE metadata server' },
];
