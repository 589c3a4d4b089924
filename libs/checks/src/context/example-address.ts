import { externalEndpoint, parseIp } from '#engine';
import type { Endpoint, Ip, IpRange } from '#engine';

/** Stands for the internet where any public address will do. */
export const INTERNET: Endpoint = externalEndpoint(parseIp('8.8.8.8') as Ip);

/** The first address of a range, as someone outside the cluster. */
export function firstAddress(range: IpRange): Endpoint {
  return externalEndpoint({ family: range.family, value: range.from });
}

/** The same, of the newer family. */
export const INTERNET_V6: Endpoint = externalEndpoint(parseIp('2001:4860:4860::8888') as Ip);
