import { and, or } from '../../model/index.js';
import type { PolicyEntry, Selector } from '../../model/index.js';

/**
 * What a rule lets pass of the other direction where directions are not told apart: what it admits between two of the
 * policy's own pods. `chosen` is those as peers. Null where that is nothing. (NP-35)
 */
export function inOtherDirection(entry: PolicyEntry, chosen: Selector): PolicyEntry | null {
  const { peers, direction } = entry;
  if (entry.isolates || peers.type === 'none') return null;
  const { source, tier, order, tieUndefined, subject, ports, family, action, isolates, conditions } = entry;
  return {
    source,
    direction: direction === 'ingress' ? 'egress' : 'ingress',
    tier,
    order,
    tieUndefined,
    subject: peers.type === 'any' ? subject : and(subject, or(...peers.selectors)),
    peers: { type: 'of', selectors: [chosen] },
    ports,
    family,
    action,
    isolates,
    conditions,
  };
}
