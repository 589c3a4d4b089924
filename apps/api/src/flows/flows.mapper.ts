import type { KeptFlow } from '#analysis';
import { protocolName } from '#engine';

/** A kept flow as both doors show it. */
export function toKeptFlow({ source, destination, protocol, port, verdict, ...flow }: KeptFlow) {
  const { reasons, policies, count, firstSeen, lastSeen, origins } = flow;
  return {
    source: source.asked,
    destination: destination.asked,
    hostNames: destination.hostNames,
    protocol: protocolName(protocol),
    port,
    seen: verdict,
    reasons,
    told: policies,
    count,
    firstSeen: firstSeen.toISOString(),
    lastSeen: lastSeen.toISOString(),
    origins,
  };
}
