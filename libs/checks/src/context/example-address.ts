import { externalEndpoint, parseIp } from '#engine';
import type { Endpoint, Ip, IpRange } from '#engine';

/** Stands for the internet where any public address will do, to pods with an address of the older family. */
export const INTERNET: Endpoint = externalEndpoint(parseIp('8.8.8.8') as Ip);

/** Whether an endpoint may have addresses of a family: a template may get either. */
export function hasFamily({ ips }: Endpoint, family: 4 | 6): boolean {
  return ips.length === 0 || ips.some((ip) => ip.family === family);
}

/** So few of some pods that what one of them may speak with, one of these may: the first of each family. */
export function oneOfEachFamily(pods: readonly Endpoint[]): readonly Endpoint[] {
  const found = ([4, 6] as const).flatMap((family) => pods.find((pod) => hasFamily(pod, family)) ?? []);
  return [...new Set(found)];
}

/** A public address that a pod may speak with. */
export function internetFor(pod: Endpoint): Endpoint {
  return hasFamily(pod, 4) ? INTERNET : INTERNET_V6;
}

/** The first address of a range, as someone outside the cluster. */
export function firstAddress(range: IpRange): Endpoint {
  return externalEndpoint({ family: range.family, value: range.from });
}

/** The same to pods that have addresses of the newer family alone. */
export const INTERNET_V6: Endpoint = externalEndpoint(parseIp('2001:4860:4860::8888') as Ip);
