import type { Direction } from '../model/index.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { Tri } from '../compile/match-selector.js';
import type { PolicySet } from '../compile/policy-set.js';

/** Whether a policy of the cluster's CNI says something about this direction of an endpoint; what settings add is none. */
export function isSelected(set: PolicySet, direction: Direction, subject: Endpoint): Tri {
  let found: Tri = NO;
  for (const gate of set.gates) {
    if (gate.id !== 'cni') continue;
    for (const entry of gate.tiers.flatMap(({ groups }) => groups[direction].groupsFor(subject).flat())) {
      if (entry.policy.kind === 'ConfigMap') continue;
      const selects = entry.subject(subject, subject);
      if (selects === YES) return YES;
      if (selects === MAYBE) found = MAYBE;
    }
  }
  return found;
}
