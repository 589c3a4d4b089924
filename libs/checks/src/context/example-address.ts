import { externalEndpoint, formatIp, parseIp } from '#engine';
import type { Endpoint, Ip, IpRange } from '#engine';

/** Stands for the internet where any public address will do. */
export const INTERNET: Endpoint = externalEndpoint(parseIp('8.8.8.8') as Ip);

/** The first address of a range, as someone outside the cluster. */
export function firstAddress(range: IpRange): Endpoint {
  return externalEndpoint({ family: range.family, value: range.from });
}

/** A single address as a block. */
export function blockOf(ip: Ip): string {
  return `${formatIp(ip)}/${ip.family === 4 ? 32 : 128}`;
}

/** The same, of the newer family. */
export const INTERNET_V6: Endpoint = externalEndpoint(parseIp('2001:4860:4860::8888') as Ip);
