import type { KeptFlow } from '#analysis';
import { protocolName } from '#engine';
import type { Body } from '../rest/schema-registry.js';
import type { keptFlowBody } from './flows.body.js';

/** A kept flow as both doors show it. */
export function toKeptFlow({
  source,
  destination,
  protocol,
  port,
  verdict,
  ...flow
}: KeptFlow): Body<typeof keptFlowBody> {
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
