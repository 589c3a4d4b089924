/** An address: family and value. IPv4 values are below 2^32; both are unsigned. */
export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** An inclusive range of addresses of one family. */
export interface IpRange {
  readonly family: 4 | 6;
  readonly from: bigint;
  readonly to: bigint;
}

const V4_BITS = 32;
const V6_BITS = 128;
const MAX_V4 = (1n << 32n) - 1n;
const MAX_V6 = (1n << 128n) - 1n;

/** The whole address space of a family. */
export function everyAddress(family: 4 | 6): IpRange {
  return { family, from: 0n, to: family === 4 ? MAX_V4 : MAX_V6 };
}

/**
 * Parses an address as Kubernetes does for stored objects: leading zeros in an IPv4 octet are read as decimal, an
 * IPv4-mapped IPv6 address is the IPv4 address. Zones are refused. Returns null for anything else.
 */
export function parseIp(text: string): Ip | null {
  const v4 = parseV4(text);
  if (v4 !== null) return { family: 4, value: v4 };
  const v6 = parseV6(text);
  if (v6 === null) return null;
  if (v6 >> 32n === 0xffffn) return { family: 4, value: v6 & MAX_V4 };
  return { family: 6, value: v6 };
}

const ZERO = 48;
const DOT = 46;

function parseV4(text: string): bigint | null {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return null;
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || ++digits > 4) return null;
    octet = octet * 10 + digit;
    if (octet > 255) return null;
  }
  return dots === 3 && digits > 0 ? BigInt(value * 256 + octet) : null;
}

function parseV6(text: string): bigint | null {
  if (!text.includes(':') || text.length > 45) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] as string);
  const tail = halves.length === 2 ? groups(halves[1] as string) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one side of `::`; a trailing dotted quad counts as two. */
function groups(text: string): number[] | null {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part);
      if (v4 === null) return null;
      out.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      out.push(Number.parseInt(part, 16));
    }
  }
  return out.length <= 8 ? out : null;
}

/** Canonical text of an address (RFC 5952 for IPv6). */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) {
    const bits = Number(ip.value);
    return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
  }
  const parts = Array.from({ length: 8 }, (_, i) => Number((ip.value >> BigInt((7 - i) * 16)) & 0xffffn));
  const zeros = longestZeroRun(parts);
  const hex = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return zeros === null ? hex(0, 8) : `${hex(0, zeros[0])}::${hex(zeros[1], 8)}`;
}

/** The longest run of at least two zero groups, as [from, to). */
function longestZeroRun(parts: readonly number[]): readonly [number, number] | null {
  let best: readonly [number, number] | null = null;
  for (let from = 0; from < parts.length; from++) {
    let to = from;
    while (to < parts.length && parts[to] === 0) to++;
    if (to - from >= 2 && (best === null || to - from > best[1] - best[0])) best = [from, to];
    if (to > from) from = to;
  }
  return best;
}

/** Canonical text of an address in any accepted form, or null. */
export function canonicalIp(text: string): string | null {
  const ip = parseIp(text);
  return ip === null ? null : formatIp(ip);
}

/** A parsed CIDR: its masked range, and whether the text had host bits set or was not canonical. */
export interface Cidr extends IpRange {
  readonly prefix: number;
  readonly hostBits: boolean;
}

/**
 * Parses `address/prefix`. Host bits are masked, as the API server keeps old objects that have them
 * (kubernetes/kubernetes pkg/apis/networking/validation). Returns null for anything else.
 */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const ip = parseIp(text.slice(0, slash));
  const prefixText = text.slice(slash + 1);
  if (ip === null || !/^0*\d{1,3}$/.test(prefixText)) return null;
  let prefix = Number(prefixText);
  const mapped = ip.family === 4 && text.includes(':');
  if (mapped) prefix -= V6_BITS - V4_BITS;
  const bits = ip.family === 4 ? V4_BITS : V6_BITS;
  if (prefix < 0 || prefix > bits) return null;
  const size = 1n << BigInt(bits - prefix);
  const from = ip.value - (ip.value % size);
  return { family: ip.family, from, to: from + size - 1n, prefix, hostBits: from !== ip.value };
}

/** Forms of a block that some readers take and others refuse, or read as something else. */
export interface CidrForm {
  /** An octet has a zero before it, as in `10.01.0.0/16`: Go's `net` and `net/netip` refuse it, C reads it as octal. */
  readonly octetZero: boolean;
  /** The prefix has one, as in `10.0.0.0/08`: `net/netip` refuses it. */
  readonly prefixZero: boolean;
  /** IPv4 written as IPv6, as in `::ffff:10.0.0.0/104`: to `net/netip` that is a block of IPv6. */
  readonly mapped: boolean;
}

/** How the block is written. Of text that `parseCidr` does not take it says nothing. */
export function cidrForm(text: string): CidrForm {
  return {
    octetZero: /(?:^|:)0\d+\.|\.0\d/.test(text),
    prefixZero: /\/0\d/.test(text),
    mapped: text.includes(':') && parseCidr(text)?.family === 4,
  };
}

/** Canonical `address/prefix` text. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, value: cidr.from })}/${cidr.prefix}`;
}

/** The first address of a family, null for either. */
export function firstIn(family: 4 | 6 | null, ips: readonly Ip[]): Ip | undefined {
  return family === null ? ips[0] : ips.find((ip) => ip.family === family);
}

/** A single address as a block. */
export function blockOf(ip: Ip): string {
  return `${formatIp(ip)}/${ip.family === 4 ? V4_BITS : V6_BITS}`;
}

export function contains(range: IpRange, ip: Ip): boolean {
  return range.family === ip.family && range.from <= ip.value && ip.value <= range.to;
}

/** `a` lies inside `b`, equality included. */
export function isWithin(a: IpRange, b: IpRange): boolean {
  return a.family === b.family && b.from <= a.from && a.to <= b.to;
}

/** `1.2.3.4`, `1.2.3.0/24` for what is one block, else `1.2.3.4-1.2.3.9`. */
export function formatRange({ family, from, to }: IpRange): string {
  const first = formatIp({ family, value: from });
  if (from === to) return first;
  const size = to - from + 1n;
  const bits = size.toString(2).length - 1;
  const isBlock = size === 1n << BigInt(bits) && from % size === 0n;
  return isBlock ? `${first}/${(family === 4 ? 32 : 128) - bits}` : `${first}-${formatIp({ family, value: to })}`;
}
