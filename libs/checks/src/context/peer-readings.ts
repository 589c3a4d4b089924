import { field } from '#engine';
import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';
import type { RuleView } from './policy-view.js';

/** A namespace selector and a pod selector that stand as two peers, in both readings. */
export interface PeerReadings {
  /** Positions of the peer with the namespace selector, and of the one with the pod selector. */
  readonly namespaces: number;
  readonly pods: number;
  /** Pods that both selectors match, and those that only the written reading adds. */
  readonly meant: readonly Endpoint[];
  readonly surplus: readonly Endpoint[];
  readonly likely: boolean;
}

/** The first two peers of a rule that may have been meant as one; null when the two readings do not differ. */
export function peerReadings(context: AuditContext, rule: RuleView): PeerReadings | null {
  const home = rule.policy.ref.namespace;
  const of = (has: string, hasNot: string): number[] =>
    rule.peers.flatMap((peer, at) => (field(peer, has) !== undefined && field(peer, hasNot) === undefined ? [at] : []));
  for (const namespaces of of('namespaceSelector', 'podSelector')) {
    for (const pods of of('podSelector', 'namespaceSelector')) {
      const [outer, inner] = [rule.selectors[namespaces], rule.selectors[pods]];
      if (outer === undefined || inner === undefined) continue;
      const there = context.podsChosenBy(outer);
      const here = context.podsChosenBy(inner);
      // The pod selector alone speaks of the own namespace: asked of a pod as if it were there, it tells labels only.
      const meant = there.filter((pod) => context.chooses(inner, { ...pod, namespace: home }));
      const kept = new Set(meant);
      const surplus = [...new Set([...there, ...here])].filter((pod) => !kept.has(pod));
      if (meant.length === 0 || surplus.length === 0) continue;
      return { namespaces, pods, meant, surplus, likely: here.length === 0 };
    }
  }
  return null;
}
