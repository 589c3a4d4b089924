import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { DeliveryError } from './delivery-error.js';

/** Addresses that lead into this machine, its networks, or nowhere. */
const PRIVATE_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
/** All of IPv6 but global unicast, and of that what carries an IPv4 address or is for documentation. */
const PUBLIC_V6 = ['2000::', 3] as const;
const PRIVATE_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const hidden = new BlockList();
for (const [network, prefix] of PRIVATE_V4) hidden.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of PRIVATE_V6) hidden.addSubnet(network, prefix, 'ipv6');
const global = new BlockList();
global.addSubnet(...PUBLIC_V6, 'ipv6');

/** True for an address that is not on the internet: loopback, private, link-local, multicast, documentation. */
export function isPrivateAddress(address: string): boolean {
  if (!isIPv6(address)) return hidden.check(address, 'ipv4');
  return !global.check(address, 'ipv6') || hidden.check(address, 'ipv6');
}

/**
 * The address to connect to, for a host name or an address. A name is resolved once, here, and who asks connects to what
 * comes out: so a name that means another address a moment later gains nothing.
 * @throws DeliveryError when the host is not known, or when any of its addresses is private and that is not allowed
 */
export async function addressOf(host: string, allowPrivate: boolean): Promise<{ address: string; family: 4 | 6 }> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(bare) === 0 ? await resolve(bare) : [{ address: bare, family: isIP(bare) }];
  const hit = allowPrivate ? undefined : found.find(({ address }) => isPrivateAddress(address));
  if (hit !== undefined) {
    const detail = `\`${host}\` leads to ${hit.address}, which is not on the internet, set ATLAS_PRIVATE_TARGETS=yes to allow it`;
    throw new DeliveryError(detail, true);
  }
  const [first] = found;
  if (first === undefined) throw new DeliveryError(`\`${host}\` has no address`, false);
  return { address: first.address, family: first.family === 6 ? 6 : 4 };
}

async function resolve(host: string): Promise<{ address: string; family: number }[]> {
  try {
    return await lookup(host, { all: true });
  } catch (cause) {
    throw new DeliveryError(`the host name \`${host}\` is not known`, false, { cause });
  }
}
