import type { ContainerFact } from '../model/index.js';
import { contains, parseCidr, parseIp } from '../net/index.js';
import type { Cidr } from '../net/index.js';

/** What of a DaemonSet tells whether it is the DNS cache of the nodes. */
export interface CacheCandidate {
  readonly kind: string;
  readonly name: string;
  readonly hostNetwork: boolean;
  readonly containers: readonly ContainerFact[];
}

/** The option of Cilium that is none of its agent: these addresses, which it takes for the host's, with commas. */
export const NODE_CACHE = 'node-dns-cache';

const CACHE = /^node-?local-?dns/;
/** Where it listens unless it is told otherwise. */
const USUAL_ADDRESS = '169.254.20.10';
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'].map((text) => parseCidr(text) as Cidr);

/**
 * The addresses at which a DNS cache on the host network of every node is asked, each node's own; none where there is no
 * such cache. It may listen at the address of the cluster's DNS Service besides, which is no address of its own.
 */
export function nodeCacheAddresses(candidates: Iterable<CacheCandidate>): readonly string[] {
  const found = new Set<string>();
  for (const { kind, name, hostNetwork, containers } of candidates) {
    if (kind !== 'DaemonSet' || !hostNetwork || !CACHE.test(name)) continue;
    const own = containers.flatMap(({ args }) => listenAddresses(args)).filter(isLinkLocal);
    for (const address of own.length > 0 ? own : [USUAL_ADDRESS]) found.add(address);
  }
  return [...found].sort();
}

function listenAddresses(args: readonly string[]): readonly string[] {
  return args.flatMap((argument, index) => {
    const [, value = args[index + 1] ?? ''] = /^--?localip(?:=(.*))?$/.exec(argument) ?? [null, ''];
    return value.split(',').map((text) => text.trim());
  });
}

function isLinkLocal(text: string): boolean {
  const ip = parseIp(text);
  return ip !== null && LINK_LOCAL.some((block) => contains(block, ip));
}
